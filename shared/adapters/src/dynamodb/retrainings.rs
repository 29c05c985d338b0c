//! Runs of the retrain machine: the results of their steps, and the tokens that they wait on. Fields are written one by one,
//! because a step and an event may write at the same moment.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    audit::AuditEntry,
    model::{ActiveRun, ModelRegistry},
    retraining::{
        CurrentModel, EndpointUpdate, Metrics, Passed, Reason, Retraining, RetrainingState, Run, Snapshot,
        TrainingOutcome, UpdateTarget,
    },
};
use kernel::{
    Timestamp,
    id::{AccountId, RetrainingId},
};
use serde::{Deserialize, Serialize};

use super::{
    Page, PageRequest, StoreError, Table,
    item::{Stored, putting, text, value},
    keys, models,
};

/// Runs are kept for longer than a year, to show how metrics develop.
const RETENTION_SECONDS: i64 = 400 * 24 * 60 * 60;

/// A late event must not create the item of a run that has expired.
const EXISTS: &str = "attribute_exists(pk)";

/// The table's runs of the retrain machine.
#[derive(Clone, Debug)]
pub struct Retrainings(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct RetrainingItem {
    run_id: RetrainingId,
    started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_by: Option<AccountId>,
    #[serde(default)]
    hyperparameters: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    challenges: Option<CurrentModel>,
    state: RetrainingState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snapshot: Option<Snapshot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training_outcome: Option<TrainingOutcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passed: Option<Passed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artefact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    update: Option<EndpointUpdate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollback: Option<EndpointUpdate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "told_at")]
    notified_at: Option<Timestamp>,
    /// Always 1: its fields are written one by one.
    version: u64,
    expires_at_epoch: i64,
    lists_pk: String,
    lists_sk: String,
}

impl Stored for RetrainingItem {
    const KIND: &'static str = "retraining";
}

impl From<&Retraining> for RetrainingItem {
    fn from(retraining: &Retraining) -> Self {
        let retraining = retraining.clone();

        Self {
            version: 1,
            expires_at_epoch: retraining.started_at.as_second() + RETENTION_SECONDS,
            lists_pk: keys::retrainings(),
            lists_sk: keys::at(retraining.started_at, retraining.run_id),
            run_id: retraining.run_id,
            started_at: retraining.started_at,
            started_by: retraining.started_by,
            hyperparameters: retraining.hyperparameters,
            challenges: retraining.challenges,
            state: retraining.state,
            reason: retraining.reason,
            snapshot: retraining.snapshot,
            training_token: retraining.training_token,
            training_outcome: retraining.training_outcome,
            metrics: retraining.metrics,
            passed: retraining.passed,
            model_version: retraining.model_version,
            artefact: retraining.artefact,
            update: retraining.update,
            rollback: retraining.rollback,
            ended_at: retraining.ended_at,
            notified_at: retraining.notified_at,
        }
    }
}

impl From<RetrainingItem> for Retraining {
    fn from(item: RetrainingItem) -> Self {
        Self {
            run_id: item.run_id,
            started_at: item.started_at,
            started_by: item.started_by,
            hyperparameters: item.hyperparameters,
            challenges: item.challenges,
            state: item.state,
            reason: item.reason,
            snapshot: item.snapshot,
            training_token: item.training_token,
            training_outcome: item.training_outcome,
            metrics: item.metrics,
            passed: item.passed,
            model_version: item.model_version,
            artefact: item.artefact,
            update: item.update,
            rollback: item.rollback,
            ended_at: item.ended_at,
            notified_at: item.notified_at,
        }
    }
}

/// The attribute of one of a run's updates of the endpoint.
const fn attribute(target: UpdateTarget) -> &'static str {
    match target {
        UpdateTarget::Candidate => "update",
        UpdateTarget::Previous => "rollback",
    }
}

impl Retrainings {
    /// Starts a run, which holds the registry from now on; [`StoreError::Changed`] if that changed since it was read. Adds a line to
    /// the audit log if an admin starts it.
    pub async fn start(
        &self,
        retraining: &Retraining,
        models: &mut ModelRegistry,
        entry: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        models.active_run = Some(ActiveRun {
            run_id: retraining.run_id,
            since: retraining.started_at,
        });
        let held = self.0.saving(models::next(models)?, models.version)?;
        let started = self
            .0
            .creation(RetrainingItem::from(retraining).to_item(keys::retraining(retraining.run_id))?)?;

        let mut writes = vec![putting(started), putting(held)];
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
        let item: Option<RetrainingItem> = self.0.get(keys::retraining(id)).await?;

        Ok(item.map(Retraining::from))
    }

    /// The newest runs.
    pub async fn newest(&self, request: &PageRequest) -> Result<Page<Retraining>, StoreError> {
        let partitions = vec![keys::retrainings()];
        let page: Page<RetrainingItem> = self.0.page(keys::LISTS, partitions, None, request).await?;

        Ok(Page {
            items: page.items.into_iter().map(Retraining::from).collect(),
            next_cursor: page.next_cursor,
        })
    }

    /// Writes the snapshot of the training data.
    pub async fn note_snapshot(&self, run: &Run, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.set(run, &[("snapshot", value(snapshot)?)], EXISTS).await
    }

    /// Writes the token that the step `train` waits on. Each attempt of the step has another token.
    pub async fn wait_for_training(&self, run: &Run, task_token: &str) -> Result<(), StoreError> {
        self.set(run, &[("training_token", text(task_token))], EXISTS).await
    }

    /// Writes the outcome of the training; [`StoreError::Changed`] if the run has one already.
    pub async fn training_ended(&self, run: &Run, outcome: &TrainingOutcome) -> Result<(), StoreError> {
        let condition = "attribute_exists(pk) AND attribute_not_exists(training_outcome)";

        self.set(run, &[("training_outcome", value(outcome)?)], condition).await
    }

    /// Writes the trained model and its metrics.
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

        self.set(run, &changes, EXISTS).await
    }

    /// Writes why the model passed the quality gate.
    pub async fn note_passed(&self, run: &Run, passed: Passed) -> Result<(), StoreError> {
        self.set(run, &[("passed", value(&passed)?)], EXISTS).await
    }

    /// Writes one of the run's updates of the endpoint.
    pub async fn note_update(
        &self,
        run: &Run,
        target: UpdateTarget,
        update: &EndpointUpdate,
    ) -> Result<(), StoreError> {
        self.set(run, &[(attribute(target), value(update)?)], EXISTS).await
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

    /// Writes that the operators were notified.
    pub async fn notified(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        self.set(run, &[("notified_at", text(now))], EXISTS).await
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

#[cfg(test)]
mod tests {
    use serde_dynamo::aws_sdk_dynamodb_1::to_item;
    use serde_json::Value;

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

        let item = RetrainingItem::from(&retraining)
            .to_item(keys::retraining(run.run_id))
            .unwrap();

        assert_eq!(item["kind"], text("retraining"));
        assert_eq!(Retraining::from(RetrainingItem::from_item(item).unwrap()), retraining);
    }

    #[test]
    fn an_item_with_earlier_names_is_read() {
        let item: Value = serde_json::from_str(include_str!("../../fixtures/earlier-retraining.json")).unwrap();
        let retraining = Retraining::from(RetrainingItem::from_item(to_item(item).unwrap()).unwrap());

        assert!(retraining.notified_at.is_some());
    }

    #[tokio::test]
    async fn the_version_of_the_registry_increases_once_the_run_is_written() {
        let run = Run {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
        };
        let retraining = Retraining::new(run, None, BTreeMap::new(), Timestamp::UNIX_EPOCH);
        let failed = r#"{"__type":"ConditionalCheckFailedException"}"#;
        for (status, answer, version) in [(400, failed, 0), (200, "{}", 1)] {
            let table = Table::new(&aws::answered(move |_| (status, answer.to_owned())), "marquee");
            let mut models = ModelRegistry::default();

            let started = table.retrainings().start(&retraining, &mut models, None).await;

            assert_eq!((started.is_ok(), models.version), (status == 200, version));
        }
    }
}
