//! What the model stores of a title's document.

pub(crate) use recommender_protocol::Document;

use crate::hash;

/// The hash of the creator's id, never 0, if it is known.
pub(crate) fn creator(document: &Document) -> Option<u64> {
    document.creator_id.as_deref().map(hashed)
}

/// The hash of an episode's series, never 0, and its place in the series.
pub(crate) fn in_series(document: &Document) -> Option<(u64, u32)> {
    Some((hashed(document.series_id.as_deref()?), document.episode?))
}

fn hashed(id: &str) -> u64 {
    hash::hash(&[id.as_bytes()]).max(1)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A document for tests; genres are separated by spaces.
    pub(crate) fn document(id: &str, name: &str, genres: &str, description: &str) -> Document {
        Document {
            title_id: id.into(),
            name: name.into(),
            description: Some(description.into()),
            genres: genres.split_whitespace().map(Into::into).collect(),
            language: Some("en".into()),
            ..Document::default()
        }
    }
}
