//! Experiments: two models side by side in the endpoint, and which of them people do more with. An admin declares what is
//! measured and when it ends (`start-experiment`); `functions/recommendations` asks the one or the other, and says what it
//! showed; `measure-experiment` counts from the log of events, and ends the experiment by its rule.

mod context;
mod ending;
mod log;
mod view;

pub use self::context::Context;

use runtime::http::Samples;

runtime::functions! {
    routes(Context):
        get_recommender,
        start_experiment,
        stop_experiment;
    events:
        measure_experiment;
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<get_recommender::RecommenderView>(),
        Samples::new::<start_experiment::StartExperimentRequest>(),
        Samples::new::<view::ExperimentView>(),
    ]
}
