//! Engagement: what viewers watched, where they stopped, what they like. One file for each route.

mod context;
#[cfg(test)]
mod tests;

use runtime::http::Samples;

pub use context::Context;

runtime::functions! {
    routes(Context):
        get_engagement,
        record_progress,
        like_title,
        unlike_title;
}

/// Examples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<get_engagement::EngagementView>(),
        Samples::new::<record_progress::ProgressRequest>(),
    ]
}
