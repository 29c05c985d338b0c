//! An experiment, and what is known of it.

use std::collections::BTreeMap;

use kernel::{Timestamp, id::AccountId};

use super::{Experiment, Results, Verdict};

/// An experiment, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentRecord {
    /// As it was declared.
    pub experiment: Experiment,
    /// The admin who began it.
    pub started_by: AccountId,
    /// The hyperparameters of the challenger.
    pub hyperparameters: BTreeMap<String, String>,
    /// How it ended, or that it runs.
    pub verdict: Verdict,
    /// What is known so far.
    pub results: Option<Results>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When the operators were notified of its end.
    pub notified_at: Option<Timestamp>,
    /// Goes up with every change.
    pub version: u64,
}

impl ExperimentRecord {
    /// An experiment that begins now.
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
