//! The registry of models, as one item: one run at a time can hold it, and none while an experiment runs.

use std::collections::BTreeMap;

use domain::{
    experiment::Experiment,
    model::{ActiveRun, ModelRegistry, ServingModel},
};
use serde::{Deserialize, Serialize};

use super::{
    Decision, StoreError, Table,
    item::{Item, Stored},
    keys, retry_on_conflict,
};

/// The table's registry of models.
#[derive(Clone, Debug)]
pub struct Models(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct ModelItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current: Option<ServingModel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<ServingModel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    challenger: Option<ServingModel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    experiment: Option<Experiment>,
    #[serde(default, rename = "recipe")]
    hyperparameters: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "at_work")]
    active_run: Option<ActiveRun>,
    version: u64,
}

impl Stored for ModelItem {
    const KIND: &'static str = "model";
}

impl From<ModelItem> for ModelRegistry {
    fn from(item: ModelItem) -> Self {
        Self {
            current: item.current,
            previous: item.previous,
            challenger: item.challenger,
            experiment: item.experiment,
            hyperparameters: item.hyperparameters,
            active_run: item.active_run,
            version: item.version,
        }
    }
}

/// The registry's next version, as an item.
pub(super) fn next(registry: &ModelRegistry) -> Result<Item, StoreError> {
    let registry = registry.clone();
    let item = ModelItem {
        current: registry.current,
        previous: registry.previous,
        challenger: registry.challenger,
        experiment: registry.experiment,
        hyperparameters: registry.hyperparameters,
        active_run: registry.active_run,
        version: registry.version + 1,
    };

    item.to_item(keys::model())
}

impl Models {
    /// The running experiment. The read is eventually consistent: it may miss an experiment that started or ended just now.
    pub async fn experiment(&self) -> Result<Option<Experiment>, StoreError> {
        let item: Option<ModelItem> = self.0.get_eventually_consistent(keys::model()).await?;

        Ok(item.and_then(|registry| registry.experiment))
    }

    /// The registry; empty before the first training.
    pub async fn find(&self) -> Result<ModelRegistry, StoreError> {
        let item: Option<ModelItem> = self.0.get(keys::model()).await?;

        Ok(item.map_or_else(ModelRegistry::default, ModelRegistry::from))
    }

    /// Writes a changed registry and increases its version; [`StoreError::Changed`] if it changed since it was read.
    pub async fn save(&self, registry: &mut ModelRegistry) -> Result<(), StoreError> {
        self.0.save(next(registry)?, registry.version).await?;
        registry.version += 1;

        Ok(())
    }

    /// Applies `decide` to the current registry; again, to the new one, if another writer was faster.
    pub async fn update_with<T>(&self, decide: impl Fn(&mut ModelRegistry) -> Decision<T>) -> Result<T, StoreError> {
        retry_on_conflict(|| async {
            let mut registry = self.find().await?;
            match decide(&mut registry) {
                Decision::Write(outcome) => self.save(&mut registry).await.map(|()| outcome),
                Decision::Leave(outcome) => Ok(outcome),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use serde_dynamo::aws_sdk_dynamodb_1::to_item;
    use serde_json::Value;

    use super::*;
    use crate::aws;

    #[test]
    fn an_item_with_earlier_names_is_read() {
        let item: Value = serde_json::from_str(include_str!("../../fixtures/earlier-model.json")).unwrap();
        let models = ModelRegistry::from(ModelItem::from_item(to_item(item).unwrap()).unwrap());

        assert_eq!(models.current.unwrap().model_version, "1f0c");
        assert_eq!(models.hyperparameters["dimensions"], "128");
        assert!(models.active_run.is_some());
        assert!(models.challenger.is_none() && models.experiment.is_none());
    }

    /// A table that answers every write with `status`.
    fn table(status: u16) -> Table {
        let failed = r#"{"__type":"ConditionalCheckFailedException"}"#;
        let answer = if status == 200 { "{}" } else { failed };

        Table::new(&aws::answered(move |_| (status, answer.to_owned())), "marquee")
    }

    #[tokio::test]
    async fn the_version_goes_up_once_it_is_written() {
        for version in [0, 3] {
            let mut models = ModelRegistry {
                version,
                ..ModelRegistry::default()
            };

            let refused = table(400).models().save(&mut models).await;
            assert!(matches!(refused, Err(StoreError::Changed)));
            assert_eq!(models.version, version);

            table(200).models().save(&mut models).await.unwrap();
            assert_eq!(models.version, version + 1);
        }
    }

    #[tokio::test]
    async fn a_decision_to_leave_the_registry_writes_nothing() {
        let writes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&writes);
        // The first two of three writes come too late.
        let aws = aws::answered(move |body| {
            let is_write = String::from_utf8_lossy(body).contains("ConditionExpression");
            match is_write.then(|| counted.fetch_add(1, Ordering::Relaxed)) {
                Some(0 | 1) => (400, r#"{"__type":"ConditionalCheckFailedException"}"#.to_owned()),
                _ => (200, "{}".to_owned()),
            }
        });
        let models = Table::new(&aws, "marquee").models();

        assert_eq!(models.update_with(|_| Decision::Leave(1)).await.unwrap(), 1);
        assert_eq!(writes.load(Ordering::Relaxed), 0);
        assert_eq!(models.update_with(|_| Decision::Write(2)).await.unwrap(), 2);
        assert_eq!(writes.load(Ordering::Relaxed), 3);
    }
}
