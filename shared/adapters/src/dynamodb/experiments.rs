//! Experiments: the declaration, the results so far, and the verdict.

use std::collections::BTreeMap;

use domain::{
    audit::AuditEntry,
    experiment::{Experiment, ExperimentRecord, Results, Verdict},
    model::ModelRegistry,
};
use kernel::{
    Timestamp,
    id::{AccountId, ExperimentId},
};
use serde::{Deserialize, Serialize};

use super::{
    Page, PageRequest, StoreError, Table,
    item::{Item, Stored, putting},
    keys, models,
};

/// The table's experiments.
#[derive(Clone, Debug)]
pub struct Experiments(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct ExperimentItem {
    experiment: Experiment,
    started_by: AccountId,
    hyperparameters: BTreeMap<String, String>,
    verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    results: Option<Results>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "told_at")]
    notified_at: Option<Timestamp>,
    version: u64,
    lists_pk: String,
    lists_sk: String,
}

impl Stored for ExperimentItem {
    const KIND: &'static str = "experiment";
}

impl From<ExperimentItem> for ExperimentRecord {
    fn from(item: ExperimentItem) -> Self {
        Self {
            experiment: item.experiment,
            started_by: item.started_by,
            hyperparameters: item.hyperparameters,
            verdict: item.verdict,
            results: item.results,
            ended_at: item.ended_at,
            notified_at: item.notified_at,
            version: item.version,
        }
    }
}

/// An experiment as an item of this version.
fn item(record: &ExperimentRecord, version: u64) -> Result<Item, StoreError> {
    let record = record.clone();
    let key = keys::experiment(record.experiment.experiment_id);
    let item = ExperimentItem {
        lists_pk: keys::experiments(),
        lists_sk: keys::at(record.experiment.started_at, record.experiment.experiment_id),
        experiment: record.experiment,
        started_by: record.started_by,
        hyperparameters: record.hyperparameters,
        verdict: record.verdict,
        results: record.results,
        ended_at: record.ended_at,
        notified_at: record.notified_at,
        version,
    };

    item.to_item(key)
}

impl Experiments {
    /// Starts an experiment; [`StoreError::Changed`] if the registry changed since it was read.
    pub async fn start(
        &self,
        record: &ExperimentRecord,
        models: &mut ModelRegistry,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        models.experiment = Some(record.experiment.clone());
        let held = self.0.replacement(models::next(models)?, models.version)?;
        let started = item(record, record.version)?;

        self.0
            .write_together(vec![
                putting(self.0.creation(started)?),
                putting(held),
                self.0.audit_log().line(entry)?,
            ])
            .await?;
        models.version += 1;

        Ok(())
    }

    /// Writes an experiment that ended, and the registry that it left; [`StoreError::Changed`] if either changed since it was read. Adds
    /// a line to the audit log if an admin ends it.
    pub async fn end(
        &self,
        record: &mut ExperimentRecord,
        models: &mut ModelRegistry,
        entry: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        let released = self.0.replacement(models::next(models)?, models.version)?;
        let ended = self.0.replacement(item(record, record.version + 1)?, record.version)?;

        let mut writes = vec![putting(ended), putting(released)];
        if let Some(entry) = entry {
            writes.push(self.0.audit_log().line(entry)?);
        }

        self.0.write_together(writes).await?;
        models.version += 1;
        record.version += 1;

        Ok(())
    }

    /// Writes a changed experiment; [`StoreError::Changed`] if another writer was faster.
    pub async fn save(&self, record: &mut ExperimentRecord) -> Result<(), StoreError> {
        self.0
            .replace(item(record, record.version + 1)?, record.version)
            .await?;
        record.version += 1;

        Ok(())
    }

    /// The experiment, if there is one.
    pub async fn find(&self, id: ExperimentId) -> Result<Option<ExperimentRecord>, StoreError> {
        let item: Option<ExperimentItem> = self.0.get(keys::experiment(id)).await?;

        Ok(item.map(ExperimentRecord::from))
    }

    /// The newest experiments.
    pub async fn newest(&self, request: &PageRequest) -> Result<Page<ExperimentRecord>, StoreError> {
        let partitions = vec![keys::experiments()];
        let page: Page<ExperimentItem> = self.0.page(keys::LISTS, partitions, None, request).await?;

        Ok(Page {
            items: page.items.into_iter().map(ExperimentRecord::from).collect(),
            next_cursor: page.next_cursor,
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        audit::{Action, Origin, Target},
        experiment::{Metric, testing::experiment},
    };
    use serde_dynamo::aws_sdk_dynamodb_1::to_item;
    use serde_json::Value;

    use super::*;
    use crate::aws;

    fn record(now: Timestamp) -> ExperimentRecord {
        ExperimentRecord::new(experiment(now), AccountId::mint(now), BTreeMap::new())
    }

    /// The versions of an experiment and of the registry after a start, a save and an end, in a table that answers with `status`.
    async fn versions(status: u16) -> (u64, u64) {
        let now = Timestamp::UNIX_EPOCH;
        let failed = r#"{"__type":"ConditionalCheckFailedException"}"#;
        let answer = if status == 200 { "{}" } else { failed };
        let table = Table::new(&aws::answered(move |_| (status, answer.to_owned())), "marquee");
        let (mut record, mut models) = (record(now), ModelRegistry::default());
        let origin = Origin {
            route: String::new(),
            request_id: String::new(),
            address: None,
        };
        let target = Target::Experiment(record.experiment.experiment_id);
        let entry = AuditEntry::new(record.started_by, Action::ExperimentStarted, target, origin, now);
        let experiments = table.experiments();

        for written in [
            experiments.start(&record, &mut models, &entry).await,
            experiments.save(&mut record).await,
            experiments.end(&mut record, &mut models, None).await,
        ] {
            assert_eq!(written.is_ok(), status == 200, "{written:?}");
        }

        (record.version, models.version)
    }

    #[tokio::test]
    async fn versions_increase_once_they_are_written() {
        assert_eq!(versions(400).await, (1, 0));
        assert_eq!(versions(200).await, (3, 2));
    }

    #[test]
    fn an_experiment_is_stored_and_read() {
        let mut written = record(Timestamp::UNIX_EPOCH);
        written.notified_at = Some(Timestamp::UNIX_EPOCH);

        let stored = item(&written, written.version).unwrap();

        assert_eq!(
            ExperimentRecord::from(ExperimentItem::from_item(stored).unwrap()),
            written
        );
    }

    #[test]
    fn an_item_with_earlier_names_is_read() {
        let item: Value = serde_json::from_str(include_str!("../../fixtures/earlier-experiment.json")).unwrap();
        let record = ExperimentRecord::from(ExperimentItem::from_item(to_item(item).unwrap()).unwrap());

        assert_eq!(record.experiment.metric, Metric::Started);
        assert!(record.notified_at.is_some());
    }
}
