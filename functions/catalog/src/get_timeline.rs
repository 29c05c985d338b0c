//! `GET /titles/{title_id}/timeline`: a title's pipeline progress.

use api::Managed;
use axum::{Json, extract::State};
use domain::title::Title;
use kernel::id::TitleId;
use runtime::http::{Problem, Viewer};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, timeline::TimelineView};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_timeline))
}

#[utoipa::path(
    get, path = "/titles/{title_id}/timeline", operation_id = "get_timeline", tag = "catalog",
    summary = "Get a title's pipeline progress",
    description = "Every step from the upload to the recommendations, with its state, times, progress, cost and reason.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 200, description = "The steps", body = TimelineView),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you have no access to it"),
    ),
    security(("account" = [])),
)]
async fn get_timeline(
    State(cx): State<Context>,
    Managed(title, _viewer, ()): Managed<Title, Viewer>,
) -> Result<Json<TimelineView>, Problem> {
    let asset = cx.assets.newest(&title).await?;

    Ok(Json(TimelineView::new(&title, asset.as_ref(), cx.budget)))
}
