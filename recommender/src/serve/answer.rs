//! Parts of answers: which model answered, and the reasons of popular titles.

use recommender_protocol::ModelFacts;

use super::candidates::CandidateSet;
use crate::model::Model;
use crate::reason::readable;

pub(super) fn model_facts(model: &Model) -> ModelFacts {
    ModelFacts {
        version: model.version().to_owned(),
        titles: Some(model.titles() as u64),
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
        format!("Undiscovered{place}")
    }
}

/// The end of a reason about one genre.
pub(super) fn in_genre(genre: Option<&str>) -> String {
    genre.map_or_else(String::new, |genre| format!(" in {}", readable(genre)))
}
