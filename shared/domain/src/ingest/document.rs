//! The inputs of the ingest machine's steps that get more than a run.
//!
//! `statemachines/ingest.asl.yaml` names these fields. `tests/contracts/tests/machine_documents.rs` walks it with these types.

use kernel::id::{TitleId, UploadId};
use serde::{Deserialize, Serialize};

use super::{Run, Step};
use crate::machine::CaughtError;

/// The input of `begin-run`: the input and the name of an execution that an operator started by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualStart {
    /// The input.
    pub input: ManualInput,
    /// The name.
    pub execution: String,
}

/// What an operator runs: a title's newest upload, or the title of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualInput {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_id: Option<TitleId>,
    /// The upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<UploadId>,
    /// The first step to do; the first one that is not done if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_from: Option<Step>,
}

/// The input of `mark-failed`: a run that ended with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRun {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// The error.
    pub error: CaughtError,
    /// The optional step that failed; absent if a required step failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}
