//! Administration of the recommender: retraining, and experiments that compare two models.
//!
//! *Retraining.* `start-retraining` (the schedule) and `retrain` (an admin) start a run. The state machine
//! `statemachines/retrain.asl.yaml` calls the steps, `sagemaker-events` resumes it when a job of SageMaker ends, and
//! `end-retraining` records the result and notifies the operators. The table has the state of a run: every function may be called
//! twice, late or not at all. The endpoint always serves a model that passed the quality gate, or the model before it.
//!
//! *Experiments.* An admin declares what is measured and when the experiment ends (`start-experiment`). `functions/recommendations`
//! asks one model or the other and records exposures. `measure-experiment` counts from the log of events and ends the experiment by
//! its rule.

mod archive;
mod context;
mod endpoint_end;
mod event_log;
mod experiment_end;
mod retraining_end;
mod retraining_start;
mod step;
#[cfg(test)]
mod tests;
mod training_end;
mod view;

pub use self::context::Context;

use runtime::http::Samples;

runtime::functions! {
    routes(Context):
        get_recommender,
        retrain,
        start_experiment,
        stop_experiment;
    events:
        measure_experiment,
        sagemaker_events,
        start_retraining;
    steps:
        end_retraining,
        evaluate_model,
        refresh_similar,
        register_model,
        smoke_test_model,
        snapshot_training_data,
        train_model,
        update_endpoint;
}

/// Samples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<get_recommender::RecommenderView>(),
        Samples::new::<retrain::RetrainRequest>(),
        Samples::new::<retrain::RetrainingStarted>(),
        Samples::new::<start_experiment::StartExperimentRequest>(),
        Samples::new::<view::ExperimentView>(),
    ]
}
