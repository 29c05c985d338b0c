//! Experiments: what was declared, what has come of it so far, and how it ended.

use std::collections::BTreeMap;

use domain::audit::AuditEntry;
use domain::experiment::{Experiment, Results, Verdict};
use kernel::{
    Timestamp,
    id::{AccountId, ExperimentId},
};
use serde::{Deserialize, Serialize};

use super::{
    ModelState, Page, PageRequest, StoreError, Table,
    item::{Item, Stored, putting},
    keys,
};

/// The table's experiments.
#[derive(Clone, Debug)]
pub struct Experiments(pub(super) Table);

/// An experiment, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// As it was declared.
    pub experiment: Experiment,
    /// The admin who began it.
    pub started_by: AccountId,
    /// What the challenger's training was told.
    pub hyperparameters: BTreeMap<String, String>,
    /// How it stands.
    pub verdict: Verdict,
    /// What is known so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Results>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// When the operators were told how it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    version: u64,
    lists_pk: String,
    lists_sk: String,
}

impl Stored for Trial {
    const KIND: &'static str = "experiment";
}

impl Trial {
    /// An experiment that begins now.
    #[must_use]
    pub fn new(experiment: Experiment, started_by: AccountId, hyperparameters: BTreeMap<String, String>) -> Self {
        Self {
            lists_pk: keys::experiments(),
            lists_sk: keys::at(experiment.started_at, experiment.experiment_id),
            experiment,
            started_by,
            hyperparameters,
            verdict: Verdict::Running,
            results: None,
            ended_at: None,
            told_at: None,
            version: 1,
        }
    }
}

impl Experiments {
    /// Begins an experiment; [`StoreError::Changed`] if the models changed since they were read.
    pub async fn begin(&self, trial: &Trial, models: &mut ModelState, entry: &AuditEntry) -> Result<(), StoreError> {
        let read = models.version;
        models.version += 1;
        models.experiment = Some(trial.experiment.clone());
        let held = self.0.replacement(models.to_item(keys::model())?, read)?;
        let begun = trial.to_item(keys::experiment(trial.experiment.experiment_id))?;

        self.0
            .write_together(vec![
                putting(self.0.creation(begun)?),
                putting(held),
                self.0.audit_log().line(entry)?,
            ])
            .await
    }

    /// Writes how an experiment ended, with what the models' state is without it; [`StoreError::Changed`] if either changed
    /// since it was read. With a line of the audit log if an admin ends it.
    pub async fn end(
        &self,
        trial: &mut Trial,
        models: &mut ModelState,
        entry: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        let read = models.version;
        models.version += 1;
        models.experiment = None;
        let freed = self.0.replacement(models.to_item(keys::model())?, read)?;
        let (item, read) = next(trial)?;
        let ended = self.0.replacement(item, read)?;

        let mut writes = vec![putting(ended), putting(freed)];
        if let Some(entry) = entry {
            writes.push(self.0.audit_log().line(entry)?);
        }

        self.0.write_together(writes).await
    }

    /// Writes what has changed of a trial; [`StoreError::Changed`] if somebody else wrote since it was read.
    pub async fn save(&self, trial: &mut Trial) -> Result<(), StoreError> {
        let (item, read) = next(trial)?;

        self.0.replace(item, read).await
    }

    /// The experiment, if there is one.
    pub async fn find(&self, id: ExperimentId) -> Result<Option<Trial>, StoreError> {
        self.0.get(keys::experiment(id)).await
    }

    /// The newest experiments.
    pub async fn newest(&self, request: &PageRequest) -> Result<Page<Trial>, StoreError> {
        self.0.page(keys::LISTS, vec![keys::experiments()], None, request).await
    }
}

/// The trial's next version as an item, and the version that was read.
fn next(trial: &mut Trial) -> Result<(Item, u64), StoreError> {
    let read = trial.version;
    trial.version += 1;

    Ok((trial.to_item(keys::experiment(trial.experiment.experiment_id))?, read))
}
