//! The job by which a run is transcoded: claimed by the run before it is created, so that it is created once.

use kernel::{Timestamp, money::MicroDollars};
use serde::{Deserialize, Serialize};

/// One run's claim, the job that was created for it, and how the job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscodeJob {
    /// What the state machine waits on.
    pub task_token: String,
    /// When the claim was made.
    pub claimed_at: Timestamp,
    /// What the run was quoted: the most that its job can cost. It is owed from then on, however the run ends.
    pub quoted_micros: Option<MicroDollars>,
    /// MediaConvert's id of the job, once it is created.
    pub job_id: Option<String>,
    /// How the job ended, once it has.
    pub outcome: Option<JobOutcome>,
}

/// How a MediaConvert job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobOutcome {
    /// It made its outputs.
    Complete {
        /// How long the picture is that it says it made; see `media::job::picture_duration_ms`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture_ms: Option<u64>,
    },
    /// It failed.
    Error {
        /// MediaConvert's error code.
        code: i32,
        /// Its message.
        message: String,
    },
    /// It was canceled.
    Canceled,
}
