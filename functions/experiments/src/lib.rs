//! Experiments: two models side by side in the endpoint, and which of them people do more with. An admin declares what is
//! measured and when it ends (`start-experiment`); `functions/recommendations` asks the one or the other, and says what it
//! showed; `measure-experiment` counts from the log of events, and ends the experiment by its rule.

mod context;
mod ending;
mod log;
mod view;

pub mod get_recommender;
pub mod measure_experiment;
pub mod start_experiment;
pub mod stop_experiment;

pub use self::context::Context;

use runtime::http::Samples;
use utoipa_axum::router::OpenApiRouter;

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(get_recommender::route())
        .merge(start_experiment::route())
        .merge(stop_experiment::route())
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::of::<get_recommender::RecommenderView>(),
        Samples::of::<start_experiment::StartExperimentRequest>(),
        Samples::of::<view::ExperimentView>(),
    ]
}
