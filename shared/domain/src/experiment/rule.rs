//! When an experiment ends, said before it begins.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Experiment, Results};

/// Nothing is said of fewer people: the interval is one for many.
pub const LEAST_PEOPLE: u32 = 100;
/// So seldom may a difference be seen that is none.
pub const ACCEPTED_ERROR: f64 = 0.05;

const DAY_SECONDS: i64 = 86_400;

/// When an experiment ends: when the interval of the difference excludes 0, or when one of these is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StopRule {
    /// So many people have been measured.
    pub people: u32,
    /// So many days are over.
    pub days: u16,
    /// For so many days after they were first shown something it counts what people do. Who is still within them is not
    /// measured yet.
    pub window_days: u16,
}

/// How an experiment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It goes on.
    Running,
    /// The challenger does better.
    ChallengerWins,
    /// The current model does better.
    CurrentWins,
    /// It ended, and no difference was seen.
    NoDifference,
    /// The halves are not halves: something else than chance decides who is counted, and the results say nothing.
    SampleRatioMismatch,
    /// Its days are over, and the log could not be read.
    NotMeasured,
    /// An admin ended it.
    Stopped,
}

impl Experiment {
    /// When nobody is shown anything any more, whether the end was written by then or not.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        later(self.started_at, i64::from(self.stop.days))
    }

    /// What the rule says of these results.
    #[must_use]
    pub fn verdict(&self, results: &Results) -> Verdict {
        if results.sample_ratio_mismatch {
            return Verdict::SampleRatioMismatch;
        }
        let measured = results.people_measured;
        if measured >= LEAST_PEOPLE
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

    /// When what somebody does no longer counts.
    pub(super) fn window_ends(&self, shown_at: Timestamp) -> Timestamp {
        later(shown_at, i64::from(self.stop.window_days))
    }
}

fn later(than: Timestamp, days: i64) -> Timestamp {
    let seconds = than.as_second().saturating_add(days * DAY_SECONDS);

    Timestamp::from_second(seconds).unwrap_or(than)
}
