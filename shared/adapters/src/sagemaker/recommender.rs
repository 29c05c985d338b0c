//! Questions to the recommender's model behind an endpoint, and its answers, in the terms of the domain. `recommender_protocol` has the
//! types and limits that the model shares.

use domain::{
    account::Person,
    engagement::{Engagement, Feedback},
    experiment::{Arm, Assignment},
    similar::SimilarTitle,
    title::Title,
};
use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
    territory::Territory,
};
use recommender_protocol::{
    Action, Ask, Content, Item, MAX_ACTIONS, ModelFacts, RankedRow, Request, RowKind, RowRequest, RowsRequest,
    SimilarRequest, VERSION,
};
use serde::{Deserialize, Serialize};

pub use recommender_protocol::Variant;

/// A question.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Question(Request);

impl Question {
    /// A question in this version of the protocol.
    #[must_use]
    pub fn new(ask: impl Into<Ask>) -> Self {
        Self(ask.into().into())
    }
}

/// Which titles are like a given one?
#[derive(Clone, Debug)]
pub struct AskSimilar {
    /// The given title, with all its data: it may be newer than the model.
    pub title: Document,
    /// More titles to choose from, which may also be newer than the model.
    pub candidates: Vec<Document>,
    /// How many at most.
    pub limit: usize,
}

impl From<AskSimilar> for Ask {
    fn from(ask: AskSimilar) -> Self {
        Self::Similar(SimilarRequest {
            title: ask.title.0,
            candidates: ask.candidates.into_iter().map(|Document(document)| document).collect(),
            limit: ask.limit,
        })
    }
}

/// Which titles are in a person's rows?
#[derive(Clone, Debug)]
pub struct AskRows {
    /// The person, described by their actions.
    pub person: Taste,
    /// The day ([`kernel::day::from_timestamp`]): rows stay the same for one day.
    pub day: String,
    /// The model of the endpoint that is asked; the current one if it is not named.
    pub variant: Option<Variant>,
    /// The newest titles of the catalogue, which may be newer than the model.
    pub candidates: Vec<Document>,
    /// The rows, in the order in which they are wanted.
    pub rows: Vec<AskRow>,
}

impl From<AskRows> for Ask {
    fn from(ask: AskRows) -> Self {
        Self::Rows(RowsRequest {
            variant: ask.variant,
            person: ask.person.0,
            day: ask.day,
            candidates: ask.candidates.into_iter().map(|Document(document)| document).collect(),
            allowed: None,
            rows: ask.rows.iter().map(RowRequest::from).collect(),
        })
    }
}

/// The model of the endpoint that `assignment` asks.
#[must_use]
pub fn variant_of(assignment: Assignment) -> Variant {
    match assignment {
        Assignment::Arm(Arm::Current) => Variant::Current,
        Assignment::Arm(Arm::Challenger) => Variant::Challenger,
        Assignment::Interleaved => Variant::Interleaved,
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskRow {
    /// Recommendations for this person.
    Personal {
        /// How many titles at most.
        limit: usize,
    },
    /// Titles similar to one that this person watched.
    Because {
        /// The watched title.
        title_id: TitleId,
        /// How many titles at most.
        limit: usize,
    },
    /// New titles, in an order for this person.
    New {
        /// How many titles at most.
        limit: usize,
    },
    /// The most watched titles.
    Popular {
        /// How many titles at most.
        limit: usize,
    },
}

impl From<&AskRow> for RowRequest {
    fn from(row: &AskRow) -> Self {
        let (kind, limit) = match row {
            AskRow::Personal { limit } => (RowKind::Personal, limit),
            AskRow::Because { title_id, limit } => (
                RowKind::Because {
                    title_id: title_id.to_string(),
                },
                limit,
            ),
            AskRow::New { limit } => (RowKind::New, limit),
            AskRow::Popular { limit } => (RowKind::Popular { genre: None }, limit),
        };

        Self { kind, limit: *limit }
    }
}

/// A person, described by their actions.
#[derive(Clone, Debug)]
pub struct Taste(recommender_protocol::Person);

impl Taste {
    /// The taste of `person`, by their engagements, newest first.
    #[must_use]
    pub fn new(person: &Person, territory: Option<Territory>, engagements: &[Engagement]) -> Self {
        let hidden = |engagement: &&Engagement| engagement.feedback == Some(Feedback::NotInterested);
        let visible = engagements
            .iter()
            .filter(|engagement| !hidden(engagement) && !engagement.is_empty());
        let actions = visible.map(|engagement| Action {
            title_id: engagement.title_id.to_string(),
            at: engagement.updated_at,
            watched_share: engagement.watched_share(engagement.duration_ms),
            liked: engagement.liked_at.is_some(),
            less: engagement.feedback == Some(Feedback::LessOfThis),
        });

        Self(recommender_protocol::Person {
            id: person.id.to_string(),
            territory,
            max_maturity: None,
            actions: actions.take(MAX_ACTIONS).collect(),
            hidden: engagements
                .iter()
                .filter(hidden)
                .map(|engagement| engagement.title_id.to_string())
                .collect(),
        })
    }

    /// The taste of a person who watched these titles to the end, and nothing else.
    #[must_use]
    pub fn from_watched(id: AccountId, titles: &[TitleId], at: Timestamp) -> Self {
        let actions = titles.iter().map(|title_id| Action {
            title_id: title_id.to_string(),
            at,
            watched_share: 1.0,
            liked: false,
            less: false,
        });

        Self(recommender_protocol::Person {
            id: id.to_string(),
            actions: actions.collect(),
            ..recommender_protocol::Person::default()
        })
    }
}

/// A title, as the model reads it.
#[derive(Clone, Debug)]
pub struct Document(recommender_protocol::Document);

impl From<&Title> for Document {
    fn from(title: &Title) -> Self {
        let genres = title.details.genres.iter().map(|genre| genre.as_str().to_owned());

        Self(recommender_protocol::Document {
            title_id: title.id.to_string(),
            name: title.details.name.as_str().to_owned(),
            description: Some(title.details.description.opening().to_owned()),
            genres: genres.collect(),
            language: title.details.language.clone().map(String::from),
            published_at: title.publication.as_ref().map(|publication| publication.published_at),
            creator_id: Some(title.owner.account_id.to_string()),
            ..recommender_protocol::Document::default()
        })
    }
}

/// The answer to [`AskSimilar`].
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "recommender_protocol::Answer")]
pub struct SimilarAnswer {
    /// The most similar titles first.
    pub items: Vec<SimilarTitle>,
}

impl TryFrom<recommender_protocol::Answer> for SimilarAnswer {
    type Error = MismatchedAnswer;

    fn try_from(answer: recommender_protocol::Answer) -> Result<Self, MismatchedAnswer> {
        let Content::Items(items) = answer.content else {
            return Err(MismatchedAnswer(format!("{} without items", answer.kind)));
        };
        let similar = |item: Item| -> Result<SimilarTitle, MismatchedAnswer> {
            Ok(SimilarTitle {
                title_id: title_id(&item)?,
                reason: item.reason,
                score: item.score,
            })
        };

        Ok(Self {
            items: items.into_iter().map(similar).collect::<Result<_, _>>()?,
        })
    }
}

/// A title, and the reason for suggesting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The title.
    pub title_id: TitleId,
    /// A few words for people.
    pub reason: String,
    /// The model that picked it, in an interleaved row.
    pub arm: Option<Arm>,
}

impl TryFrom<Item> for Suggestion {
    type Error = MismatchedAnswer;

    fn try_from(item: Item) -> Result<Self, MismatchedAnswer> {
        let arm = match item.variant {
            None => None,
            Some(Variant::Current) => Some(Arm::Current),
            Some(Variant::Challenger) => Some(Arm::Challenger),
            Some(Variant::Interleaved) => return Err(MismatchedAnswer("a title of two models".to_owned())),
        };

        Ok(Self {
            title_id: title_id(&item)?,
            reason: item.reason,
            arm,
        })
    }
}

fn title_id(item: &Item) -> Result<TitleId, MismatchedAnswer> {
    let id = item.title_id.parse::<TitleId>();

    id.map_err(|_| MismatchedAnswer(format!("{:?} is no id of a title", item.title_id)))
}

/// The answer to [`AskRows`].
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "recommender_protocol::Answer")]
pub struct RowsAnswer {
    version: u32,
    kind: String,
    variant: Variant,
    model: ModelFacts,
    challenger: Option<ModelFacts>,
    rows: Vec<AnsweredRow>,
}

#[derive(Clone, Debug)]
struct AnsweredRow {
    kind: String,
    items: Vec<Suggestion>,
}

impl TryFrom<recommender_protocol::Answer> for RowsAnswer {
    type Error = MismatchedAnswer;

    fn try_from(answer: recommender_protocol::Answer) -> Result<Self, MismatchedAnswer> {
        let Content::Rows(rows) = answer.content else {
            return Err(MismatchedAnswer(format!("{} without rows", answer.kind)));
        };
        let suggested = |row: RankedRow| -> Result<AnsweredRow, MismatchedAnswer> {
            let items = row.items.into_iter().map(Suggestion::try_from);

            Ok(AnsweredRow {
                kind: row.kind,
                items: items.collect::<Result<_, _>>()?,
            })
        };

        Ok(Self {
            version: answer.version,
            kind: answer.kind,
            variant: answer.variant,
            model: answer.model,
            challenger: answer.challenger,
            rows: rows.into_iter().map(suggested).collect::<Result<_, _>>()?,
        })
    }
}

/// The answer does not match the question.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the answer does not match the question: {0}")]
pub struct MismatchedAnswer(String);

impl RowsAnswer {
    /// The version of the model that answered.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model.version
    }

    /// The model that answered. Without a challenger this is the current model, even if another one was asked.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// The version of the challenger, if it answered too.
    #[must_use]
    pub fn challenger(&self) -> Option<&str> {
        self.challenger.as_ref().map(|model| model.version.as_str())
    }

    /// All suggestions of all rows.
    pub fn suggestions(&self) -> impl Iterator<Item = &Suggestion> {
        self.rows.iter().flat_map(|row| &row.items)
    }

    /// How many titles the model was trained on, if the answer has the number.
    #[must_use]
    pub const fn titles(&self) -> Option<u64> {
        self.model.titles
    }

    /// Whether the model was trained. A model without training knows the descriptions of titles, but not what people watch.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        self.model.titles != Some(0)
    }

    /// The suggestions of each row that was asked for, in that order.
    pub fn into_rows(self, asked: &[AskRow]) -> Result<Vec<Vec<Suggestion>>, MismatchedAnswer> {
        if self.version != VERSION || self.kind != "rows" {
            return Err(MismatchedAnswer(format!("{} of version {}", self.kind, self.version)));
        }
        let answered: Vec<&str> = self.rows.iter().map(|row| row.kind.as_str()).collect();
        let expected: Vec<&str> = asked.iter().map(|row| RowRequest::from(row).kind.name()).collect();
        if answered != expected {
            return Err(MismatchedAnswer(format!("rows {answered:?} instead of {expected:?}")));
        }

        Ok(self.rows.into_iter().map(|row| row.items).collect())
    }
}

#[cfg(test)]
mod tests;
