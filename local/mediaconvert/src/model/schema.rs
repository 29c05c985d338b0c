//! A request against the API's model, which `requests.json` holds in short, with complaints as MediaConvert words them.

use std::sync::LazyLock;

use serde_json::Value;

use super::Complaint;
use marquee_standin::api_model::{Model, Rule, Step, Violation};

/// `requests.json` is part of the program; if it does not parse, no request is valid and a test fails.
static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| serde_json::from_str(include_str!("requests.json")).ok());

/// What the model says against this request of this operation.
pub(crate) fn check(operation: &str, request: &Value) -> Vec<Complaint> {
    match MODEL.as_ref().and_then(|model| model.check(operation, request)) {
        Some(violations) => violations.iter().map(complaint).collect(),
        None => vec![Complaint::new(
            "",
            format!("{operation} is not an operation of this service"),
        )],
    }
}

fn complaint(violation: &Violation) -> Complaint {
    let pointer: String = violation
        .path
        .iter()
        .map(|step| match step {
            Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Item(index) => format!("/{index}"),
        })
        .collect();
    let sentence = match &violation.rule {
        Rule::Required(name) => format!("{name} is a required property"),
        Rule::Unknown => "Is not a known property".to_owned(),
        Rule::Type(name) => format!("Should be of type {name}"),
        Rule::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            format!("Should be equal to one of the allowed values in [{}]", words.join(","))
        }
        Rule::Shortest(least) => format!("Should be at least {least} characters long"),
        Rule::Longest(most) => format!("Should be at most {most} characters long"),
        Rule::Pattern(pattern) => format!("Should match pattern \"{pattern}\""),
        Rule::Least(least) => format!("Should be greater than or equal to {least}"),
        Rule::Most(most) => format!("Should be less than or equal to {most}"),
    };
    Complaint::new(pointer, sentence)
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
        assert_eq!(MODEL.as_ref().unwrap().defects(), Vec::<String>::new());
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
