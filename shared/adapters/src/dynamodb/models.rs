//! Which model serves, which one served before it, which one it is compared with, and which run is at work on the next: one
//! item, so that one run at a time can hold it, and none while an experiment goes on.

use std::collections::BTreeMap;

use domain::{
    experiment::Experiment,
    retraining::{Metrics, Run},
};
use kernel::{Timestamp, id::RetrainingId};
use serde::{Deserialize, Serialize};

use super::{
    Decision, StoreError, Table,
    item::{Item, Stored},
    keys, retry_on_conflict,
};

/// The table's word on models.
#[derive(Clone, Debug)]
pub struct Models(pub(super) Table);

/// Which model serves, and what is at work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelState {
    /// The trained model that serves; none before the first training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Promoted>,
    /// The one that served before, kept to go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Promoted>,
    /// The one that stands beside it in the endpoint, for experiments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenger: Option<Promoted>,
    /// The experiment that goes on. As long as it does, no run begins: the models must stay what they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Experiment>,
    /// What every run tells the trainer unless it is told something else: the hyperparameters of a challenger that won.
    #[serde(default)]
    pub recipe: BTreeMap<String, String>,
    /// The run that holds this item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_work: Option<AtWorkOn>,
    /// 0 as long as there is no item.
    pub version: u64,
}

/// A model that was let through and answered well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Promoted {
    /// The run that made it.
    pub run_id: RetrainingId,
    /// What SageMaker calls the model and its endpoint configuration.
    pub name: String,
    /// What the model calls itself in its answers.
    pub model_version: String,
    /// The address of its artefact.
    pub artefact: String,
    /// How good it is.
    pub metrics: Metrics,
    /// Since when it serves.
    pub promoted_at: Timestamp,
}

/// A run that is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtWorkOn {
    /// Which.
    pub run_id: RetrainingId,
    /// Since when.
    pub since: Timestamp,
}

impl Stored for ModelState {
    const KIND: &'static str = "model";
}

impl ModelState {
    /// Whether this run holds the item.
    #[must_use]
    pub fn is_held_by(&self, run: &Run) -> bool {
        self.at_work.is_some_and(|at_work| at_work.run_id == run.run_id)
    }

    /// Its next version, as an item.
    pub(super) fn next(&self) -> Result<Item, StoreError> {
        let next = Self {
            version: self.version + 1,
            ..self.clone()
        };

        next.to_item(keys::model())
    }
}

impl Models {
    /// The experiment that goes on, if one does; one that began or ended this moment may be missed.
    pub async fn experiment(&self) -> Result<Option<Experiment>, StoreError> {
        let item: Option<ModelState> = self.0.get_soon(keys::model()).await?;

        Ok(item.and_then(|models| models.experiment))
    }

    /// How it stands.
    pub async fn find(&self) -> Result<ModelState, StoreError> {
        let item: Option<ModelState> = self.0.get(keys::model()).await?;

        Ok(item.unwrap_or_default())
    }

    /// Writes a changed state, if nobody else changed it since it was read; its version goes up by one.
    pub async fn save(&self, state: &mut ModelState) -> Result<(), StoreError> {
        self.0.save(state.next()?, state.version).await?;
        state.version += 1;

        Ok(())
    }

    /// Changes the state by `decide`, which sees it as it is now, and again if another writer was faster.
    pub async fn update_with<T>(&self, decide: impl Fn(&mut ModelState) -> Decision<T>) -> Result<T, StoreError> {
        retry_on_conflict(|| async {
            let mut state = self.find().await?;
            match decide(&mut state) {
                Decision::Write(outcome) => self.save(&mut state).await.map(|()| outcome),
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
    use serde_json::json;

    use super::*;
    use crate::aws;

    /// As it was stored before models were compared.
    #[test]
    fn an_older_item_is_read() {
        let older = json!({
            "current": {
                "run_id": "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11", "name": "marquee-0192f7a46f0e7cc2b3a15a1f0f6f9d11",
                "model_version": "1f0c", "artefact": "s3://b/models/m/output/model.tar.gz",
                "metrics": { "ndcg_at_100": 0.3, "recall_at_50": 0.4, "recall_at_20": 0.3, "popularity_ndcg_at_100": 0.2,
                    "coverage": 0.5, "held_out_people": 59 },
                "promoted_at": "2026-03-05T20:14:31.25Z",
            },
            "version": 3,
        });
        let models = ModelState::from_item(to_item(older).unwrap()).unwrap();

        assert_eq!(models.current.unwrap().model_version, "1f0c");
        assert!(models.challenger.is_none() && models.experiment.is_none() && models.recipe.is_empty());
    }

    /// A table that answers every write like this.
    fn table(status: u16) -> Table {
        let failed = r#"{"__type":"ConditionalCheckFailedException"}"#;
        let answer = if status == 200 { "{}" } else { failed };

        Table::new(&aws::answered(move |_| (status, answer.to_owned())), "marquee")
    }

    #[tokio::test]
    async fn the_version_goes_up_once_it_is_written() {
        for version in [0, 3] {
            let mut models = ModelState {
                version,
                ..ModelState::default()
            };

            let refused = table(400).models().save(&mut models).await;
            assert!(matches!(refused, Err(StoreError::Changed)));
            assert_eq!(models.version, version);

            table(200).models().save(&mut models).await.unwrap();
            assert_eq!(models.version, version + 1);
        }
    }

    #[tokio::test]
    async fn what_a_rule_leaves_is_not_written_and_what_it_changes_is() {
        let writes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&writes);
        // Two of three writes come too late.
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
