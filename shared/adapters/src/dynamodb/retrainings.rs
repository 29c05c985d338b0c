//! Runs of the retrain machine: what each found and decided, and the tokens that it waits on. Fields are written one by one, for
//! a step and an event may write at the same moment.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::AuditEntry;
use domain::retraining::{Metrics, Passed, Reason, RetrainingState, Run};
use kernel::{
    Timestamp,
    id::{AccountId, RetrainingId},
};
use serde::{Deserialize, Serialize};

use super::{
    AtWorkOn, ModelState, Page, PageRequest, StoreError, Table,
    item::{Stored, putting, text, value},
    keys,
};

/// Runs are kept for so long, to see how metrics go.
const KEPT_SECONDS: i64 = 400 * 24 * 60 * 60;

/// The table's runs of the retrain machine.
#[derive(Clone, Debug)]
pub struct Retrainings(pub(super) Table);

/// A run of the retrain machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retraining {
    /// Which.
    pub run_id: RetrainingId,
    /// When it began.
    pub started_at: Timestamp,
    /// The admin who began it; nobody if it was the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by: Option<AccountId>,
    /// What the trainer is told.
    #[serde(default)]
    pub hyperparameters: BTreeMap<String, String>,
    /// The model that the new one is to stand beside, instead of in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenges: Option<Challenged>,
    /// How it stands.
    pub state: RetrainingState,
    /// Why it did not end well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What it trains on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
    /// What the step that trains waits on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_token: Option<String>,
    /// How the training ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_outcome: Option<TrainingOutcome>,
    /// How good the model is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Metrics>,
    /// Why the gate let it through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Passed>,
    /// What the model calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_version: Option<String>,
    /// The address of its artefact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artefact: Option<String>,
    /// The endpoint's update to the new model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
    /// The endpoint's way back to the model before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Update>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// When the operators were told how it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// Always 1: its fields are written one by one.
    version: u64,
    expires_at_epoch: i64,
    lists_pk: String,
    lists_sk: String,
}

impl Stored for Retraining {
    const KIND: &'static str = "retraining";
}

/// What a run trains on: the objects that were there at one moment. Manifests beside them list each one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The moment.
    pub taken_at: Timestamp,
    /// How many objects of interactions.
    pub interactions: u64,
    /// How many objects of titles.
    pub titles: u64,
    /// How many bytes all of them have.
    pub bytes: u64,
}

/// The model that a new one challenges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenged {
    /// What it calls itself in its answers.
    pub model_version: String,
    /// The address of its artefact.
    pub artefact: String,
}

/// How a training ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum TrainingOutcome {
    /// It left a model.
    Completed,
    /// It failed.
    Failed {
        /// What SageMaker says of it.
        reason: String,
    },
    /// It was stopped.
    Stopped {
        /// By whom, in SageMaker's words.
        by: String,
    },
}

/// Which of its two updates of the endpoint a run is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateTo {
    /// To the new model.
    Candidate,
    /// Back to the model before.
    Previous,
}

/// An update of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// What the step waits on.
    pub task_token: String,
    /// The configuration that is to serve.
    pub config: String,
    /// The configuration that served before.
    pub before: String,
    /// When SageMaker took the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
}

impl UpdateTo {
    const fn attribute(self) -> &'static str {
        match self {
            Self::Candidate => "update",
            Self::Previous => "rollback",
        }
    }
}

impl Retraining {
    /// A run that begins now.
    #[must_use]
    pub fn new(
        run: Run,
        started_by: Option<AccountId>,
        hyperparameters: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Self {
        Self {
            run_id: run.run_id,
            started_at: now,
            started_by,
            hyperparameters,
            challenges: None,
            state: RetrainingState::Running,
            reason: None,
            snapshot: None,
            training_token: None,
            training_outcome: None,
            metrics: None,
            passed: None,
            model_version: None,
            artefact: None,
            update: None,
            rollback: None,
            ended_at: None,
            told_at: None,
            version: 1,
            expires_at_epoch: now.as_second() + KEPT_SECONDS,
            lists_pk: keys::retrainings(),
            lists_sk: keys::at(now, run.run_id),
        }
    }

    /// One of its updates of the endpoint.
    #[must_use]
    pub const fn update_of(&self, to: UpdateTo) -> Option<&Update> {
        match to {
            UpdateTo::Candidate => self.update.as_ref(),
            UpdateTo::Previous => self.rollback.as_ref(),
        }
    }
}

impl Retrainings {
    /// Begins a run and lets it hold the models' item; [`StoreError::Changed`] if that changed since it was read.
    /// With a line of the audit log if an admin begins it.
    pub async fn begin(
        &self,
        retraining: &Retraining,
        models: &mut ModelState,
        entry: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        models.at_work = Some(AtWorkOn {
            run_id: retraining.run_id,
            since: retraining.started_at,
        });
        let held = self.0.saving(models.next()?, models.version)?;
        let begun = self
            .0
            .creation(retraining.to_item(keys::retraining(retraining.run_id))?)?;

        let mut writes = vec![putting(begun), putting(held)];
        if let Some(entry) = entry {
            writes.push(self.0.audit_log().line(entry)?);
        }

        self.0.write_together(writes).await?;
        models.version += 1;

        Ok(())
    }

    /// The run, if there is one.
    pub async fn find(&self, run: &Run) -> Result<Option<Retraining>, StoreError> {
        self.find_by_id(run.run_id).await
    }

    /// The run with this id, if there is one.
    pub async fn find_by_id(&self, id: RetrainingId) -> Result<Option<Retraining>, StoreError> {
        self.0.get(keys::retraining(id)).await
    }

    /// The newest runs.
    pub async fn newest(&self, request: &PageRequest) -> Result<Page<Retraining>, StoreError> {
        self.0.page(keys::LISTS, vec![keys::retrainings()], None, request).await
    }

    /// Writes what is trained on.
    pub async fn note_snapshot(&self, run: &Run, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.set(run, &[("snapshot", value(snapshot)?)], THERE).await
    }

    /// Writes what the step that trains waits on; a step that was tried again waits on another token than before.
    pub async fn wait_for_training(&self, run: &Run, task_token: &str) -> Result<(), StoreError> {
        self.set(run, &[("training_token", text(task_token))], THERE).await
    }

    /// Writes how the training ended; [`StoreError::Changed`] if that is known already.
    pub async fn training_ended(&self, run: &Run, outcome: &TrainingOutcome) -> Result<(), StoreError> {
        let condition = "attribute_exists(pk) AND attribute_not_exists(training_outcome)";

        self.set(run, &[("training_outcome", value(outcome)?)], condition).await
    }

    /// Writes what the training left and how good it is.
    pub async fn note_model(
        &self,
        run: &Run,
        metrics: &Metrics,
        model_version: &str,
        artefact: &str,
    ) -> Result<(), StoreError> {
        let changes = [
            ("metrics", value(metrics)?),
            ("model_version", text(model_version)),
            ("artefact", text(artefact)),
        ];

        self.set(run, &changes, THERE).await
    }

    /// Writes why the gate let the model through.
    pub async fn note_passed(&self, run: &Run, passed: Passed) -> Result<(), StoreError> {
        self.set(run, &[("passed", value(&passed)?)], THERE).await
    }

    /// Writes how one of the endpoint's updates stands.
    pub async fn note_update(&self, run: &Run, to: UpdateTo, update: &Update) -> Result<(), StoreError> {
        self.set(run, &[(to.attribute(), value(update)?)], THERE).await
    }

    /// Ends the run; [`StoreError::Changed`] if it has ended already.
    pub async fn end(
        &self,
        run: &Run,
        state: RetrainingState,
        reason: Option<&Reason>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut changes = vec![("state", value(&state)?), ("ended_at", text(now))];
        if let Some(reason) = reason {
            changes.push(("reason", value(reason)?));
        }

        self.set(run, &changes, "attribute_not_exists(ended_at) AND attribute_exists(pk)")
            .await
    }

    /// Writes that the operators were told.
    pub async fn told(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        self.set(run, &[("told_at", text(now))], THERE).await
    }

    async fn set(&self, run: &Run, changes: &[(&str, AttributeValue)], condition: &str) -> Result<(), StoreError> {
        let mut update = self
            .0
            .client
            .update_item()
            .table_name(&self.0.name)
            .set_key(Some(keys::retraining(run.run_id).attributes()))
            .condition_expression(condition);
        let mut settings = Vec::new();
        for (index, (name, value)) in changes.iter().enumerate() {
            settings.push(format!("#n{index} = :v{index}"));
            update = update
                .expression_attribute_names(format!("#n{index}"), *name)
                .expression_attribute_values(format!(":v{index}"), value.clone());
        }
        update
            .update_expression(format!("SET {}", settings.join(", ")))
            .send()
            .await?;

        Ok(())
    }
}

/// A late event must not bring a run back that was dropped.
const THERE: &str = "attribute_exists(pk)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws;

    #[test]
    fn a_run_is_stored_and_read() {
        let run = Run {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
        };
        let mut retraining = Retraining::new(run, None, BTreeMap::new(), Timestamp::UNIX_EPOCH);
        retraining.training_outcome = Some(TrainingOutcome::Failed {
            reason: "why".to_owned(),
        });
        retraining.metrics = Some(Metrics {
            ndcg_at_100: 0.326,
            recall_at_50: 0.433,
            recall_at_20: 0.3,
            popularity_ndcg_at_100: 0.164,
            coverage: 0.25,
            held_out_people: 59,
        });

        let item = retraining.to_item(keys::retraining(run.run_id)).unwrap();

        assert_eq!(item["kind"], text("retraining"));
        assert_eq!(Retraining::from_item(item).unwrap(), retraining);
    }

    #[tokio::test]
    async fn the_version_of_the_models_goes_up_once_the_run_is_written() {
        let run = Run {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
        };
        let retraining = Retraining::new(run, None, BTreeMap::new(), Timestamp::UNIX_EPOCH);
        let failed = r#"{"__type":"ConditionalCheckFailedException"}"#;
        for (status, answer, version) in [(400, failed, 0), (200, "{}", 1)] {
            let table = Table::new(&aws::answered(move |_| (status, answer.to_owned())), "marquee");
            let mut models = ModelState::default();

            let begun = table.retrainings().begin(&retraining, &mut models, None).await;

            assert_eq!((begun.is_ok(), models.version), (status == 200, version));
        }
    }
}
