//! The document that the retrain machine passes from state to state, and the inputs of steps that get more than a run.
//!
//! `statemachines/retrain.asl.yaml` names these fields. `tests/contracts/tests/machine_documents.rs` walks it with these types.

use serde::{Deserialize, Serialize};

use super::{Run, UpdateTarget};
use crate::machine::CaughtError;

/// The document: the run's id, and the errors that the machine caught. Everything else is in the table. It is the input of
/// `end-retraining`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The input of the machine.
    #[serde(flatten)]
    pub run: Run,
    /// Why the run did not succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CaughtError>,
    /// Why the rollback of the endpoint failed too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_error: Option<CaughtError>,
    /// Why the end could not be recorded. Only people read it, in the execution's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_error: Option<CaughtError>,
}

/// The input of `update-endpoint`, which also has a task token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateRun {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// The model that the endpoint serves after the update.
    pub to: UpdateTarget,
}
