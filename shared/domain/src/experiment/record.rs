//! The record of an experiment.

use std::collections::BTreeMap;

use kernel::{Timestamp, id::AccountId};

use super::{Experiment, Results, Verdict};

/// The record of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentRecord {
    /// The declaration.
    pub experiment: Experiment,
    /// The admin who started it.
    pub started_by: AccountId,
    /// The hyperparameters of the challenger.
    pub hyperparameters: BTreeMap<String, String>,
    /// How it ended, or that it is running.
    pub verdict: Verdict,
    /// The results so far.
    pub results: Option<Results>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When the operators were notified of its end.
    pub notified_at: Option<Timestamp>,
    /// Increases with every change.
    pub version: u64,
}

impl ExperimentRecord {
    /// The record of an experiment that starts now.
    #[must_use]
    pub const fn new(experiment: Experiment, started_by: AccountId, hyperparameters: BTreeMap<String, String>) -> Self {
        Self {
            experiment,
            started_by,
            hyperparameters,
            verdict: Verdict::Running,
            results: None,
            ended_at: None,
            notified_at: None,
            version: 1,
        }
    }
}
