//! Lines of the log: what a model's training, or an experiment's results, read of a domain event. A line says how things stand, and the highest version of a
//! thing counts: so lines may stand twice and in any order.

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
    /// What people did.
    Interactions,
    /// What there is.
    Titles,
    /// What people were shown of experiments.
    Exposures,
}

/// A line, and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) folder: Folder,
    pub(crate) about: About,
    pub(crate) version: u64,
    pub(crate) text: String,
}

/// Where lines of one channel and day are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Folder {
    channel: Channel,
    day: String,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    /// A title.
    Title(TitleId),
    /// What a person has to do with one.
    Dealings(AccountId, TitleId),
    /// What a person was shown; on one day, as all lines of a folder.
    Shown(AccountId, ExperimentId),
}

/// A title as the recommender's channel `titles` has it.
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

/// A title that a model forgets.
#[derive(Serialize)]
struct RemovedLine {
    title_id: TitleId,
    version: u64,
    removed: bool,
}

impl Line {
    /// What is kept of an event, if anything is: of titles that not everybody may see, only that they are gone.
    pub(crate) fn of(event: &DomainEvent) -> Result<Option<Self>, serde_json::Error> {
        let line = match &event.fact {
            Fact::TitlePublished { title } | Fact::TitleChanged { title } if title.visibility == Visibility::Public => {
                Self::about_title(event, title.title_id, title.version, &TitleLine::of(title))?
            }
            Fact::TitlePublished { .. } => return Ok(None),
            Fact::TitleChanged { title } => Self::about_gone(event, title.title_id, title.version)?,
            Fact::TitleRemoved { title } => Self::about_gone(event, title.title_id, title.version)?,
            Fact::EngagementChanged { interaction } => Self::about_interaction(event, interaction)?,
            Fact::RecommendationsShown { exposure } => Self::about_exposure(event, exposure)?,
        };

        Ok(Some(line))
    }

    fn about_title(
        event: &DomainEvent,
        title_id: TitleId,
        version: u64,
        line: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            folder: Folder::of(Channel::Titles, event),
            about: About::Title(title_id),
            version,
            text: serde_json::to_string(line)?,
        })
    }

    fn about_gone(event: &DomainEvent, title_id: TitleId, version: u64) -> Result<Self, serde_json::Error> {
        let line = RemovedLine {
            title_id,
            version,
            removed: true,
        };

        Self::about_title(event, title_id, version, &line)
    }

    fn about_interaction(event: &DomainEvent, interaction: &Interaction) -> Result<Self, serde_json::Error> {
        Ok(Self {
            folder: Folder::of(Channel::Interactions, event),
            about: About::Dealings(interaction.account_id, interaction.title_id),
            version: interaction.version,
            text: serde_json::to_string(interaction)?,
        })
    }

    fn about_exposure(event: &DomainEvent, exposure: &Exposure) -> Result<Self, serde_json::Error> {
        Ok(Self {
            folder: Folder::of(Channel::Exposures, event),
            about: About::Shown(exposure.account_id, exposure.experiment_id),
            // It is written once.
            version: 1,
            text: serde_json::to_string(exposure)?,
        })
    }
}

impl<'a> TitleLine<'a> {
    fn of(title: &'a PublishedTitle) -> Self {
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

/// The content of an object: in an order of its own, so that the same lines are the same object whatever order they came in.
pub(crate) fn content(lines: impl IntoIterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort_unstable();
    lines.dedup();

    lines.into_iter().map(|line| line + "\n").collect()
}

impl Folder {
    fn of(channel: Channel, event: &DomainEvent) -> Self {
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
