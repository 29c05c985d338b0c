//! The shapes of a model, and the rules that a value breaks.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::Rule;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Shape {
    Object {
        /// The members of a structure; a map has none.
        #[serde(default)]
        members: BTreeMap<String, String>,
        #[serde(default)]
        required: Vec<String>,
        /// The shape of a map's values.
        of: Option<String>,
        /// The shape of a map's keys, where the model restricts them.
        keys: Option<String>,
        min: Option<u64>,
        max: Option<u64>,
    },
    Array {
        of: String,
        min: Option<u64>,
        max: Option<u64>,
    },
    String {
        #[serde(default, rename = "enum")]
        values: Vec<String>,
        min: Option<u64>,
        max: Option<u64>,
        pattern: Option<String>,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean {},
}

impl Shape {
    /// The rules that the value itself breaks; the caller checks its members.
    pub(super) fn broken_rules(&self, value: &Value) -> Vec<Rule> {
        match (self, value) {
            (Self::Object { required, min, max, .. }, Value::Object(given)) => {
                let missing = required
                    .iter()
                    .filter(|name| given.get(*name).is_none_or(Value::is_null))
                    .map(|name| Rule::Required(name.clone()));
                missing.chain(length(given.len() as u64, *min, *max)).collect()
            }
            (Self::Array { min, max, .. }, Value::Array(items)) => {
                length(items.len() as u64, *min, *max).into_iter().collect()
            }
            (
                Self::String {
                    values,
                    min,
                    max,
                    pattern,
                },
                Value::String(text),
            ) => {
                if !values.is_empty() {
                    return (!values.contains(text))
                        .then(|| Rule::Enum(values.clone()))
                        .into_iter()
                        .collect();
                }
                let pattern = pattern.as_ref().filter(|pattern| !matches(pattern, text));
                length(text.chars().count() as u64, *min, *max)
                    .into_iter()
                    .chain(pattern.map(|pattern| Rule::Pattern(pattern.clone())))
                    .collect()
            }
            (Self::Integer { min, max }, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                let number = number.as_i64().unwrap_or(i64::MAX);
                bounds(number, *min, *max).into_iter().collect()
            }
            (Self::Number { min, max }, Value::Number(number)) => {
                let number = number.as_f64().unwrap_or_default();
                bounds(number, *min, *max).into_iter().collect()
            }
            (Self::Boolean {}, Value::Bool(_)) => Vec::new(),
            (shape, _) => vec![Rule::Type(shape.name())],
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Object { .. } => "object",
            Self::Array { .. } => "array",
            Self::String { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Number { .. } => "number",
            Self::Boolean {} => "boolean",
        }
    }

    /// An invalid pattern, and names of unknown shapes.
    pub(super) fn defects(&self, is_known: impl Fn(&str) -> bool) -> Vec<String> {
        match self {
            Self::String {
                pattern: Some(pattern), ..
            } if Regex::new(pattern).is_err() => vec![pattern.clone()],
            Self::Array { of, .. } if !is_known(of) => vec![of.clone()],
            Self::Object { members, of, keys, .. } => {
                let all = members.values().chain(of).chain(keys);
                all.filter(|member| !is_known(member)).cloned().collect()
            }
            _ => Vec::new(),
        }
    }
}

fn length(length: u64, min: Option<u64>, max: Option<u64>) -> Option<Rule> {
    let too_short = min.filter(|min| length < *min).map(Rule::MinLength);
    too_short.or_else(|| max.filter(|max| length > *max).map(Rule::MaxLength))
}

fn bounds<T: PartialOrd + ToString + Copy>(number: T, min: Option<T>, max: Option<T>) -> Option<Rule> {
    let too_small = min.filter(|min| number < *min).map(|min| Rule::Min(min.to_string()));
    too_small.or_else(|| max.filter(|max| number > *max).map(|max| Rule::Max(max.to_string())))
}

/// A pattern without anchors must match the whole text, as on AWS.
fn matches(pattern: &str, text: &str) -> bool {
    let whole = if pattern.starts_with('^') || pattern.ends_with('$') {
        pattern.to_owned()
    } else {
        format!("^(?:{pattern})$")
    };
    // A pattern that this engine cannot read matches everything; a test asserts that there is none.
    Regex::new(&whole).map_or(true, |pattern| pattern.is_match(text))
}
