//! Engagement: what people watched, where they stopped, what they like. Each file is a whole route.

mod context;
#[cfg(test)]
mod tests;

pub mod get_engagement;
pub mod like_title;
pub mod record_progress;
pub mod unlike_title;

use runtime::http::Samples;
use utoipa_axum::router::OpenApiRouter;

pub use context::Context;

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(get_engagement::route())
        .merge(record_progress::route())
        .merge(like_title::route())
        .merge(unlike_title::route())
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::of::<get_engagement::EngagementView>(),
        Samples::of::<record_progress::ProgressRequest>(),
    ]
}
