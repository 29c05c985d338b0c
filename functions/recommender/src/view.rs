//! Models, retrainings and experiments as the API shows them.

use std::collections::BTreeMap;

use domain::{
    experiment::{ArmResults, Design, Experiment, ExperimentRecord, Interval, Metric, Results, StopRule, Verdict},
    model::ServingModel,
    retraining::{Metrics, Retraining, RetrainingState},
};
use kernel::{
    Timestamp,
    id::{AccountId, ExperimentId, RetrainingId},
};
use runtime::http::{Sample, sample};
use serde::Serialize;
use utoipa::ToSchema;

/// A trained model.
#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
pub(crate) struct ModelView {
    /// The version in its answers.
    #[schema(examples("1f0c4b7e"))]
    model_version: String,
    /// The retraining that trained it.
    run_id: RetrainingId,
    metrics: Metrics,
    /// Since when it serves.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// A retraining.
#[derive(Serialize, ToSchema)]
#[schema(as = Retraining)]
pub(crate) struct RetrainingView {
    run_id: RetrainingId,
    state: RetrainingState,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// The admin who started it; missing if it was the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_by: Option<AccountId>,
    /// The hyperparameters of the training.
    hyperparameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    /// Why it did not succeed, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
}

/// An experiment and its results.
#[derive(Serialize, ToSchema)]
#[schema(as = Experiment)]
pub(crate) struct ExperimentView {
    experiment_id: ExperimentId,
    name: String,
    design: Design,
    metric: Metric,
    /// The share of people who take part, in percent.
    share_percent: u8,
    stop: StopRule,
    /// The version of the current model.
    current: String,
    /// The version of the challenger.
    challenger: String,
    /// The hyperparameters of the challenger's training.
    hyperparameters: BTreeMap<String, String>,
    verdict: Verdict,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When its days are over.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Results>,
}

impl From<ServingModel> for ModelView {
    fn from(model: ServingModel) -> Self {
        Self {
            model_version: model.model_version,
            run_id: model.run_id,
            metrics: model.metrics,
            since: model.promoted_at,
        }
    }
}

impl From<Retraining> for RetrainingView {
    fn from(retraining: Retraining) -> Self {
        Self {
            run_id: retraining.run_id,
            state: retraining.state,
            started_at: retraining.started_at,
            ended_at: retraining.ended_at,
            started_by: retraining.started_by,
            hyperparameters: retraining.hyperparameters,
            model_version: retraining.model_version,
            metrics: retraining.metrics,
            sentence: retraining.reason.map(|reason| reason.sentence),
        }
    }
}

impl From<ExperimentRecord> for ExperimentView {
    fn from(record: ExperimentRecord) -> Self {
        let ends_at = record.experiment.ends_at();
        let Experiment {
            experiment_id,
            name,
            design,
            metric,
            share_percent,
            stop,
            current,
            challenger,
            started_at,
        } = record.experiment;

        Self {
            experiment_id,
            name,
            design,
            metric,
            share_percent,
            stop,
            current,
            challenger,
            hyperparameters: record.hyperparameters,
            verdict: record.verdict,
            started_at,
            ends_at,
            ended_at: record.ended_at,
            results: record.results,
        }
    }
}

/// An experiment and its results so far.
pub(crate) fn sample_experiment() -> (Experiment, Results) {
    let experiment = Experiment {
        experiment_id: ExperimentId::from_uuid(sample::uuid()),
        name: "More dimensions".to_owned(),
        design: Design::Interleaving,
        metric: Metric::Watched,
        share_percent: 50,
        stop: StopRule {
            people: 1_000,
            days: 28,
            window_days: 7,
        },
        current: "1f0c4b7e".to_owned(),
        challenger: "2a3b4c5d".to_owned(),
        started_at: sample::time(),
    };
    let arm = |titles| ArmResults { people: 412, titles };
    let results = Results {
        measured_at: sample::time(),
        people_shown: 530,
        people_measured: 412,
        current: arm(301),
        challenger: arm(388),
        difference: Some(Interval {
            mean: 0.21,
            low: -0.02,
            high: 0.44,
        }),
        sample_ratio_mismatch: false,
    };

    (experiment, results)
}

fn sample_record() -> ExperimentRecord {
    let (experiment, results) = sample_experiment();
    let hyperparameters = BTreeMap::from([("dimensions".to_owned(), "128".to_owned())]);
    let mut record = ExperimentRecord::new(experiment, AccountId::from_uuid(sample::uuid()), hyperparameters);
    record.results = Some(results);

    record
}

impl Sample for ExperimentView {
    fn samples() -> Vec<Self> {
        vec![sample_record().into()]
    }
}

const fn sample_metrics() -> Metrics {
    Metrics {
        ndcg_at_100: 0.331,
        recall_at_50: 0.438,
        recall_at_20: 0.325,
        popularity_ndcg_at_100: 0.164,
        coverage: 0.21,
        held_out_people: 512,
    }
}

impl ModelView {
    pub(crate) fn sample(model_version: &str) -> Self {
        Self {
            model_version: model_version.to_owned(),
            run_id: RetrainingId::from_uuid(sample::uuid()),
            metrics: sample_metrics(),
            since: sample::time(),
        }
    }
}

impl RetrainingView {
    /// A retraining that was refused, and one that succeeded.
    pub(crate) fn samples() -> Vec<Self> {
        let of = |state, metrics, sentence: Option<&str>| Self {
            run_id: RetrainingId::from_uuid(sample::uuid()),
            state,
            started_at: sample::time(),
            ended_at: Some(sample::time()),
            started_by: None,
            hyperparameters: BTreeMap::new(),
            model_version: Some("1f0c4b7e".to_owned()),
            metrics: Some(metrics),
            sentence: sentence.map(ToOwned::to_owned),
        };
        let worse = Metrics {
            ndcg_at_100: 0.252,
            ..sample_metrics()
        };

        vec![
            of(
                RetrainingState::Refused,
                worse,
                Some("The new model reaches NDCG@100 0.252; the current model reached 0.331."),
            ),
            of(RetrainingState::Promoted, sample_metrics(), None),
        ]
    }
}
