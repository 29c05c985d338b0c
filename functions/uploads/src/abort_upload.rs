//! `DELETE /uploads/{upload_id}`: gives an upload up, with all its parts.

use adapters::dynamodb::Files;
use axum::{extract::State, http::StatusCode};
use domain::{
    title::TitleState,
    upload::{Upload, UploadState},
};
use kernel::{Timestamp, id::UploadId};
use runtime::http::{Member, Now, Path, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(abort_upload))
}

#[utoipa::path(
    delete, path = "/uploads/{upload_id}", operation_id = "abort_upload", tag = "uploads",
    summary = "Abort an upload",
    description = "Drops the parts; the title is a draft again, and the space that the file would take is free. Aborting twice is harmless.",
    params(("upload_id" = UploadId, Path)),
    responses(
        (status = 204, description = "The upload is aborted"),
        (status = 403, description = "Only the one who began the upload may do this"),
        (status = 404, description = "There is no such upload, or it is not yours"),
        (status = 409, description = "It is complete, or nearly"),
    ),
    security(("account" = [])),
)]
async fn abort_upload(
    Member(person): Member,
    Now(now): Now,
    State(cx): State<Context>,
    Path(id): Path<UploadId>,
) -> Result<StatusCode, Problem> {
    let mut upload = cx.own_upload(id, &person).await?;
    match upload.state {
        UploadState::Open => {
            upload.state = UploadState::Aborted;
            cx.uploads.save(&mut upload).await?;
        }
        UploadState::Aborted => {}
        state @ (UploadState::Completing | UploadState::Uploaded) => {
            return Err(Problem::conflict(format!(
                "this upload is {state}: it cannot be aborted any more"
            )));
        }
    }

    // All of this may be repeated, should it be interrupted.
    cx.close(&upload, now).await;
    cx.bucket.abort(&upload).await?;
    cx.retention.give_back(Files::of(&upload)).await?;
    release_title(&cx, &upload, now).await?;

    Ok(StatusCode::NO_CONTENT)
}

/// The title waits for another upload, unless it has one already.
async fn release_title(cx: &Context, upload: &Upload, now: Timestamp) -> Result<(), Problem> {
    let Some(mut title) = cx.titles.find(upload.title_id).await? else {
        return Ok(());
    };

    if title.state == TitleState::Uploading && title.asset_id == Some(upload.asset_id) {
        title
            .abort_upload(upload.asset_id, now)
            .map_err(|error| Problem::conflict(error.to_string()))?;
        cx.titles.save(&mut title).await?;
    }

    Ok(())
}
