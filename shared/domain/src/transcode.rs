//! The MediaConvert job of a run. The run claims it before it is created, so that it is created once.

use kernel::{Timestamp, money::MicroDollars};
use serde::{Deserialize, Serialize};

/// A run's claim on transcoding, the job that was created for it, and the job's outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscodeJob {
    /// The task token that the state machine waits on.
    pub task_token: String,
    /// When the claim was made.
    pub claimed_at: Timestamp,
    /// The run's quote. It is owed from the claim on, however the run ends.
    pub quoted_micros: Option<MicroDollars>,
    /// The job's id in MediaConvert, once it is created.
    pub job_id: Option<String>,
    /// The job's outcome, once it has ended.
    pub outcome: Option<JobOutcome>,
}

/// How a MediaConvert job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobOutcome {
    /// It wrote its outputs.
    Complete {
        /// The length of the picture that it reports; see `media::job::picture_duration_ms`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture_ms: Option<u64>,
    },
    /// It failed.
    Error {
        /// MediaConvert's error code.
        code: i32,
        /// MediaConvert's message.
        message: String,
    },
    /// It was canceled.
    Canceled,
}
