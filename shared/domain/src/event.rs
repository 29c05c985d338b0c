//! Domain events: versioned facts for other parts of Marquee, with ids and no other personal data.
//!
//! An event holds the state after the change, with a version that counts up. A consumer that receives events twice or out of order
//! keeps the highest version and needs nothing else.

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

/// A domain event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainEvent {
    /// Its id, the same for every copy of the event: delivery is at least once.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
}

/// The fact of an event. Consumers rely on its fields: if their meaning changes, the version changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Fact {
    /// A title was published: the viewers that its visibility allows can watch it.
    #[serde(rename = "title.published.v1")]
    TitlePublished {
        /// The title after the change.
        title: PublishedTitle,
    },
    /// The description or visibility of a published title changed.
    #[serde(rename = "title.changed.v1")]
    TitleChanged {
        /// The title after the change.
        title: PublishedTitle,
    },
    /// A published title was taken down or deleted.
    #[serde(rename = "title.removed.v1")]
    TitleRemoved {
        /// Its id and version.
        title: RemovedTitle,
    },
    /// An account watched, liked or dismissed a title, or took a like or dismissal back.
    #[serde(rename = "engagement.changed.v1")]
    EngagementChanged {
        /// The engagement after the change.
        interaction: Interaction,
    },
    /// An account in an experiment was shown recommendations for the first time on a day.
    #[serde(rename = "recommendations.shown.v1")]
    RecommendationsShown {
        /// What the account was shown.
        exposure: Exposure,
    },
}

/// A published title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedTitle {
    /// Its id.
    pub title_id: TitleId,
    /// Its version.
    pub version: u64,
    /// Its name.
    pub name: TitleName,
    /// Its description.
    pub description: Description,
    /// Its genres.
    pub genres: Vec<Genre>,
    /// The spoken language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Who may see it.
    pub visibility: Visibility,
    /// The owner's account.
    pub creator_id: AccountId,
    /// When it was published.
    pub published_at: Timestamp,
}

/// A title that was taken down or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedTitle {
    /// Its id.
    pub title_id: TitleId,
    /// Its version.
    pub version: u64,
}

impl DomainEvent {
    /// The event of a change to a title; `None` if it was not published before or after, or if nothing that consumers may know changed.
    #[must_use]
    pub fn from_title_change(before: Option<&Title>, after: Option<&Title>) -> Option<Self> {
        let title = after.or(before)?;
        let was = before.and_then(PublishedTitle::from_title);
        let is = after.and_then(PublishedTitle::from_title);

        let fact = match (was, is) {
            (None, Some(title)) => Fact::TitlePublished { title },
            (Some(was), Some(title)) if !title.same_content_as(&was) => Fact::TitleChanged { title },
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

    /// An event for one consumer that has to process a published title again. `occasion` makes its id unique.
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

    /// The event of a change to an engagement; `None` for most heartbeats: of the watch progress only every twentieth of the title makes
    /// an event. The deletion of an engagement makes none.
    #[must_use]
    pub fn from_engagement_change(before: Option<&Engagement>, after: Option<&Engagement>) -> Option<Self> {
        let interaction = after?.interaction();
        if before.is_some_and(|before| observed(&before.interaction()) == observed(&interaction)) {
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

    /// The event of an exposure, which is written once and never changes.
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

    /// The visibility of the published title, for events of one.
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

/// The part of an engagement whose change makes an event.
fn observed(interaction: &Interaction) -> (bool, bool, f64, Option<Territory>) {
    let twentieths = (interaction.watched_share * 20.0).floor();

    (
        interaction.liked,
        interaction.not_interested,
        twentieths,
        interaction.territory,
    )
}

impl PublishedTitle {
    /// What consumers may know of a title; `None` unless it is published.
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

    fn same_content_as(&self, other: &Self) -> bool {
        let other = Self {
            version: self.version,
            ..other.clone()
        };

        *self == other
    }
}
