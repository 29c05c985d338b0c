//! A title as callers and training data describe it, and its validation.

use jiff::Timestamp;
use kernel::territory::Territory;
use serde::{Deserialize, Serialize};

/// Characters of an id. Ids are opaque here.
const MAX_ID: usize = 64;
const MAX_NAME: usize = 500;
const MAX_DESCRIPTION: usize = 20_000;
const MAX_GENRES: usize = 32;
const MAX_PEOPLE: usize = 200;
const MAX_LABEL: usize = 200;
const MAX_MATURITY: u8 = 99;
const MAX_TERRITORIES: usize = 300;

/// A title as its catalogue describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id, which is opaque here.
    pub title_id: String,
    /// Required, except for a removed title.
    #[serde(default)]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its genres.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<String>,
    /// Those who made it or appear in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Its language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// The creator: new creators get a share of the places of a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator_id: Option<String>,
    /// The minimum age of viewers, if the title has a rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maturity: Option<u8>,
    /// Where it may be shown: everywhere if the list is empty. `None` means that the caller does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territories: Option<Vec<Territory>>,
    /// The series of an episode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_id: Option<String>,
    /// Its place in the series, counted through all seasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<u32>,
    /// Of several lines about a title, the one with the highest version counts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub version: u64,
    /// The title is no longer in the catalogue.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(version: &u64) -> bool {
    *version == 0
}

/// A refused value: its place (a JSON pointer) and what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}{}{message}", if pointer.is_empty() { "" } else { ": " })]
pub struct Refusal {
    /// Its place in the request, as a JSON pointer.
    pub pointer: String,
    /// What it must be.
    pub message: String,
}

impl Refusal {
    /// A value at `pointer` is refused.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

impl Document {
    /// Whether it names neither a series nor an episode.
    #[must_use]
    pub fn says_no_series(&self) -> bool {
        self.series_id.is_none() && self.episode.is_none()
    }

    /// Refuses empty values and those beyond the limits; `at` is the place of the document in the request.
    pub fn check(&self, at: &str) -> Result<(), Refusal> {
        not_empty(&self.title_id, MAX_ID, &format!("{at}/title_id"))?;
        if !self.removed {
            not_empty(&self.name, MAX_NAME, &format!("{at}/name"))?;
        }
        within(
            self.description.as_deref().unwrap_or_default(),
            MAX_DESCRIPTION,
            &format!("{at}/description"),
        )?;
        within(
            self.language.as_deref().unwrap_or_default(),
            MAX_LABEL,
            &format!("{at}/language"),
        )?;
        if let Some(creator) = &self.creator_id {
            not_empty(creator, MAX_ID, &format!("{at}/creator_id"))?;
        }
        if let Some(series) = &self.series_id {
            not_empty(series, MAX_ID, &format!("{at}/series_id"))?;
        }
        if self.maturity.is_some_and(|age| age > MAX_MATURITY) {
            let message = format!("must be an age from 0 to {MAX_MATURITY}");
            return Err(Refusal::new(format!("{at}/maturity"), message));
        }
        if self.territories.as_ref().is_some_and(|all| all.len() > MAX_TERRITORIES) {
            let message = format!("must have at most {MAX_TERRITORIES} entries");
            return Err(Refusal::new(format!("{at}/territories"), message));
        }
        labels(&self.genres, MAX_GENRES, &format!("{at}/genres"))?;
        labels(&self.people, MAX_PEOPLE, &format!("{at}/people"))
    }
}

fn not_empty(text: &str, max: usize, at: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new(at, "must not be empty"));
    }
    within(text, max, at)
}

fn within(text: &str, max: usize, at: &str) -> Result<(), Refusal> {
    // The number of bytes bounds the number of characters and needs no counting.
    if text.len() > max && text.chars().count() > max {
        return Err(Refusal::new(at, format!("must have at most {max} characters")));
    }
    Ok(())
}

fn labels(labels: &[String], max: usize, at: &str) -> Result<(), Refusal> {
    if labels.len() > max {
        return Err(Refusal::new(at, format!("must have at most {max} entries")));
    }
    for (index, label) in labels.iter().enumerate() {
        not_empty(label, MAX_LABEL, &format!("{at}/{index}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document {
            title_id: "a".into(),
            name: "A film".into(),
            genres: vec!["drama".into()],
            ..Document::default()
        }
    }

    #[test]
    fn names_the_field_that_is_wrong() {
        let mut wrong = document();
        wrong.genres.push("  ".into());
        assert_eq!(
            wrong.check("/title"),
            Err(Refusal::new("/title/genres/1", "must not be empty"))
        );

        let mut long = document();
        long.description = Some("é".repeat(MAX_DESCRIPTION + 1));
        assert_eq!(long.check("").unwrap_err().pointer, "/description");
    }

    #[test]
    fn counts_characters_not_bytes() {
        let mut long = document();
        long.description = Some("é".repeat(MAX_DESCRIPTION));
        assert_eq!(long.check(""), Ok(()));
    }
}
