//! Experiments: two models side by side, the current one and a challenger, and which of them people do more with. What is
//! measured and when it ends is said before it begins; who gets which model follows from the account's id.

mod bucket;
mod interval;
mod measure;
mod record;
mod rule;
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
    rule::{ACCEPTED_ERROR, LEAST_PEOPLE, StopRule, Verdict},
};
use crate::engagement::Interaction;

/// An experiment, as it was declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Experiment {
    /// Which.
    pub experiment_id: ExperimentId,
    /// What it is called.
    pub name: String,
    /// How the models are compared.
    pub design: Design,
    /// What counts.
    pub metric: Metric,
    /// How many of a hundred people take part.
    pub share_percent: u8,
    /// When it ends.
    pub stop: StopRule,
    /// The version of the current model.
    pub current: String,
    /// The version of the challenger.
    pub challenger: String,
    /// When it began.
    #[schema(value_type = String, format = "date-time")]
    pub started_at: Timestamp,
}

/// How two models are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Half of the people get one model, half the other. Shows what a model does to all that people watch.
    Split,
    /// Everybody's personal row takes turns between both (team draft). Needs far fewer people, for everybody is compared
    /// with themselves; it tells the models' picks apart, not what they do to the whole.
    Interleaving,
}

/// One of the two models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The model that serves everybody else.
    Current,
    /// The one that wants to take its place.
    Challenger,
}

/// What counts: how many titles of a person get so far.
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

/// What one person was shown of an experiment on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// Of which experiment.
    pub experiment_id: ExperimentId,
    /// Whom.
    pub account_id: AccountId,
    /// The day, in UTC.
    pub day: String,
    /// When on that day, the first time.
    pub shown_at: Timestamp,
    /// The person's model, if each has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<Arm>,
    /// Whose pick each title was, where the models take turns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<Pick>,
}

/// A title, and who picked it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// Which.
    pub title_id: TitleId,
    /// By whom.
    pub arm: Arm,
}

impl Exposure {
    /// What somebody who is `assigned` was shown `now`; nothing where the models take turns and neither picked anything.
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
    /// Whether this is what counts. Who says something against a title does not count for it, however much they watched.
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
