//! Validation of requests: by the API's model (members, required, enum, bounds, pattern), with AWS's messages, and by rules between
//! members that the model lacks (`rules`). Members that AWS supports and the stand-in does not are refused by name.

pub(super) mod rules;

use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fault::Fault;
use marquee_standin::api_model::{Model, Rule, Step, Violation};

/// `requests.json` is compiled in; if it does not parse, no request is valid and a test fails.
static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| serde_json::from_str(include_str!("requests.json")).ok());

/// Reads a request of this operation.
pub(super) fn read<T: DeserializeOwned>(operation: &str, body: &[u8]) -> Result<T, Fault> {
    let body = if body.is_empty() { b"{}" } else { body };
    let request: Value = serde_json::from_slice(body).map_err(|error| Fault::serialization(&error))?;
    let violations = MODEL.as_ref().and_then(|model| model.check(operation, &request));
    let violations = violations.ok_or_else(|| Fault::unknown_operation(operation))?;

    let unknown: Vec<String> = violations
        .iter()
        .filter(|violation| violation.rule == Rule::Unknown)
        .map(|violation| slashed(&violation.path))
        .collect();
    if !unknown.is_empty() {
        return Err(unsupported(&unknown.join(", ")));
    }
    if !violations.is_empty() {
        return Err(Fault::invalid(message(&violations)));
    }
    serde_json::from_value(request).map_err(|error| unsupported(&error.to_string()))
}

/// The refusal of what AWS would accept.
fn unsupported(what: &str) -> Fault {
    Fault::invalid(format!("the local SageMaker does not support this: {what}"))
}

/// All violations in one message, as AWS writes it.
fn message(violations: &[Violation]) -> String {
    let number = violations.len();
    let errors = if number == 1 { "error" } else { "errors" };
    let sentences: Vec<String> = violations.iter().map(sentence).collect();
    format!("{number} validation {errors} detected: {}", sentences.join("; "))
}

fn sentence(violation: &Violation) -> String {
    let mut path = violation.path.clone();
    let mut value = match &violation.value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let constraint = match &violation.rule {
        Rule::Required(name) => {
            path.push(Step::Member(name.clone()));
            return format!(
                "Value null at '{}' failed to satisfy constraint: Member must not be null",
                dotted(&path)
            );
        }
        Rule::Unknown => "Member must be known".to_owned(),
        Rule::Type(name) => format!("Member must be of type {name}"),
        Rule::Enum(values) => format!("Member must satisfy enum value set: [{}]", values.join(", ")),
        Rule::MinLength(min) => format!("Member must have length greater than or equal to {min}"),
        Rule::MaxLength(max) => format!("Member must have length less than or equal to {max}"),
        Rule::Pattern(pattern) => format!("Member must satisfy regular expression pattern: {pattern}"),
        Rule::Min(min) => format!("Member must have value greater than or equal to {min}"),
        Rule::Max(max) => format!("Member must have value less than or equal to {max}"),
    };
    if matches!(violation.value, Value::Array(_) | Value::Object(_)) {
        value = violation.value.to_string();
    }
    format!(
        "Value '{value}' at '{}' failed to satisfy constraint: {constraint}",
        dotted(&path)
    )
}

/// `inputDataConfig.1.member.channelName`: members begin in lower case, lists count from 1.
fn dotted(path: &[Step]) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Member(name) => {
                let mut letters = name.chars();
                letters
                    .next()
                    .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
            }
            Step::Item(index) => format!("{}.member", index + 1),
        })
        .collect();
    steps.join(".")
}

/// `InputDataConfig/0/ChannelName`, for the stand-in's own messages.
fn slashed(path: &[Step]) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Member(name) => name.clone(),
            Step::Item(index) => index.to_string(),
        })
        .collect();
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(operation: &str, request: &Value) -> String {
        match read::<Value>(operation, request.to_string().as_bytes()) {
            Ok(_) => String::new(),
            Err(fault) => fault.message().to_owned(),
        }
    }

    #[test]
    fn the_model_parses_and_all_its_patterns_and_references_are_readable() {
        assert_eq!(MODEL.as_ref().unwrap().defects(), Vec::<String>::new());
    }

    #[test]
    fn messages_read_as_those_of_aws() {
        let stop = |name: &str| refusal("StopTrainingJob", &json!({ "TrainingJobName": name }));
        assert_eq!(stop("night-1"), "");
        assert_eq!(
            stop("a_b"),
            "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
        );
        assert!(stop(&"a".repeat(64)).starts_with("2 validation errors detected: "));
        assert_eq!(
            refusal("StopTrainingJob", &json!({})),
            "1 validation error detected: Value null at 'trainingJobName' failed to satisfy constraint: Member must not \
             be null"
        );
        assert_eq!(
            refusal("ListTrainingJobs", &json!({ "MaxResults": 101, "SortOrder": "Up" })),
            "2 validation errors detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have \
             value less than or equal to 100; Value 'Up' at 'sortOrder' failed to satisfy constraint: Member must satisfy \
             enum value set: [Ascending, Descending]"
        );
    }

    #[test]
    fn a_path_is_written_as_on_aws() {
        let variant = json!({ "VariantName": "v", "ModelName": "m",
            "ServerlessConfig": { "MemorySizeInMB": 1024, "MaxConcurrency": 201 } });
        let request = json!({ "EndpointConfigName": "c", "ProductionVariants": [variant] });
        let message = refusal("CreateEndpointConfig", &request);
        assert!(
            message.contains("'productionVariants.1.member.serverlessConfig.maxConcurrency'"),
            "{message}"
        );
        let container = json!({ "Image": "i", "Environment": { "1A": "x" } });
        let message = refusal(
            "CreateModel",
            &json!({ "ModelName": "m", "PrimaryContainer": container }),
        );
        assert!(message.contains("'primaryContainer.environment.1A'"), "{message}");
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        let message = refusal("CreateModel", &json!({ "ModelName": "m", "VpcConfig": {} }));
        assert_eq!(message, "the local SageMaker does not support this: VpcConfig");
        assert_eq!(
            refusal("ListModels", &json!({})),
            "the local SageMaker has no operation ListModels"
        );
    }
}
