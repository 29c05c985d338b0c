//! The answers to requests, as they are sent.

use serde::Serialize;

use super::candidates::CandidateSet;
use super::invocation::Variant;
use crate::model::Model;
use crate::reason::Because;

/// The answer to an invocation.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(super) version: u32,
    pub(super) kind: &'static str,
    /// Which model answered: not always the requested one.
    pub(super) variant: Variant,
    pub(super) model: ModelFacts,
    /// The other model of an interleaved answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) challenger: Option<ModelFacts>,
    #[serde(flatten)]
    pub(super) content: Content,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Content {
    Items(Vec<Item>),
    Rows(Vec<RankedRow>),
}

/// Which model answered.
#[derive(Debug, Serialize)]
pub(super) struct ModelFacts {
    version: String,
    titles: usize,
}

/// A row of ranked titles.
#[derive(Debug, Serialize)]
pub(super) struct RankedRow {
    pub(super) kind: &'static str,
    pub(super) items: Vec<Item>,
}

/// A ranked title.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) title_id: String,
    pub(super) score: f64,
    /// For viewers, in English.
    pub(super) reason: String,
    /// The evidence for the reason, for programs; the strongest first.
    pub(super) because: Vec<Because>,
    /// Which model picked it, in an interleaved row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) variant: Option<Variant>,
}

impl ModelFacts {
    pub(super) fn new(model: &Model) -> Self {
        Self {
            version: model.version().to_owned(),
            titles: model.titles(),
        }
    }
}

/// The reason of a title in a row of popular ones. A title that the model does not know is new; one that it knows and that has
/// no viewers only fills the row.
pub(super) fn popular_reason(set: &CandidateSet<'_>, title: usize, genre: Option<&str>) -> String {
    let place = in_genre(genre);
    if set.popularity(title) > 0.0 {
        format!("Popular{}", genre.map_or(" now", |_| &place))
    } else if set.is_unknown(title) {
        format!("New{place}")
    } else {
        format!("Little watched so far{place}")
    }
}

/// The end of a reason about one genre.
pub(super) fn in_genre(genre: Option<&str>) -> String {
    genre.map_or_else(String::new, |genre| format!(" in {genre}"))
}
