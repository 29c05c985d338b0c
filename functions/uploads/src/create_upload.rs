//! `POST /titles/{title_id}/uploads`: begins an upload. Its parts are signed next.

use adapters::dynamodb::Files;
use api::{Managed, access::Resource as _, quota_problem};
use axum::extract::State;
use domain::{
    asset::Asset,
    ingest::Run,
    quota::OpenUpload,
    title::Title,
    upload::{ContentType, PartPlan, Upload, UploadState},
};
use kernel::{
    Timestamp,
    id::{AssetId, TitleId, UploadId},
};
use runtime::http::{Body, Created, FieldErrors, Member, Now, Problem, Request, Sample, creator_required};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::UploadView};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(create_upload))
}

/// The film to upload.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUploadRequest {
    /// The name of the file on the client. It is not stored.
    #[schema(min_length = 1, max_length = 1_024)]
    file_name: String,
    #[schema(minimum = 1)]
    size_bytes: u64,
    /// A media type as in a `Content-Type` header; empty if unknown. The pipeline detects the real type from the file.
    #[schema(examples("video/mp4"))]
    content_type: String,
}

/// A valid announcement.
#[derive(Debug)]
pub struct Announcement {
    size_bytes: u64,
    content_type: ContentType,
}

impl Request for CreateUploadRequest {
    type Valid = Announcement;

    fn parse(self) -> Result<Announcement, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("/file_name", check_file_name(&self.file_name));
        let content_type = errors.check("/content_type", self.content_type.parse());

        match (name, content_type) {
            (Some(()), Some(content_type)) => Ok(Announcement {
                size_bytes: self.size_bytes,
                content_type,
            }),
            _ => Err(errors),
        }
    }
}

/// Any characters are allowed, because the name is not stored.
fn check_file_name(name: &str) -> Result<(), &'static str> {
    match name.chars().count() {
        0 => Err("must not be empty"),
        1..=1_024 => Ok(()),
        _ => Err("must have at most 1024 characters"),
    }
}

#[utoipa::path(
    post, path = "/titles/{title_id}/uploads", operation_id = "create_upload", tag = "uploads",
    summary = "Begin an upload",
    description = "Begins an upload for a title that has no film yet, or whose last one failed. It aborts an earlier upload of the \
                   title that is still open.",
    params(("title_id" = TitleId, Path)),
    request_body = CreateUploadRequest,
    responses(
        (status = 201, description = "The upload, ready for parts", body = UploadView),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "The title's state allows no upload, too many uploads are open, or the account's storage is \
                                      used up"),
        (status = 422, description = "Some fields are not valid, or the file is too large"),
        (status = 429, description = "This account has uploaded as much as it may in a day"),
    ),
    security(("account" = [])),
)]
async fn create_upload(
    Now(now): Now,
    State(cx): State<Context>,
    Managed(mut title, Member(person), Body(film)): Managed<Title, Member, Body<CreateUploadRequest>>,
) -> Result<Created<UploadView>, Problem> {
    // Admins manage titles of others, and upload nothing for them.
    if title.owner.account_id != person.id {
        return Err(Problem::forbidden(Title::NOT_MANAGED));
    }
    // The role may have been taken away since the title was created.
    if !person.may_publish() {
        return Err(creator_required());
    }
    let parts = PartPlan::new(film.size_bytes, cx.max_bytes);
    let parts = parts.map_err(|error| FieldErrors::one("/size_bytes", error))?;
    let former = cx.assets.newest(&title).await?;
    let mut replaced = open_upload(&cx, former.as_ref()).await?;
    if let Some(replaced) = &mut replaced {
        replaced.state = UploadState::Aborted;
    }
    let (asset_id, upload_id) = (AssetId::mint(now), UploadId::mint(now));
    title
        .start_upload(asset_id, upload_id, now)
        .map_err(|error| Problem::conflict(error.to_string()))?;

    let upload = Upload {
        id: upload_id,
        title_id: title.id,
        asset_id,
        account_id: person.id,
        state: UploadState::Open,
        parts,
        content_type: film.content_type,
        multipart_id: String::new(),
        created_at: now,
        expires_at: Upload::expiry(now),
        version: 1,
    };
    count(&cx, &upload, replaced.as_ref(), now).await?;
    let upload = begin(&cx, &mut title, upload, replaced.as_ref(), now).await?;
    end_replaced(&cx, replaced.as_ref(), former.as_ref(), now).await;

    Ok(Created {
        at: format!("/uploads/{}", upload.id),
        body: UploadView::new(&upload, vec![], now),
    })
}

/// Counts the upload against the account's quotas of open uploads and of a day.
async fn count(cx: &Context, upload: &Upload, replaced: Option<&Upload>, now: Timestamp) -> Result<(), Problem> {
    let open = OpenUpload {
        bytes: upload.parts.size_bytes,
        began_at: now,
        expires_at: upload.expires_at,
    };
    let replaced = replaced.map(|replaced| replaced.id);
    let counted = cx.quotas.change(upload.account_id, now, |usage| {
        usage.begin_upload(&cx.limits, upload.id, open.clone(), replaced)
    });

    counted.await.map_err(|error| quota_problem(error, now))
}

/// Begins the multipart upload, and writes the upload, the asset, the title's new state and the account's storage in one transaction.
async fn begin(
    cx: &Context,
    title: &mut Title,
    mut upload: Upload,
    replaced: Option<&Upload>,
    now: Timestamp,
) -> Result<Upload, Problem> {
    let id = upload.id;
    match cx.bucket.begin(id, &upload.content_type).await {
        Ok(multipart_id) => upload.multipart_id = multipart_id,
        Err(error) => {
            upload.state = UploadState::Aborted;
            cx.close(&upload, now).await;
            return Err(error.into());
        }
    }
    let asset = Asset::new(upload.asset_id, title.id, id, upload.parts.size_bytes, now);

    let limit = cx.limits.stored_bytes;
    if let Err(error) = cx.titles.begin_upload(title, &asset, &upload, replaced, limit).await {
        upload.state = UploadState::Aborted;
        cx.close(&upload, now).await;
        cx.bucket.abort(&upload).await?;
        return Err(quota_problem(error, now));
    }
    tracing::info!(title.id = %title.id, upload.id = %id, bytes = upload.parts.size_bytes, "began upload {id}");

    Ok(upload)
}

/// Ends the upload and the files that the new upload replaces. Failures are only logged, because the new upload has begun.
async fn end_replaced(cx: &Context, replaced: Option<&Upload>, former: Option<&Asset>, now: Timestamp) {
    if let Some(replaced) = replaced {
        cx.close(replaced, now).await;
        // The table has it as aborted. If this fails, the bucket deletes the parts by itself.
        if let Err(error) = cx.bucket.abort(replaced).await {
            let id = replaced.id;
            tracing::warn!(upload.id = %id, cause = %error, "parts of upload {id} stay for a week: {error}");
        }
    }
    if let Some(former) = former {
        // Its storage is released as soon as its run cannot write any more. If this fails, the regular check of its files does that.
        let scheduled = cx
            .retention
            .schedule_check(Files::from(former), now + Run::MAX_DURATION);
        if let Err(error) = scheduled.await {
            let id = former.id;
            tracing::warn!(asset.id = %id, cause = %error, "files of asset {id} stay for longer: {error}");
        }
    }
}

/// The upload of `asset`, if it is still open.
async fn open_upload(cx: &Context, asset: Option<&Asset>) -> Result<Option<Upload>, Problem> {
    let Some(asset) = asset else {
        return Ok(None);
    };
    let upload = cx.uploads.find(asset.upload_id).await?;

    Ok(upload.filter(|upload| upload.state == UploadState::Open))
}

impl Sample for CreateUploadRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            file_name: "big-buck-bunny.mp4".to_owned(),
            size_bytes: 20_000_000,
            content_type: "video/mp4".to_owned(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use adapters::aws;
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn an_upload_begins_although_the_replaced_one_cannot_be_ended() {
        let started = "<InitiateMultipartUploadResult><UploadId>multipart</UploadId></InitiateMultipartUploadResult>";
        let items = [
            testing::upload("open", 1),
            testing::title(),
            testing::asset(),
            testing::usage(),
        ];
        let services = Services::answering(move |call| match call.name.split(' ').next() {
            Some("POST") => (200, started.to_owned()),
            Some("DELETE") => testing::refused("AccessDenied"),
            // The check of the replaced files is written alone, the new upload together with other items.
            Some("TransactWriteItems") if call.body["TransactItems"][1].is_null() => {
                (400, json!({ "__type": "ValidationException" }).to_string())
            }
            _ => call.answer_from(&items),
        })
        .await;
        let film = Announcement {
            size_bytes: 1_000,
            content_type: "video/mp4".parse().unwrap(),
        };

        let cx = testing::context(&aws::at(&services.url));
        let title = testing::managed(&cx.titles, Body(film)).await;
        let answer = create_upload(Now(testing::now()), State(cx), title).await;

        assert!(answer.is_ok(), "{:?}", answer.err());
        let calls = services.calls();
        let calls_of = |start: &str| calls.iter().filter(|call| call.name.starts_with(start)).count();
        assert_eq!((calls_of("DELETE "), calls_of("TransactWriteItems")), (1, 2));
        let mut puts = calls.iter().filter(|call| call.name == "PutItem");
        let freed = puts.any(|call| call.body["Item"]["usage"]["M"]["open"] == json!({ "M": {} }));
        assert!(freed, "the replaced upload is not open any more");
    }

    #[tokio::test]
    async fn replaced_files_are_checked_when_no_run_can_write_them_any_more() {
        let services = Services::answering(|call| call.answer_from(&[])).await;
        let cx = testing::context(&aws::at(&services.url));
        let id = testing::ID;
        let former = Asset::new(
            id.parse().unwrap(),
            id.parse().unwrap(),
            id.parse().unwrap(),
            1_000,
            testing::now(),
        );

        end_replaced(&cx, None, Some(&former), testing::now()).await;

        let calls = services.calls();
        let check = calls.iter().find(|call| call.name == "TransactWriteItems").unwrap();
        let due = &check.body["TransactItems"][0]["Put"]["Item"]["work_sk"]["S"];
        assert_eq!(*due, format!("2026-11-19T13:06:40.000Z#{id}"), "26 hours later");
    }
}
