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

    /// Its next version, as an item.
    fn next(&self) -> Result<Item, StoreError> {
        let next = Self {
            version: self.version + 1,
            ..self.clone()
        };

        next.to_item(keys::experiment(self.experiment.experiment_id))
    }
}

impl Experiments {
    /// Begins an experiment; [`StoreError::Changed`] if the models changed since they were read.
    pub async fn begin(&self, trial: &Trial, models: &mut ModelState, entry: &AuditEntry) -> Result<(), StoreError> {
        models.experiment = Some(trial.experiment.clone());
        let held = self.0.replacement(models.next()?, models.version)?;
        let begun = trial.to_item(keys::experiment(trial.experiment.experiment_id))?;

        self.0
            .write_together(vec![
                putting(self.0.creation(begun)?),
                putting(held),
                self.0.audit_log().line(entry)?,
            ])
            .await?;
        models.version += 1;

        Ok(())
    }

    /// Writes how an experiment ended, with what the models' state is without it; [`StoreError::Changed`] if either changed
    /// since it was read. With a line of the audit log if an admin ends it.
    pub async fn end(
        &self,
        trial: &mut Trial,
        models: &mut ModelState,
        entry: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        models.experiment = None;
        let freed = self.0.replacement(models.next()?, models.version)?;
        let ended = self.0.replacement(trial.next()?, trial.version)?;

        let mut writes = vec![putting(ended), putting(freed)];
        if let Some(entry) = entry {
            writes.push(self.0.audit_log().line(entry)?);
        }

        self.0.write_together(writes).await?;
        models.version += 1;
        trial.version += 1;

        Ok(())
    }

    /// Writes what has changed of a trial; [`StoreError::Changed`] if somebody else wrote since it was read.
    pub async fn save(&self, trial: &mut Trial) -> Result<(), StoreError> {
        self.0.replace(trial.next()?, trial.version).await?;
        trial.version += 1;

        Ok(())
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

#[cfg(test)]
mod tests {
    use domain::{
        audit::{Action, Origin, Target},
        experiment::{Design, Metric, StopRule},
    };

    use super::*;
    use crate::aws;

    fn trial(now: Timestamp) -> Trial {
        let experiment = Experiment {
            experiment_id: ExperimentId::mint(now),
            name: "More factors".to_owned(),
            design: Design::Split,
            metric: Metric::Watched,
            share_percent: 50,
            stop: StopRule {
                people: 1_000,
                days: 14,
                window_days: 7,
            },
            current: "1f0c".to_owned(),
            challenger: "2a3b".to_owned(),
            started_at: now,
        };

        Trial::new(experiment, AccountId::mint(now), BTreeMap::new())
    }

    /// What the versions of an experiment and of the models are after it began, was saved and ended in a table that answers like this.
    async fn versions(status: u16) -> (u64, u64) {
        let now = Timestamp::UNIX_EPOCH;
        let failed = r#"{"__type":"ConditionalCheckFailedException"}"#;
        let answer = if status == 200 { "{}" } else { failed };
        let table = Table::new(&aws::answered(move |_| (status, answer.to_owned())), "marquee");
        let (mut trial, mut models) = (trial(now), ModelState::default());
        let origin = Origin {
            route: String::new(),
            request_id: String::new(),
            address: None,
        };
        let target = Target::Experiment(trial.experiment.experiment_id);
        let entry = AuditEntry::new(trial.started_by, Action::ExperimentStarted, target, origin, now);
        let experiments = table.experiments();

        for written in [
            experiments.begin(&trial, &mut models, &entry).await,
            experiments.save(&mut trial).await,
            experiments.end(&mut trial, &mut models, None).await,
        ] {
            assert_eq!(written.is_ok(), status == 200, "{written:?}");
        }

        (trial.version, models.version)
    }

    #[tokio::test]
    async fn versions_go_up_once_they_are_written() {
        assert_eq!(versions(400).await, (1, 0));
        assert_eq!(versions(200).await, (3, 2));
    }
}
