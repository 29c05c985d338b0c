//! The requests, and the limits of a person's actions.

use jiff::{Timestamp, civil::Date};
use kernel::territory::Territory;
use serde::{Deserialize, Serialize};

use crate::{Document, MAX_ACTIONS, MAX_HIDDEN, Refusal, VERSION, Variant};

const DEFAULT_LIMIT: usize = 12;

/// A request in this version of the protocol. The container reads version and kind first, to report another version as such.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    version: u32,
    #[serde(flatten)]
    ask: Ask,
}

impl From<Ask> for Request {
    fn from(ask: Ask) -> Self {
        Self { version: VERSION, ask }
    }
}

/// What the functions request. The container answers a [`PopularRequest`] too.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ask {
    /// Titles like a given one.
    Similar(SimilarRequest),
    /// Rows for one person.
    Rows(RowsRequest),
}

/// Titles like a given one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SimilarRequest {
    /// The given title, with all its data: it may be newer than the model.
    pub title: Document,
    /// More titles to choose from, which may also be newer than the model.
    #[serde(default)]
    pub candidates: Vec<Document>,
    /// How many at most.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

/// The most watched titles, of one genre or of all.
#[derive(Clone, Debug, Deserialize)]
pub struct PopularRequest {
    /// The genre.
    #[serde(default)]
    pub genre: Option<String>,
    /// More titles to choose from, which may be newer than the model.
    #[serde(default)]
    pub candidates: Vec<Document>,
    /// How many at most.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

/// Rows for one person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RowsRequest {
    /// Which of the two models of an experiment shall answer; the current one if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// The person, described by their actions.
    #[serde(default)]
    pub person: Person,
    /// Rows stay the same for a day.
    pub day: Date,
    /// The newest titles, which may be newer than the model.
    #[serde(default)]
    pub candidates: Vec<Document>,
    /// Only these titles may appear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<String>>,
    /// The rows, in the order in which they are wanted.
    pub rows: Vec<RowRequest>,
}

/// A requested row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RowRequest {
    /// Its kind.
    #[serde(flatten)]
    pub kind: RowKind,
    /// How many titles at most.
    #[serde(default = "default_limit")]
    pub limit: usize,
}

/// The kind of a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RowKind {
    /// Titles that this person would like most.
    Personal,
    /// More like a title that the person watched.
    Because {
        /// The watched title.
        title_id: String,
    },
    /// Titles like one.
    Similar {
        /// The title.
        title_id: String,
    },
    /// The next episodes of the series that the person watches.
    Series,
    /// Titles that were published lately.
    New,
    /// The most watched titles.
    Popular {
        /// Of this genre.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        genre: Option<String>,
    },
}

impl RowKind {
    /// Its name in answers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Because { .. } => "because",
            Self::Similar { .. } => "similar",
            Self::Series => "series",
            Self::New => "new",
            Self::Popular { .. } => "popular",
        }
    }

    /// A row of this kind with `limit` titles at most.
    #[must_use]
    pub const fn up_to(self, limit: usize) -> RowRequest {
        RowRequest { kind: self, limit }
    }
}

/// A person, described by their actions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// The country that they are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<Territory>,
    /// The highest age rating that they may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_maturity: Option<u8>,
    /// Newest first.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Titles that must not be shown.
    #[serde(default)]
    pub hidden: Vec<String>,
}

/// What a person did with a title.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Action {
    /// The title.
    pub title_id: String,
    /// When.
    pub at: Timestamp,
    /// From 0 to 1.
    #[serde(default)]
    pub watched_share: f64,
    /// The person likes it.
    #[serde(default)]
    pub liked: bool,
    /// The person wants less of this.
    #[serde(default)]
    pub less: bool,
}

const fn default_limit() -> usize {
    DEFAULT_LIMIT
}

impl Person {
    /// Refuses values beyond the limits; `at` is the place of the person in the request.
    pub fn check(&self, at: &str) -> Result<(), Refusal> {
        let within = |count, max, field| {
            if count > max {
                return Err(Refusal::new(
                    format!("{at}/{field}"),
                    format!("must have at most {max} entries"),
                ));
            }
            Ok(())
        };
        within(self.actions.len(), MAX_ACTIONS, "actions")?;
        within(self.hidden.len(), MAX_HIDDEN, "hidden")?;
        for (index, action) in self.actions.iter().enumerate() {
            if !(0.0..=1.0).contains(&action.watched_share) {
                let pointer = format!("{at}/actions/{index}/watched_share");
                return Err(Refusal::new(pointer, "must be a number from 0 to 1"));
            }
        }
        Ok(())
    }
}
