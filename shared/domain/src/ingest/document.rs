//! The document that the ingest machine passes from state to state, and the inputs of steps that get more than a run.
//!
//! `statemachines/ingest.asl.yaml` names these fields. `tests/contracts/tests/machine_documents.rs` walks it with these types.

use kernel::id::{TitleId, UploadId};
use serde::{Deserialize, Serialize};

use super::{Run, RunInput, Step};
use crate::machine::CaughtError;

/// The document: ids, and the errors that the machine caught. Everything else is in the table (ADR 6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The input of the machine.
    #[serde(flatten)]
    pub input: RunInput,
    /// Why the run failed, or why the step `notify` is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CaughtError>,
    /// Why the job could not be canceled. Only people read this error and the following ones, in the execution's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_error: Option<CaughtError>,
    /// Why the step `notify` could not be marked as skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_error: Option<CaughtError>,
    /// Why the title could not be marked as failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark_error: Option<CaughtError>,
    /// Why subscribers were not notified of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_error: Option<CaughtError>,
}

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
