//! Retraining the recommender: from what people did to a model that serves, or to a sentence that says why not.
//!
//! `start-retraining` (the schedule) and `retrain` (an admin) begin a run, the state machine `statemachines/retrain.asl.yaml`
//! calls the steps, `sagemaker-events` wakes it when SageMaker is done, and `end-retraining` writes how it ended and tells the
//! operators. The table is the truth: every function may be called twice, late or not at all. The endpoint always serves a
//! model that passed the gate, or the one it had before.

mod archive;
mod ending;
mod endpoint_end;
mod start;
mod step;
mod training_end;

use runtime::http::Samples;

runtime::functions! {
    routes(retrain::Context):
        retrain;
    events:
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

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<retrain::RetrainRequest>(),
        Samples::new::<retrain::RetrainingBegun>(),
    ]
}
