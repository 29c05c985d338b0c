//! A request against an API's own model: members, required, enum, bounds and pattern as botocore has them, in short
//! (`trim-models.py`). What is wrong is told in this module's words; each service has its own sentences for it.

mod shape;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use self::shape::Shape;

/// An API's model.
#[derive(Debug, Deserialize)]
pub struct Model {
    requests: BTreeMap<String, String>,
    shapes: BTreeMap<String, Shape>,
}

/// Something that the model says against a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Where, from the request down.
    pub path: Vec<Step>,
    /// What stands there.
    pub value: Value,
    /// What is wrong with it.
    pub rule: Rule,
}

/// A step on the way down into a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member of a structure or a map.
    Member(String),
    /// An item of a list, from 0.
    Item(usize),
}

/// The rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// This member has to be there.
    Required(String),
    /// The model has no such member.
    Unknown,
    /// It has to be of this type.
    Type(&'static str),
    /// It has to be one of these words.
    Words(Vec<String>),
    /// A text, list or map has to have at least so many characters or entries.
    Shortest(u64),
    /// … at most so many.
    Longest(u64),
    /// A text has to match this pattern.
    Pattern(String),
    /// A number has to be at least this.
    Least(String),
    /// A number has to be at most this.
    Most(String),
}

impl Model {
    /// What the model says against this request of this operation; nothing can be said of an operation that it lacks.
    #[must_use]
    pub fn check(&self, operation: &str, request: &Value) -> Option<Vec<Violation>> {
        let shape = self.requests.get(operation)?;
        let mut violations = Vec::new();
        self.walk(shape, request, &mut Vec::new(), &mut violations);
        Some(violations)
    }

    fn walk(&self, shape: &str, value: &Value, path: &mut Vec<Step>, violations: &mut Vec<Violation>) {
        let Some(shape) = self.shapes.get(shape) else { return };
        if value.is_null() {
            return;
        }
        violations.extend(shape.rules_broken_by(value).into_iter().map(|rule| Violation {
            path: path.clone(),
            value: value.clone(),
            rule,
        }));
        match (shape, value) {
            (Shape::Object { members, of, keys, .. }, Value::Object(given)) => {
                for (name, value) in given {
                    path.push(Step::Member(name.clone()));
                    if let Some(keys) = keys {
                        self.walk(keys, &Value::String(name.clone()), path, violations);
                    }
                    match members.get(name).or(of.as_ref()) {
                        Some(shape) => self.walk(shape, value, path, violations),
                        None => violations.push(Violation {
                            path: path.clone(),
                            value: value.clone(),
                            rule: Rule::Unknown,
                        }),
                    }
                    path.pop();
                }
            }
            (Shape::Array { of, .. }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Step::Item(index));
                    self.walk(of, item, path, violations);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// References that lead nowhere and patterns that cannot be read. Tests of the stand-ins see to it that there are none.
    #[must_use]
    pub fn defects(&self) -> Vec<String> {
        let is_known = |name: &str| self.shapes.contains_key(name);
        let requests = self.requests.values().filter(|name| !is_known(name)).cloned();
        requests
            .chain(self.shapes.values().flat_map(|shape| shape.defects(is_known)))
            .collect()
    }
}
