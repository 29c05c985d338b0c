//! `DELETE /uploads/{upload_id}`: aborts an upload and deletes its parts.

use adapters::dynamodb::Files;
use api::Managed;
use axum::{extract::State, http::StatusCode};
use domain::{
    title::TitleState,
    upload::{Upload, UploadState},
};
use kernel::{Timestamp, id::UploadId};
use runtime::http::{Member, Now, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(abort_upload))
}

#[utoipa::path(
    delete, path = "/uploads/{upload_id}", operation_id = "abort_upload", tag = "uploads",
    summary = "Abort an upload",
    description = "Deletes the parts and releases their storage; the title is a draft again. Aborting twice is harmless.",
    params(("upload_id" = UploadId, Path)),
    responses(
        (status = 204, description = "The upload is aborted"),
        (status = 403, description = "Only the person who began the upload may do this"),
        (status = 404, description = "There is no such upload, or it is not yours"),
        (status = 409, description = "It is complete, or is being completed"),
    ),
    security(("account" = [])),
)]
async fn abort_upload(
    Now(now): Now,
    State(cx): State<Context>,
    Managed(mut upload, _member, ()): Managed<Upload, Member>,
) -> Result<StatusCode, Problem> {
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

    // The caller may repeat all of this if it is interrupted.
    cx.bucket.abort(&upload).await?;
    if cx.bucket.exists(&upload).await? {
        // Another call completed it at the same moment, and it may be published: it counts until its files are deleted.
        upload.state = UploadState::Uploaded;
        cx.close(&upload, now).await;
    } else {
        cx.close(&upload, now).await;
        cx.retention.release_storage(Files::from(&upload)).await?;
    }
    release_title(&cx, &upload, now).await?;

    Ok(StatusCode::NO_CONTENT)
}

/// Makes the title a draft again, unless it has another upload already.
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

#[cfg(test)]
mod tests {
    use adapters::aws;
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn the_storage_of_a_film_in_the_bucket_is_not_released() {
        for (head, releases, bytes_today) in [(200, 0, "1000"), (404, 1, "0")] {
            let items = [testing::upload("open", 1), testing::title(), testing::usage()];
            let services = Services::answering(move |call| match call.name.split(' ').next() {
                Some("HEAD") => (head, String::new()),
                Some("DELETE") => (204, String::new()),
                _ => call.answer_from(&items),
            })
            .await;

            let cx = testing::context(&aws::at(&services.url));
            let upload = testing::managed(&cx.uploads, ()).await;
            let answer = abort_upload(Now(testing::now()), State(cx), upload).await;

            assert_eq!(answer.unwrap(), StatusCode::NO_CONTENT);
            let calls = services.calls();
            let writes = calls.iter().filter(|call| call.name == "TransactWriteItems");
            assert_eq!(writes.count(), releases, "of storage");
            let mut puts = calls.iter().filter(|call| call.name == "PutItem");
            let counted = puts.find(|call| call.body["Item"]["sk"]["S"] == "USAGE");
            let usage = &counted.unwrap().body["Item"]["usage"]["M"];
            assert_eq!(usage["upload_bytes"], json!({ "N": bytes_today }));
            assert_eq!(usage["open"], json!({ "M": {} }), "it is not open any more");
        }
    }
}
