//! What happened, as other parts are told it: versioned facts with ids and no other personal data.
//!
//! An event says how things stand after it, with a version that counts up. So who takes events twice or out of order lets the
//! highest version count, and needs nothing else.

#[cfg(test)]
mod tests;

use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
};
use serde::{Deserialize, Serialize};

use crate::title::{Description, Genre, Language, Title, TitleName, TitleState, Visibility};

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
    TitlePublished(PublishedTitle),
    /// A published title says something else about itself.
    #[serde(rename = "title.changed.v1")]
    TitleChanged(PublishedTitle),
    /// A title cannot be watched any more.
    #[serde(rename = "title.removed.v1")]
    TitleRemoved(RemovedTitle),
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
    pub fn of_title(before: Option<&Title>, after: Option<&Title>) -> Option<Self> {
        let title = after.or(before)?;
        let was = before.and_then(PublishedTitle::of);
        let is = after.and_then(PublishedTitle::of);

        let fact = match (was, is) {
            (None, Some(is)) => Fact::TitlePublished(is),
            (Some(was), Some(is)) if !is.says_the_same_as(&was) => Fact::TitleChanged(is),
            (Some(_), None) => Fact::TitleRemoved(RemovedTitle {
                title_id: title.id,
                version: title.version,
            }),
            _ => return None,
        };

        Some(Self {
            id: format!("{}-{}-{}", title.id, title.version, fact.name()),
            at: title.updated_at,
            fact,
        })
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
            Fact::TitlePublished(title) | Fact::TitleChanged(title) => Some(title.visibility),
            Fact::TitleRemoved(_) => None,
        }
    }
}

impl Fact {
    const fn name(&self) -> &'static str {
        match self {
            Self::TitlePublished(_) => "title.published.v1",
            Self::TitleChanged(_) => "title.changed.v1",
            Self::TitleRemoved(_) => "title.removed.v1",
        }
    }
}

impl PublishedTitle {
    /// What others may know of a title; nothing while it is not published.
    fn of(title: &Title) -> Option<Self> {
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
