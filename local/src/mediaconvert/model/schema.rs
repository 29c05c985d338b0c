//! A request against the API's model, which `requests.json` holds in short.

use std::{collections::BTreeMap, sync::LazyLock};

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::Complaint;

#[derive(Deserialize)]
struct Model {
    requests: BTreeMap<String, String>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Shape {
    Object {
        /// The members of a structure; a map has none.
        #[serde(default)]
        members: BTreeMap<String, String>,
        #[serde(default)]
        required: Vec<String>,
        /// The shape of a map's values.
        of: Option<String>,
    },
    Array {
        of: String,
    },
    String {
        #[serde(default, rename = "enum")]
        words: Vec<String>,
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
}

/// `requests.json` is part of the program; if it does not parse, no request is valid and a test fails.
static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| serde_json::from_str(include_str!("requests.json")).ok());

/// What the model says against this request of this operation.
pub(crate) fn check(operation: &str, request: &Value) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    match MODEL
        .as_ref()
        .and_then(|model| Some((model, model.requests.get(operation)?)))
    {
        Some((model, shape)) => model.walk(shape, request, "", &mut complaints),
        None => complaints.push(Complaint::new(
            "",
            format!("{operation} is not an operation of this service"),
        )),
    }
    complaints
}

impl Model {
    fn walk(&self, shape: &str, value: &Value, pointer: &str, complaints: &mut Vec<Complaint>) {
        let Some(shape) = self.shapes.get(shape) else { return };
        let mut complain = |sentence: String| complaints.push(Complaint::new(pointer, sentence));
        match (shape, value) {
            (_, Value::Null) => {}
            (Shape::Object { members, required, of }, Value::Object(given)) => {
                for name in required
                    .iter()
                    .filter(|name| given.get(*name).is_none_or(Value::is_null))
                {
                    complain(format!("{name} is a required property"));
                }
                for (name, value) in given {
                    let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                    match members.get(name).or(of.as_ref()) {
                        Some(shape) => self.walk(shape, value, &below, complaints),
                        None => complaints.push(Complaint::new(below, "Is not a known property")),
                    }
                }
            }
            (Shape::Array { of }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.walk(of, item, &format!("{pointer}/{index}"), complaints);
                }
            }
            (
                Shape::String {
                    words,
                    min,
                    max,
                    pattern,
                },
                Value::String(text),
            ) => {
                let length = text.chars().count() as u64;
                if !words.is_empty() && !words.contains(text) {
                    let words = words
                        .iter()
                        .map(|word| format!("\"{word}\""))
                        .collect::<Vec<_>>()
                        .join(",");
                    complain(format!("Should be equal to one of the allowed values in [{words}]"));
                } else if min.is_some_and(|min| length < min) {
                    complain(format!(
                        "Should be at least {} characters long",
                        min.unwrap_or_default()
                    ));
                } else if max.is_some_and(|max| length > max) {
                    complain(format!("Should be at most {} characters long", max.unwrap_or_default()));
                } else if let Some(pattern) = pattern.as_ref().filter(|pattern| !matches(pattern, text)) {
                    complain(format!("Should match pattern \"{pattern}\""));
                }
            }
            (Shape::Integer { min, max }, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                let number = number.as_i64().unwrap_or(i64::MAX);
                if let Some(min) = min.filter(|min| number < *min) {
                    complain(format!("Should be greater than or equal to {min}"));
                } else if let Some(max) = max.filter(|max| number > *max) {
                    complain(format!("Should be less than or equal to {max}"));
                }
            }
            (Shape::Number { min, max }, Value::Number(number)) => {
                let number = number.as_f64().unwrap_or_default();
                if let Some(min) = min.filter(|min| number < *min) {
                    complain(format!("Should be greater than or equal to {min}"));
                } else if let Some(max) = max.filter(|max| number > *max) {
                    complain(format!("Should be less than or equal to {max}"));
                }
            }
            (shape, _) => complain(format!("Should be of type {}", shape.name())),
        }
    }
}

impl Shape {
    fn name(&self) -> &'static str {
        match self {
            Self::Object { .. } => "object",
            Self::Array { .. } => "array",
            Self::String { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Number { .. } => "number",
        }
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    // A pattern that this engine cannot read refuses nothing; a test sees to it that there is none.
    Regex::new(pattern).map_or(true, |pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn complaints(settings: &Value) -> String {
        super::super::message(&check(
            "CreateJob",
            &json!({ "role": "arn:aws:iam::000000000000:role/r", "settings": settings }),
        ))
    }

    #[test]
    fn the_model_parses_and_all_its_patterns_and_references_are_readable() {
        let model = MODEL.as_ref().unwrap();
        for shape in model.shapes.values() {
            match shape {
                Shape::String {
                    pattern: Some(pattern), ..
                } => assert!(Regex::new(pattern).is_ok(), "{pattern}"),
                Shape::Array { of } => assert!(model.shapes.contains_key(of), "{of}"),
                Shape::Object { members, .. } => {
                    assert!(members.values().all(|member| model.shapes.contains_key(member)));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn complaints_read_as_those_of_aws() {
        let too_small = json!({ "outputGroups": [{ "outputs": [{ "videoDescription": { "width": 16 } }] }] });
        assert_eq!(
            complaints(&too_small),
            "/outputGroups/0/outputs/0/videoDescription/width: Should be greater than or equal to 32"
        );
        let wrong_word = json!({ "timecodeConfig": { "source": "MOON" } });
        assert_eq!(
            complaints(&wrong_word),
            "/timecodeConfig/source: Should be equal to one of the allowed values in \
             [\"EMBEDDED\",\"ZEROBASED\",\"SPECIFIEDSTART\"]"
        );
        let wrong_url = json!({ "inputs": [{ "fileInput": "/etc/passwd" }] });
        assert!(complaints(&wrong_url).starts_with("/inputs/0/fileInput: Should match pattern"));
        assert!(complaints(&json!({ "inputs": 1 })).contains("/inputs: Should be of type array"));
        assert!(complaints(&json!({ "colour": 1 })).contains("/colour: Is not a known property"));
    }

    #[test]
    fn a_role_and_settings_are_required() {
        let missing = super::super::message(&check("CreateJob", &json!({})));
        assert!(missing.contains("role is a required property"), "{missing}");
        assert!(missing.contains("settings is a required property"), "{missing}");
    }

    #[test]
    fn bounds_of_fractions_hold() {
        let fine = |value: f64| {
            json!({ "outputGroups": [{ "outputs": [{ "videoDescription": { "codecSettings": { "h264Settings": {
                "qvbrSettings": { "qvbrQualityLevelFineTune": value } } } } }] }] })
        };
        assert_eq!(complaints(&fine(0.33)), "");
        assert!(complaints(&fine(1.5)).contains("Should be less than or equal to 1"));
    }
}
