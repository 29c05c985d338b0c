//! Is a request valid at AWS, and does the stand-in support what it asks for?
//!
//! Three questions, in this order: the API's own model (members, required, enum, bounds, pattern), rules between
//! settings that the model does not hold, and the list of what is supported here. Complaints read as AWS's own:
//! `/outputGroups/0/outputs/0/videoDescription/width: Should be greater than or equal to 32`.

pub(super) mod rules;
mod schema;
pub(super) mod supported;

pub(super) use schema::check;

/// What is wrong with a request: a JSON pointer and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) pointer: String,
    pub(super) sentence: String,
}

impl Complaint {
    pub(super) fn new(pointer: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            sentence: sentence.into(),
        }
    }
}

/// Complaints as AWS joins them. Pointers into `settings` start below it, as AWS writes them.
pub(super) fn message(complaints: &[Complaint]) -> String {
    let line = |complaint: &Complaint| {
        let pointer = complaint
            .pointer
            .strip_prefix("/settings")
            .unwrap_or(&complaint.pointer);
        format!("{pointer}: {}", complaint.sentence)
    };
    complaints.iter().map(line).collect::<Vec<_>>().join(" | ")
}
