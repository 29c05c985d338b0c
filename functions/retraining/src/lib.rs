//! Retraining the recommender: from what people did to a model that serves, or to a sentence that says why not.
//!
//! `start-retraining` (the schedule) and `retrain` (an admin) begin a run, the state machine `statemachines/recommend.asl.yaml`
//! calls the steps, `sagemaker-events` wakes it when SageMaker is done, and `end-retraining` writes how it ended and tells the
//! operators. The table is the truth: every function may be called twice, late or not at all. The endpoint always serves a
//! model that passed the gate, or the one it had before.

mod archive;
mod ending;
mod endpoint_end;
mod start;
mod step;
mod training_end;

pub mod end_retraining;
pub mod evaluate_model;
pub mod refresh_similar;
pub mod register_model;
pub mod retrain;
pub mod sagemaker_events;
pub mod smoke_test_model;
pub mod snapshot_training_data;
pub mod start_retraining;
pub mod train_model;
pub mod update_endpoint;

use runtime::http::Samples;
use utoipa_axum::router::OpenApiRouter;

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<retrain::Context> {
    retrain::route()
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::of::<retrain::RetrainRequest>(),
        Samples::of::<retrain::RetrainingBegun>(),
    ]
}
