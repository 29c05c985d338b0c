//! Validation of requests, in this order: by the API's model (members, required, enum, bounds, pattern), by rules between settings
//! that the model lacks, and by the list of supported settings. Messages read as AWS's:
//! `/outputGroups/0/outputs/0/videoDescription/width: Should be greater than or equal to 32`.

pub(super) mod rules;
mod schema;
pub(super) mod supported;

pub(super) use schema::check;

/// An issue of a request: a JSON pointer and a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Issue {
    pub(super) pointer: String,
    pub(super) message: String,
}

impl Issue {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

/// The issues in one message, as AWS joins them. Pointers into `settings` are relative to it, as on AWS.
pub(super) fn message(issues: &[Issue]) -> String {
    let line = |issue: &Issue| {
        let pointer = issue.pointer.strip_prefix("/settings").unwrap_or(&issue.pointer);
        format!("{pointer}: {}", issue.message)
    };
    issues.iter().map(line).collect::<Vec<_>>().join(" | ")
}
