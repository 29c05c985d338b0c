//! Lines of the log, which trainings and experiments read. A line holds the state after a domain event. The highest version of a
//! subject counts, so lines may be repeated and in any order.

use domain::{
    engagement::Interaction,
    event::{DomainEvent, Fact, PublishedTitle},
    experiment::Exposure,
    title::{Genre, Language, Visibility},
};
use kernel::{
    Timestamp, day,
    id::{AccountId, ExperimentId, TitleId},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A channel of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Channel {
    /// Engagement of accounts with titles.
    Interactions,
    /// Public titles.
    Titles,
    /// What accounts were shown of experiments.
    Exposures,
}

/// A line and the folder of its object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) folder: Folder,
    pub(crate) subject: Subject,
    pub(crate) version: u64,
    pub(crate) text: String,
}

/// The folder of the objects of one channel and day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Folder {
    channel: Channel,
    day: String,
}

/// The subject of a line, of which one version counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A title.
    Title(TitleId),
    /// An account's engagement with a title.
    Interaction(AccountId, TitleId),
    /// What an account was shown of an experiment, on the day of the folder.
    Exposure(AccountId, ExperimentId),
}

/// A title in the recommender's channel `titles`.
#[derive(Serialize)]
struct TitleLine<'a> {
    title_id: TitleId,
    version: u64,
    name: &'a str,
    description: &'a str,
    genres: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    published_at: Timestamp,
    creator_id: AccountId,
}

/// A title that models leave out.
#[derive(Serialize)]
struct RemovedLine {
    title_id: TitleId,
    version: u64,
    removed: bool,
}

impl Line {
    /// The line for an event, if it has one. A title that is not public is logged as removed, or not at all.
    pub(crate) fn from_event(event: &DomainEvent) -> Result<Option<Self>, serde_json::Error> {
        let line = match &event.fact {
            Fact::TitlePublished { title } | Fact::TitleChanged { title } if title.visibility == Visibility::Public => {
                Self::title(event, title.title_id, title.version, &TitleLine::from(title))?
            }
            Fact::TitlePublished { .. } => return Ok(None),
            Fact::TitleChanged { title } => Self::removed_title(event, title.title_id, title.version)?,
            Fact::TitleRemoved { title } => Self::removed_title(event, title.title_id, title.version)?,
            Fact::EngagementChanged { interaction } => Self::interaction(event, interaction)?,
            Fact::RecommendationsShown { exposure } => Self::exposure(event, exposure)?,
        };

        Ok(Some(line))
    }

    fn title(
        event: &DomainEvent,
        title_id: TitleId,
        version: u64,
        line: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            folder: Folder::new(Channel::Titles, event),
            subject: Subject::Title(title_id),
            version,
            text: serde_json::to_string(line)?,
        })
    }

    fn removed_title(event: &DomainEvent, title_id: TitleId, version: u64) -> Result<Self, serde_json::Error> {
        let line = RemovedLine {
            title_id,
            version,
            removed: true,
        };

        Self::title(event, title_id, version, &line)
    }

    fn interaction(event: &DomainEvent, interaction: &Interaction) -> Result<Self, serde_json::Error> {
        Ok(Self {
            folder: Folder::new(Channel::Interactions, event),
            subject: Subject::Interaction(interaction.account_id, interaction.title_id),
            version: interaction.version,
            text: serde_json::to_string(interaction)?,
        })
    }

    fn exposure(event: &DomainEvent, exposure: &Exposure) -> Result<Self, serde_json::Error> {
        Ok(Self {
            folder: Folder::new(Channel::Exposures, event),
            subject: Subject::Exposure(exposure.account_id, exposure.experiment_id),
            // An exposure is written once.
            version: 1,
            text: serde_json::to_string(exposure)?,
        })
    }
}

impl<'a> From<&'a PublishedTitle> for TitleLine<'a> {
    fn from(title: &'a PublishedTitle) -> Self {
        Self {
            title_id: title.title_id,
            version: title.version,
            name: title.name.as_str(),
            description: title.description.opening(),
            genres: title.genres.iter().map(Genre::as_str).collect(),
            language: title.language.as_ref().map(Language::as_str),
            published_at: title.published_at,
            creator_id: title.creator_id,
        }
    }
}

/// The content of an object. The lines are sorted, so that the same lines are the same object in whatever order they arrive.
pub(crate) fn content(lines: impl IntoIterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort_unstable();
    lines.dedup();

    lines.into_iter().map(|line| line + "\n").collect()
}

impl Folder {
    fn new(channel: Channel, event: &DomainEvent) -> Self {
        Self {
            channel,
            day: day::from_timestamp(event.at),
        }
    }

    /// The key of an object with this content: the same content is the same object.
    pub(crate) fn key(&self, content: &str) -> String {
        let channel = match self.channel {
            Channel::Interactions => "interactions",
            Channel::Titles => "titles",
            Channel::Exposures => "exposures",
        };

        format!("{channel}/dt={}/{:x}.jsonl", self.day, Sha256::digest(content))
    }
}
