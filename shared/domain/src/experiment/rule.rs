//! The rule by which an experiment ends, which is declared before it starts.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Experiment, Results};

/// No conclusion is drawn from fewer people, because the interval is asymptotic.
pub const MIN_PEOPLE: u32 = 100;
/// The probability of finding a difference that does not exist.
pub const ACCEPTED_ERROR: f64 = 0.05;

const DAY_SECONDS: i64 = 86_400;

/// When an experiment ends: when the interval of the difference excludes 0, or when one of these is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StopRule {
    /// The number of people to measure.
    pub people: u32,
    /// The maximum number of days.
    pub days: u16,
    /// The window in days: what a person does after their first exposure counts for this time. A person is measured when it is over.
    pub window_days: u16,
}

/// How an experiment ended, or that it is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is running.
    Running,
    /// The challenger is better.
    ChallengerWins,
    /// The current model is better.
    CurrentWins,
    /// It ended without a significant difference.
    NoDifference,
    /// The split is uneven: something other than chance decides who is counted, and the results are not reliable.
    SampleRatioMismatch,
    /// Its days are over, and the log could not be read.
    NotMeasured,
    /// An admin ended it.
    Stopped,
}

impl Experiment {
    /// When its days are over. From then on all people get the current model, even if the end is not written yet.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        later(self.started_at, i64::from(self.stop.days))
    }

    /// The verdict of the rule on these results.
    #[must_use]
    pub fn verdict(&self, results: &Results) -> Verdict {
        if results.sample_ratio_mismatch {
            return Verdict::SampleRatioMismatch;
        }
        let measured = results.people_measured;
        if measured >= MIN_PEOPLE
            && let Some(difference) = results.difference
        {
            if difference.low > 0.0 {
                return Verdict::ChallengerWins;
            }
            if difference.high < 0.0 {
                return Verdict::CurrentWins;
            }
        }
        if measured >= self.stop.people || results.measured_at >= self.ends_at() {
            return Verdict::NoDifference;
        }

        Verdict::Running
    }

    /// The end of the window of a person with this first exposure.
    pub(super) fn window_ends(&self, shown_at: Timestamp) -> Timestamp {
        later(shown_at, i64::from(self.stop.window_days))
    }
}

fn later(than: Timestamp, days: i64) -> Timestamp {
    let seconds = than.as_second().saturating_add(days * DAY_SECONDS);

    Timestamp::from_second(seconds).unwrap_or(than)
}
