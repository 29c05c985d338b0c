//! The recommender's protocol, version 1: what is asked of the model behind the endpoint, and what it answers.
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
/// How many dealings a question may tell of.
pub const MOST_ACTIONS: usize = 500;

/// A question.
#[derive(Clone, Debug, Serialize)]
pub struct Question<Q> {
    version: u32,
    #[serde(flatten)]
    ask: Q,
}

impl<Q> Question<Q> {
    /// Asks `ask` in this version of the protocol.
    pub const fn new(ask: Q) -> Self {
        Self { version: VERSION, ask }
    }
}

/// Which titles are like a given one?
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename = "similar")]
pub struct AskSimilar {
    /// The given one, whole: it may be newer than the model.
    pub title: Document,
    /// Titles that may be newer than the model too.
    pub candidates: Vec<Document>,
    /// At most how many.
    pub limit: usize,
}

/// What goes into a person's rows?
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename = "rows")]
pub struct AskRows {
    /// The person, by what they did.
    pub person: Taste,
    /// The day ([`kernel::day::from_timestamp`]): rows stay the same for so long.
    pub day: String,
    /// Which of the models that the endpoint has; its current one without a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// The newest titles of the catalogue, which may be younger than the model.
    pub candidates: Vec<Document>,
    /// The rows, in the order in which they are wanted.
    pub rows: Vec<AskRow>,
}

/// Which of two models in one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The one that serves everybody.
    Current,
    /// The one that stands beside it.
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
    /// For this person.
    Personal {
        /// At most how many.
        limit: usize,
    },
    /// Because this person watched a title.
    Because {
        /// Which.
        title_id: TitleId,
        /// At most how many.
        limit: usize,
    },
    /// New, in an order for this person.
    New {
        /// At most how many.
        limit: usize,
    },
    /// What most people watch.
    Popular {
        /// At most how many.
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

/// A person, as the model knows people: by what they did.
#[derive(Clone, Debug, Serialize)]
pub struct Taste {
    id: AccountId,
    /// Where they are.
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
    /// The taste of `person`, who is there, by their dealings, newest first.
    #[must_use]
    pub fn of(person: &Person, territory: Option<Territory>, dealings: &[Engagement]) -> Self {
        let hidden = |dealing: &&Engagement| dealing.feedback == Some(Feedback::NotInterested);
        let told = dealings
            .iter()
            .filter(|dealing| !hidden(dealing) && !dealing.is_empty());
        let actions = told.map(|dealing| Action {
            title_id: dealing.title_id,
            at: dealing.updated_at,
            watched_share: dealing.watched_share(dealing.duration_ms),
            liked: dealing.liked_at.is_some(),
            less: dealing.feedback == Some(Feedback::LessOfThis),
        });

        Self {
            id: person.id,
            territory,
            actions: actions.take(MOST_ACTIONS).collect(),
            hidden: dealings.iter().filter(hidden).map(|dealing| dealing.title_id).collect(),
        }
    }

    /// The taste of somebody who watched these to the end, and nothing else.
    #[must_use]
    pub fn of_who_watched(id: AccountId, titles: &[TitleId], at: Timestamp) -> Self {
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

/// A title, as the model is told of it.
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
    /// Most alike first.
    pub items: Vec<SimilarTitle>,
}

/// A title, and why it is suggested.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Suggestion {
    /// The title.
    pub title_id: TitleId,
    /// A few words for people.
    #[serde(default)]
    pub reason: String,
    /// Whose pick it is, where two models take turns.
    #[serde(default, rename = "variant")]
    pub arm: Option<Arm>,
}

/// The answer to [`AskRows`].
#[derive(Clone, Debug, Deserialize)]
pub struct RowsAnswer {
    version: u32,
    kind: String,
    /// Recommenders from before there were two have one.
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

/// The answer does not fit the question.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the recommender answered something else than what it was asked: {0}")]
pub struct Nonsense(String);

impl RowsAnswer {
    /// The version of the model that answered.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model.version
    }

    /// Who answered: without a challenger the current model does, whoever was asked.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// The version of the model that took turns with the other one.
    #[must_use]
    pub fn challenger(&self) -> Option<&str> {
        self.challenger.as_ref().map(|model| model.version.as_str())
    }

    /// Everything in all rows.
    pub fn suggestions(&self) -> impl Iterator<Item = &Suggestion> {
        self.rows.iter().flat_map(|row| &row.items)
    }

    /// How many titles the model was trained on, if it says so.
    #[must_use]
    pub const fn titles(&self) -> Option<u64> {
        self.model.titles
    }

    /// Whether the model was trained: without that it knows titles by what is said about them, and not what people watch.
    #[must_use]
    pub fn is_of_a_trained_model(&self) -> bool {
        self.model.titles != Some(0)
    }

    /// The rows, each with the one that was asked for.
    pub fn answering(self, asked: &[AskRow]) -> Result<Vec<Vec<Suggestion>>, Nonsense> {
        if self.version != VERSION || self.kind != "rows" {
            return Err(Nonsense(format!("{} of version {}", self.kind, self.version)));
        }
        let given: Vec<&str> = self.rows.iter().map(|row| row.kind.as_str()).collect();
        let wanted: Vec<&str> = asked.iter().map(AskRow::kind).collect();
        if given != wanted {
            return Err(Nonsense(format!("rows {given:?} instead of {wanted:?}")));
        }

        Ok(self.rows.into_iter().map(|row| row.items).collect())
    }
}

#[cfg(test)]
mod tests;
