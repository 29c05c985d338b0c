//! Engagement: what people watched, where they stopped, what they like. Each file is a whole route.

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

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<get_engagement::EngagementView>(),
        Samples::new::<record_progress::ProgressRequest>(),
    ]
}
