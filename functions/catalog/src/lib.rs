//! The catalog: titles, and how the pipeline comes along with them. Each file is a whole route.

mod context;
mod genres;
#[cfg(test)]
mod tests;
mod timeline;

pub mod cancel_title;
pub mod create_title;
pub mod delete_title;
pub mod get_timeline;
pub mod get_title;
pub mod list_genres;
pub mod list_titles;
pub mod redrive_title;
pub mod restore_title;
pub mod update_title;

use runtime::{http::Samples, view::TitleView};
use utoipa_axum::router::OpenApiRouter;

pub use context::Context;

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(create_title::route())
        .merge(list_titles::route())
        .merge(list_genres::route())
        .merge(get_title::route())
        .merge(update_title::route())
        .merge(delete_title::route())
        .merge(get_timeline::route())
        .merge(redrive_title::route())
        .merge(restore_title::route())
        .merge(cancel_title::route())
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::of::<TitleView>(),
        Samples::of::<list_genres::GenresView>(),
        Samples::of::<create_title::CreateTitleRequest>(),
        Samples::of::<update_title::UpdateTitleRequest>(),
        Samples::of::<redrive_title::RedriveRequest>(),
        Samples::of::<timeline::TimelineView>(),
    ]
}
