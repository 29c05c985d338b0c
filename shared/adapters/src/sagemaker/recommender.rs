//! The recommender's protocol, version 1: the questions to the model behind the endpoint, and its answers.
//! The other side is `recommender/src/serve`.

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
use serde::{Deserialize, Serialize};

/// The protocol's version.
pub const VERSION: u32 = 1;
/// How many actions of a person a question has at most.
pub const MAX_ACTIONS: usize = 500;

/// A question.
#[derive(Clone, Debug, Serialize)]
pub struct Question<Q> {
    version: u32,
    #[serde(flatten)]
    ask: Q,
}

impl<Q> Question<Q> {
    /// A question in this version of the protocol.
    pub const fn new(ask: Q) -> Self {
        Self { version: VERSION, ask }
    }
}

/// Which titles are like a given one?
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename = "similar")]
pub struct AskSimilar {
    /// The given title, with all its data: it may be newer than the model.
    pub title: Document,
    /// More titles to choose from, which may also be newer than the model.
    pub candidates: Vec<Document>,
    /// How many at most.
    pub limit: usize,
}

/// Which titles are in a person's rows?
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename = "rows")]
pub struct AskRows {
    /// The person, described by their actions.
    pub person: Taste,
    /// The day ([`kernel::day::from_timestamp`]): rows stay the same for one day.
    pub day: String,
    /// The model of the endpoint that is asked; the current one if it is not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// The newest titles of the catalogue, which may be newer than the model.
    pub candidates: Vec<Document>,
    /// The rows, in the order in which they are wanted.
    pub rows: Vec<AskRow>,
}

/// Which of two models in one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The current model.
    Current,
    /// The challenger.
    Challenger,
    /// Both, taking turns in the personal row.
    Interleaved,
}

impl From<Assignment> for Variant {
    fn from(assignment: Assignment) -> Self {
        match assignment {
            Assignment::Arm(Arm::Current) => Self::Current,
            Assignment::Arm(Arm::Challenger) => Self::Challenger,
            Assignment::Interleaved => Self::Interleaved,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
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

impl AskRow {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Personal { .. } => "personal",
            Self::Because { .. } => "because",
            Self::New { .. } => "new",
            Self::Popular { .. } => "popular",
        }
    }
}

/// A person, described by their actions.
#[derive(Clone, Debug, Serialize)]
pub struct Taste {
    id: AccountId,
    /// The country that they are in.
    #[serde(skip_serializing_if = "Option::is_none")]
    territory: Option<Territory>,
    actions: Vec<Action>,
    hidden: Vec<TitleId>,
}

#[derive(Clone, Debug, Serialize)]
struct Action {
    title_id: TitleId,
    at: Timestamp,
    watched_share: f64,
    liked: bool,
    less: bool,
}

impl Taste {
    /// The taste of `person`, by their engagements, newest first.
    #[must_use]
    pub fn new(person: &Person, territory: Option<Territory>, engagements: &[Engagement]) -> Self {
        let hidden = |engagement: &&Engagement| engagement.feedback == Some(Feedback::NotInterested);
        let visible = engagements
            .iter()
            .filter(|engagement| !hidden(engagement) && !engagement.is_empty());
        let actions = visible.map(|engagement| Action {
            title_id: engagement.title_id,
            at: engagement.updated_at,
            watched_share: engagement.watched_share(engagement.duration_ms),
            liked: engagement.liked_at.is_some(),
            less: engagement.feedback == Some(Feedback::LessOfThis),
        });

        Self {
            id: person.id,
            territory,
            actions: actions.take(MAX_ACTIONS).collect(),
            hidden: engagements
                .iter()
                .filter(hidden)
                .map(|engagement| engagement.title_id)
                .collect(),
        }
    }

    /// The taste of a person who watched these titles to the end, and nothing else.
    #[must_use]
    pub fn from_watched(id: AccountId, titles: &[TitleId], at: Timestamp) -> Self {
        let actions = titles.iter().map(|&title_id| Action {
            title_id,
            at,
            watched_share: 1.0,
            liked: false,
            less: false,
        });

        Self {
            id,
            territory: None,
            actions: actions.collect(),
            hidden: Vec::new(),
        }
    }
}

/// A title, as the model reads it.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    title_id: TitleId,
    name: String,
    description: String,
    genres: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<Timestamp>,
    creator_id: AccountId,
}

impl From<&Title> for Document {
    fn from(title: &Title) -> Self {
        let genres = title.details.genres.iter().map(|genre| genre.as_str().to_owned());

        Self {
            title_id: title.id,
            name: title.details.name.as_str().to_owned(),
            description: title.details.description.opening().to_owned(),
            genres: genres.collect(),
            language: title.details.language.clone().map(String::from),
            published_at: title.publication.as_ref().map(|publication| publication.published_at),
            creator_id: title.owner.account_id,
        }
    }
}

/// The answer to [`AskSimilar`].
#[derive(Clone, Debug, Deserialize)]
pub struct SimilarAnswer {
    /// The most similar titles first.
    pub items: Vec<SimilarTitle>,
}

/// A title, and the reason for suggesting it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Suggestion {
    /// The title.
    pub title_id: TitleId,
    /// A few words for people.
    #[serde(default)]
    pub reason: String,
    /// The model that picked it, in an interleaved row.
    #[serde(default, rename = "variant")]
    pub arm: Option<Arm>,
}

/// The answer to [`AskRows`].
#[derive(Clone, Debug, Deserialize)]
pub struct RowsAnswer {
    version: u32,
    kind: String,
    /// Earlier recommenders have one model, and no such field.
    #[serde(default = "current")]
    variant: Variant,
    model: Model,
    #[serde(default)]
    challenger: Option<Model>,
    rows: Vec<AnsweredRow>,
}

#[derive(Clone, Debug, Deserialize)]
struct Model {
    version: String,
    /// How many titles it was trained on.
    #[serde(default)]
    titles: Option<u64>,
}

const fn current() -> Variant {
    Variant::Current
}

#[derive(Clone, Debug, Deserialize)]
struct AnsweredRow {
    kind: String,
    items: Vec<Suggestion>,
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
        let expected: Vec<&str> = asked.iter().map(AskRow::kind).collect();
        if answered != expected {
            return Err(MismatchedAnswer(format!("rows {answered:?} instead of {expected:?}")));
        }

        Ok(self.rows.into_iter().map(|row| row.items).collect())
    }
}

#[cfg(test)]
mod tests;
