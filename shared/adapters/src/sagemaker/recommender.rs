//! What requests to the recommender's model have of the domain, and its answers in the terms of the domain. `recommender_protocol` has the
//! types and limits that the model shares.

use domain::{
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
use recommender_protocol::{Action, Answer, Because, Content, Item, MAX_ACTIONS, ModelFacts, RankedRow, VERSION};
use serde::Deserialize;

pub use recommender_protocol::{
    Ask, Document, Person, Request, RowKind, RowRequest, RowsRequest, SimilarRequest, Variant,
};

/// The model of the endpoint that `assignment` asks.
#[must_use]
pub fn variant_of(assignment: Assignment) -> Variant {
    match assignment {
        Assignment::Arm(Arm::Current) => Variant::Current,
        Assignment::Arm(Arm::Challenger) => Variant::Challenger,
        Assignment::Interleaved => Variant::Interleaved,
    }
}

/// The person with this account, by their engagements, newest first.
#[must_use]
pub fn person(id: AccountId, territory: Option<Territory>, engagements: &[Engagement]) -> Person {
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

    Person {
        id: id.to_string(),
        territory,
        max_maturity: None,
        actions: actions.take(MAX_ACTIONS).collect(),
        hidden: engagements
            .iter()
            .filter(hidden)
            .map(|engagement| engagement.title_id.to_string())
            .collect(),
    }
}

/// A person who watched these titles to the end, and did nothing else.
#[must_use]
pub fn person_who_watched(id: AccountId, titles: &[TitleId], at: Timestamp) -> Person {
    let actions = titles.iter().map(|title_id| Action {
        title_id: title_id.to_string(),
        at,
        watched_share: 1.0,
        liked: false,
        less: false,
    });

    Person {
        id: id.to_string(),
        actions: actions.collect(),
        ..Person::default()
    }
}

/// A title, as the model reads it.
#[must_use]
pub fn document(title: &Title) -> Document {
    let genres = title.details.genres.iter().map(|genre| genre.as_str().to_owned());

    Document {
        title_id: title.id.to_string(),
        name: title.details.name.as_str().to_owned(),
        description: Some(title.details.description.opening().to_owned()),
        genres: genres.collect(),
        language: title.details.language.clone().map(String::from),
        published_at: title.publication.as_ref().map(|publication| publication.published_at),
        creator_id: Some(title.owner.account_id.to_string()),
        ..Document::default()
    }
}

/// The answer to a [`SimilarRequest`].
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Answer")]
pub struct SimilarAnswer {
    /// The most similar titles first.
    pub items: Vec<SimilarTitle>,
}

impl TryFrom<Answer> for SimilarAnswer {
    type Error = MismatchedAnswer;

    fn try_from(answer: Answer) -> Result<Self, MismatchedAnswer> {
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
    /// The title of the person's history to which it owes most. The reason does not name it.
    pub because_of: Option<TitleId>,
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
            because_of: item.because.iter().find_map(first_title),
            reason: item.reason,
            arm,
        })
    }
}

fn first_title(because: &Because) -> Option<TitleId> {
    match because {
        Because::Titles(titles) => titles.first()?.parse().ok(),
        Because::Genres(_) | Because::People(_) | Because::Words(_) => None,
    }
}

fn title_id(item: &Item) -> Result<TitleId, MismatchedAnswer> {
    let id = item.title_id.parse::<TitleId>();

    id.map_err(|_| MismatchedAnswer(format!("{:?} is no id of a title", item.title_id)))
}

/// The answer to a [`RowsRequest`].
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Answer")]
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

impl TryFrom<Answer> for RowsAnswer {
    type Error = MismatchedAnswer;

    fn try_from(answer: Answer) -> Result<Self, MismatchedAnswer> {
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
    pub fn into_rows(self, asked: &[RowRequest]) -> Result<Vec<Vec<Suggestion>>, MismatchedAnswer> {
        if self.version != VERSION || self.kind != "rows" {
            return Err(MismatchedAnswer(format!("{} of version {}", self.kind, self.version)));
        }
        let answered: Vec<&str> = self.rows.iter().map(|row| row.kind.as_str()).collect();
        let expected: Vec<&str> = asked.iter().map(|row| row.kind.name()).collect();
        if answered != expected {
            return Err(MismatchedAnswer(format!("rows {answered:?} instead of {expected:?}")));
        }

        Ok(self.rows.into_iter().map(|row| row.items).collect())
    }
}

#[cfg(test)]
mod tests;
