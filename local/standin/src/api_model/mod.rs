//! Validates a request against the model of its API (members, required, enum, bounds and pattern), which `trim-models.py` takes
//! from botocore. Each service puts the violations into its own sentences.

mod shape;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use self::shape::Shape;

/// The model of an API.
#[derive(Debug, Deserialize)]
pub struct Model {
    requests: BTreeMap<String, String>,
    shapes: BTreeMap<String, Shape>,
}

/// A value of a request that breaks a rule of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The path to the value, from the request down.
    pub path: Vec<Step>,
    /// The value.
    pub value: Value,
    /// The broken rule.
    pub rule: Rule,
}

/// A step of a path into a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member of a structure or a map.
    Member(String),
    /// An item of a list, from 0.
    Item(usize),
}

/// A rule of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// This member is required.
    Required(String),
    /// The model has no such member.
    Unknown,
    /// The value must be of this type.
    Type(&'static str),
    /// The value must be one of these.
    Enum(Vec<String>),
    /// The minimum length of a string, list or map.
    MinLength(u64),
    /// The maximum length of a string, list or map.
    MaxLength(u64),
    /// A string must match this pattern.
    Pattern(String),
    /// The minimum of a number.
    Min(String),
    /// The maximum of a number.
    Max(String),
}

impl Model {
    /// The violations of a request; `None` if the model lacks the operation.
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
        violations.extend(shape.broken_rules(value).into_iter().map(|rule| Violation {
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

    /// References to unknown shapes and invalid patterns. Tests of the stand-ins assert that there are none.
    #[must_use]
    pub fn defects(&self) -> Vec<String> {
        let is_known = |name: &str| self.shapes.contains_key(name);
        let requests = self.requests.values().filter(|name| !is_known(name)).cloned();
        requests
            .chain(self.shapes.values().flat_map(|shape| shape.defects(is_known)))
            .collect()
    }
}
