//! Validation by the API's model (`requests.json`), with MediaConvert's messages.

use std::sync::LazyLock;

use serde_json::Value;

use super::Issue;
use marquee_standin::api_model::{Model, Rule, Step, Violation};

/// `requests.json` is compiled in; if it does not parse, no request is valid and a test fails.
static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| serde_json::from_str(include_str!("requests.json")).ok());

/// The issues of a request of this operation.
pub(crate) fn check(operation: &str, request: &Value) -> Vec<Issue> {
    match MODEL.as_ref().and_then(|model| model.check(operation, request)) {
        Some(violations) => violations.iter().map(issue).collect(),
        None => vec![Issue::new(
            "",
            format!("{operation} is not an operation of this service"),
        )],
    }
}

fn issue(violation: &Violation) -> Issue {
    let pointer: String = violation
        .path
        .iter()
        .map(|step| match step {
            Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Item(index) => format!("/{index}"),
        })
        .collect();
    let message = match &violation.rule {
        Rule::Required(name) => format!("{name} is a required property"),
        Rule::Unknown => "Is not a known property".to_owned(),
        Rule::Type(name) => format!("Should be of type {name}"),
        Rule::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
            format!("Should be equal to one of the allowed values in [{}]", values.join(","))
        }
        Rule::MinLength(min) => format!("Should be at least {min} characters long"),
        Rule::MaxLength(max) => format!("Should be at most {max} characters long"),
        Rule::Pattern(pattern) => format!("Should match pattern \"{pattern}\""),
        Rule::Min(min) => format!("Should be greater than or equal to {min}"),
        Rule::Max(max) => format!("Should be less than or equal to {max}"),
    };
    Issue::new(pointer, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issues(settings: &Value) -> String {
        super::super::message(&check(
            "CreateJob",
            &json!({ "role": "arn:aws:iam::000000000000:role/r", "settings": settings }),
        ))
    }

    #[test]
    fn the_model_parses_and_all_its_patterns_and_references_are_readable() {
        assert_eq!(MODEL.as_ref().unwrap().defects(), Vec::<String>::new());
    }

    #[test]
    fn messages_read_as_those_of_aws() {
        let too_small = json!({ "outputGroups": [{ "outputs": [{ "videoDescription": { "width": 16 } }] }] });
        assert_eq!(
            issues(&too_small),
            "/outputGroups/0/outputs/0/videoDescription/width: Should be greater than or equal to 32"
        );
        let wrong_value = json!({ "timecodeConfig": { "source": "MOON" } });
        assert_eq!(
            issues(&wrong_value),
            "/timecodeConfig/source: Should be equal to one of the allowed values in \
             [\"EMBEDDED\",\"ZEROBASED\",\"SPECIFIEDSTART\"]"
        );
        let wrong_url = json!({ "inputs": [{ "fileInput": "/etc/passwd" }] });
        assert!(issues(&wrong_url).starts_with("/inputs/0/fileInput: Should match pattern"));
        assert!(issues(&json!({ "inputs": 1 })).contains("/inputs: Should be of type array"));
        assert!(issues(&json!({ "colour": 1 })).contains("/colour: Is not a known property"));
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
        assert_eq!(issues(&fine(0.33)), "");
        assert!(issues(&fine(1.5)).contains("Should be less than or equal to 1"));
    }
}
