//! `GET /titles/{title_id}`: one title, if the caller may see it.

use api::{Readable, TitleView};
use axum::Json;
use domain::title::Title;
use kernel::id::TitleId;
use runtime::http::Viewer;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_title))
}

#[utoipa::path(
    get, path = "/titles/{title_id}", operation_id = "get_title", tag = "catalog",
    summary = "Get a title",
    description = "Every signed-in account may see published titles that are not private. Owners and admins see a title in any \
                   state.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 200, description = "The title", body = TitleView),
        (status = 404, description = "There is no such title, or you have no access to it"),
    ),
    security(("account" = [])),
)]
async fn get_title(Readable(title, Viewer(person), ()): Readable<Title, Viewer>) -> Json<TitleView> {
    Json(TitleView::for_person(&title, &person))
}
