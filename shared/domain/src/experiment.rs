//! Experiments compare the current model with a challenger by what people watch. What is measured and when an experiment ends is
//! declared before it starts; the model that a person gets follows from the account's id.

mod bucket;
mod interval;
mod measure;
mod record;
mod rule;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

use kernel::{
    Timestamp, day,
    id::{AccountId, ExperimentId, TitleId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    bucket::Assignment,
    interval::Interval,
    measure::{ArmResults, Measure, Results},
    record::ExperimentRecord,
    rule::{ACCEPTED_ERROR, MIN_PEOPLE, StopRule, Verdict},
};
use crate::engagement::Interaction;

/// The declaration of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Experiment {
    /// Its id.
    pub experiment_id: ExperimentId,
    /// Its name, for people.
    pub name: String,
    /// How the models are compared.
    pub design: Design,
    /// What is counted.
    pub metric: Metric,
    /// The share of people who take part, in percent.
    pub share_percent: u8,
    /// When it ends.
    pub stop: StopRule,
    /// The version of the current model.
    pub current: String,
    /// The version of the challenger.
    pub challenger: String,
    /// When it started.
    #[schema(value_type = String, format = "date-time")]
    pub started_at: Timestamp,
}

/// How two models are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Half of the people get one model, half the other. Shows the effect of a model on everything that people watch.
    Split,
    /// Each personal row takes picks of both models in turns (team draft). Needs far fewer people, because each person compares
    /// both models; shows which picks are better, not the effect on everything that people watch.
    Interleaving,
}

/// One of the two models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The model that serves people who do not take part.
    Current,
    /// The model that may replace it.
    Challenger,
}

/// What is counted: the titles of a person that get this far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// At least 5 % was watched.
    #[serde(alias = "begun")]
    Started,
    /// At least half was watched.
    Watched,
    /// Liked.
    Liked,
}

/// What an experiment showed to one person on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// The experiment.
    pub experiment_id: ExperimentId,
    /// The person.
    pub account_id: AccountId,
    /// The day, in UTC.
    pub day: String,
    /// The first time on that day.
    pub shown_at: Timestamp,
    /// The person's model, in a split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<Arm>,
    /// The titles that were shown and the model that picked each, in an interleaved row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<Pick>,
}

/// A title, and the model that picked it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// The title.
    pub title_id: TitleId,
    /// The model.
    pub arm: Arm,
}

impl Exposure {
    /// What a person with this assignment is shown `now`; `None` for an interleaved row without picks.
    #[must_use]
    pub fn new(
        experiment: &Experiment,
        assigned: Assignment,
        account_id: AccountId,
        picks: Vec<Pick>,
        now: Timestamp,
    ) -> Option<Self> {
        let (arm, titles) = match assigned {
            Assignment::Arm(arm) => (Some(arm), Vec::new()),
            Assignment::Interleaved if picks.is_empty() => return None,
            Assignment::Interleaved => (None, picks),
        };

        Some(Self {
            experiment_id: experiment.experiment_id,
            account_id,
            day: day::from_timestamp(now),
            shown_at: now,
            arm,
            titles,
        })
    }
}

impl Metric {
    /// Whether this interaction counts. A dismissed title does not count, however much of it was watched.
    #[must_use]
    pub fn counts(self, interaction: &Interaction) -> bool {
        !interaction.not_interested
            && match self {
                Self::Started => interaction.watched_share >= 0.05,
                Self::Watched => interaction.watched_share >= 0.5,
                Self::Liked => interaction.liked,
            }
    }
}
