//! What happened, as other parts are told it: versioned facts with ids and no other personal data.
//!
//! An event says how things stand after it, with a version that counts up. So who takes events twice or out of order lets the
//! highest version count, and needs nothing else.

#[cfg(test)]
mod tests;

use std::fmt;

use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
    territory::Territory,
};
use serde::{Deserialize, Serialize};

use crate::{
    engagement::{Engagement, Interaction},
    experiment::Exposure,
    title::{Description, Genre, Language, Title, TitleName, TitleState, Visibility},
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainEvent {
    /// The same for every copy of an event: delivery is at least once.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. Consumers rely on the fields: a change of their meaning is a new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Fact {
    /// A title can be watched from now on, by whom its visibility says.
    #[serde(rename = "title.published.v1")]
    TitlePublished {
        /// As it is.
        title: PublishedTitle,
    },
    /// A published title says something else about itself.
    #[serde(rename = "title.changed.v1")]
    TitleChanged {
        /// As it is.
        title: PublishedTitle,
    },
    /// A title cannot be watched any more.
    #[serde(rename = "title.removed.v1")]
    TitleRemoved {
        /// What is left of it.
        title: RemovedTitle,
    },
    /// Somebody watched some of a title, liked it, or said something against it, or took that back.
    #[serde(rename = "engagement.changed.v1")]
    EngagementChanged {
        /// How it stands.
        interaction: Interaction,
    },
    /// Somebody who takes part in an experiment was shown recommendations, the first time on a day.
    #[serde(rename = "recommendations.shown.v1")]
    RecommendationsShown {
        /// What.
        exposure: Exposure,
    },
}

/// A published title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedTitle {
    /// Which.
    pub title_id: TitleId,
    /// Which state of it this is.
    pub version: u64,
    /// Its name.
    pub name: TitleName,
    /// What it is about.
    pub description: Description,
    /// Its genres.
    pub genres: Vec<Genre>,
    /// The language that is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whose it is.
    pub creator_id: AccountId,
    /// When it became visible.
    pub published_at: Timestamp,
}

/// A title that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedTitle {
    /// Which.
    pub title_id: TitleId,
    /// Which state of it this is.
    pub version: u64,
}

impl DomainEvent {
    /// What a change of a title tells others; nothing if it was not published before and is not now, or is as it was.
    #[must_use]
    pub fn from_title_change(before: Option<&Title>, after: Option<&Title>) -> Option<Self> {
        let title = after.or(before)?;
        let was = before.and_then(PublishedTitle::from_title);
        let is = after.and_then(PublishedTitle::from_title);

        let fact = match (was, is) {
            (None, Some(title)) => Fact::TitlePublished { title },
            (Some(was), Some(title)) if !title.says_the_same_as(&was) => Fact::TitleChanged { title },
            (Some(_), None) => Fact::TitleRemoved {
                title: RemovedTitle {
                    title_id: title.id,
                    version: title.version,
                },
            },
            _ => return None,
        };

        Some(Self {
            id: format!("{}-{}-{}", title.id, title.version, fact.name()),
            at: title.updated_at,
            fact,
        })
    }

    /// A published title as it is, for one consumer who is to look at it again on some `occasion`.
    #[must_use]
    pub fn refresh(title: &Title, occasion: impl fmt::Display, now: Timestamp) -> Option<Self> {
        let fact = Fact::TitleChanged {
            title: PublishedTitle::from_title(title)?,
        };

        Some(Self {
            id: format!("{}-{}-{occasion}-{}", title.id, title.version, fact.name()),
            at: now,
            fact,
        })
    }

    /// What a change of a person's dealings with a title tells others. Not every heartbeat: of watching it tells every
    /// twentieth of the title, and every other country. Nobody is told that dealings are gone.
    #[must_use]
    pub fn from_engagement_change(before: Option<&Engagement>, after: Option<&Engagement>) -> Option<Self> {
        let interaction = after?.interaction();
        if before.is_some_and(|before| told(&before.interaction()) == told(&interaction)) {
            return None;
        }
        let Interaction {
            account_id,
            title_id,
            version,
            at,
            ..
        } = interaction;
        let fact = Fact::EngagementChanged { interaction };

        Some(Self {
            id: format!("{account_id}-{title_id}-{version}-{}", fact.name()),
            at,
            fact,
        })
    }

    /// What others are told of an exposure, which is written once and never changes.
    #[must_use]
    pub fn from_exposure(exposure: Exposure) -> Self {
        let Exposure {
            experiment_id,
            account_id,
            shown_at,
            ..
        } = exposure;
        let day = exposure.day.clone();
        let fact = Fact::RecommendationsShown { exposure };

        Self {
            id: format!("{experiment_id}-{account_id}-{day}-{}", fact.name()),
            at: shown_at,
            fact,
        }
    }

    /// The kind of event, version included.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.fact.name()
    }

    /// Who may see the title that it is about, if it is about one that there is.
    #[must_use]
    pub const fn visibility(&self) -> Option<Visibility> {
        match &self.fact {
            Fact::TitlePublished { title } | Fact::TitleChanged { title } => Some(title.visibility),
            Fact::TitleRemoved { .. } | Fact::EngagementChanged { .. } | Fact::RecommendationsShown { .. } => None,
        }
    }
}

impl Fact {
    const fn name(&self) -> &'static str {
        match self {
            Self::TitlePublished { .. } => "title.published.v1",
            Self::TitleChanged { .. } => "title.changed.v1",
            Self::TitleRemoved { .. } => "title.removed.v1",
            Self::EngagementChanged { .. } => "engagement.changed.v1",
            Self::RecommendationsShown { .. } => "recommendations.shown.v1",
        }
    }
}

/// What has to differ for others to be told.
fn told(interaction: &Interaction) -> (bool, bool, f64, Option<Territory>) {
    let twentieths = (interaction.watched_share * 20.0).floor();

    (
        interaction.liked,
        interaction.not_interested,
        twentieths,
        interaction.territory,
    )
}

impl PublishedTitle {
    /// What others may know of a title; nothing while it is not published.
    fn from_title(title: &Title) -> Option<Self> {
        let publication = title
            .publication
            .as_ref()
            .filter(|_| title.state == TitleState::Published)?;

        Some(Self {
            title_id: title.id,
            version: title.version,
            name: title.details.name.clone(),
            description: title.details.description.clone(),
            genres: title.details.genres.clone(),
            language: title.details.language.clone(),
            visibility: title.details.visibility,
            creator_id: title.owner.account_id,
            published_at: publication.published_at,
        })
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        let other = Self {
            version: self.version,
            ..other.clone()
        };

        *self == other
    }
}
