//! `GET /uploads/{upload_id}`: the parts that have arrived, so that a client can continue an interrupted upload.

use api::Readable;
use axum::{Json, extract::State};
use domain::upload::{Upload, UploadState};
use kernel::id::UploadId;
use runtime::http::{Now, Problem, Viewer};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::UploadView};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_upload))
}

#[utoipa::path(
    get, path = "/uploads/{upload_id}", operation_id = "get_upload", tag = "uploads",
    summary = "Get an upload",
    params(("upload_id" = UploadId, Path)),
    responses(
        (status = 200, description = "The upload with the parts that have arrived", body = UploadView),
        (status = 404, description = "There is no such upload, or it is not yours"),
    ),
    security(("account" = [])),
)]
async fn get_upload(
    Now(now): Now,
    State(cx): State<Context>,
    Readable(upload, _viewer, ()): Readable<Upload, Viewer>,
) -> Result<Json<UploadView>, Problem> {
    let parts = match upload.state {
        UploadState::Open | UploadState::Completing => cx.bucket.parts(&upload).await?,
        UploadState::Uploaded | UploadState::Aborted => vec![],
    };

    Ok(Json(UploadView::new(&upload, parts, now)))
}
