//! `POST /titles/{title_id}/uploads`: announces a film. Its parts are signed next.

use adapters::dynamodb::{Files, QuotaError};
use axum::extract::State;
use domain::{
    account::Person,
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
use runtime::http::{Body, Created, FieldErrors, Member, Now, Path, Problem, Request, Sample, creator_required};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::UploadView};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(create_upload))
}

/// The film that is about to come.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUploadRequest {
    /// What the file is called where it comes from: any name that a file may have. It is not kept.
    #[schema(min_length = 1, max_length = 1_024)]
    file_name: String,
    #[schema(minimum = 1)]
    size_bytes: u64,
    /// A media type as in a `Content-Type` header; empty if it is not known. What is really in the file is found out by looking.
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
        let name = errors.check("/file_name", file_name(&self.file_name));
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

/// A name that is not kept cannot do harm: line breaks, tabs and whatever else a file system takes are fine.
fn file_name(name: &str) -> Result<(), &'static str> {
    match name.chars().count() {
        0 => Err("must not be empty"),
        1..=1_024 => Ok(()),
        _ => Err("must have at most 1024 characters"),
    }
}

#[utoipa::path(
    post, path = "/titles/{title_id}/uploads", operation_id = "create_upload", tag = "uploads",
    summary = "Begin an upload",
    description = "Announces a film for a title that has none yet, or whose last one failed. An upload that was begun \
                   before and not completed is given up.",
    params(("title_id" = TitleId, Path)),
    request_body = CreateUploadRequest,
    responses(
        (status = 201, description = "The upload, ready for parts", body = UploadView),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you may not see it"),
        (status = 409, description = "The title's state takes no upload, too many uploads are open, or the account stores all \
                                      that it may"),
        (status = 422, description = "Some fields are not valid, or the file is too large"),
        (status = 429, description = "This account has uploaded all that it may in a day"),
    ),
    security(("account" = [])),
)]
async fn create_upload(
    Member(person): Member,
    Now(now): Now,
    State(cx): State<Context>,
    Path(title_id): Path<TitleId>,
    Body(film): Body<CreateUploadRequest>,
) -> Result<Created<UploadView>, Problem> {
    let mut title = own_title(&cx, title_id, &person).await?;
    let parts = PartPlan::new(film.size_bytes, cx.max_bytes);
    let parts = parts.map_err(|error| FieldErrors::one("/size_bytes", error))?;
    let former = former_asset(&cx, &title).await?;
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
        title_id,
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
    tidy_up(&cx, replaced.as_ref(), former.as_ref(), now).await;

    Ok(Created {
        at: format!("/uploads/{}", upload.id),
        body: UploadView::of(&upload, vec![], now),
    })
}

async fn own_title(cx: &Context, id: TitleId, person: &Person) -> Result<Title, Problem> {
    let title = cx.titles.find(id).await?.filter(|title| title.visible_to(person));
    let title = title.ok_or_else(|| Problem::not_found("there is no such title, or you may not see it"))?;
    if title.owner.account_id != person.id {
        return Err(Problem::forbidden("only the owner of this title may do this"));
    }
    // The role may have been taken away since the title was created.
    if !person.may_publish() {
        return Err(creator_required());
    }

    Ok(title)
}

/// Counts the upload against what its account may have open, and upload in a day.
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

    counted.await.map_err(|error| problem(error, now))
}

fn problem(error: QuotaError, now: Timestamp) -> Problem {
    match error {
        QuotaError::Exceeded(exceeded) => Problem::quota_exceeded(&exceeded, now),
        QuotaError::Store(error) => error.into(),
    }
}

/// Begins the multipart upload, and writes the upload, the asset, the title's new state and what its account stores together.
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
        return Err(problem(error, now));
    }
    tracing::info!(title.id = %title.id, upload.id = %id, bytes = upload.parts.size_bytes, "began upload {id}");

    Ok(upload)
}

/// Ends what the upload replaces. The upload is begun, whatever becomes of this.
async fn tidy_up(cx: &Context, replaced: Option<&Upload>, former: Option<&Asset>, now: Timestamp) {
    if let Some(replaced) = replaced {
        cx.close(replaced, now).await;
        // It is given up in the table. Should this fail, the bucket drops the parts by itself.
        if let Err(error) = cx.bucket.abort(replaced).await {
            let id = replaced.id;
            tracing::warn!(upload.id = %id, cause = %error, "parts of upload {id} stay for a week: {error}");
        }
    }
    if let Some(former) = former {
        // It gives its space back, as soon as nothing of its run can write any more. Should this fail, later.
        let look = cx.retention.schedule_check(Files::from(former), now + Run::MAX_DURATION);
        if let Err(error) = look.await {
            let id = former.id;
            tracing::warn!(asset.id = %id, cause = %error, "files of asset {id} stay for longer: {error}");
        }
    }
}

/// What this title was made of until now, or would have been.
async fn former_asset(cx: &Context, title: &Title) -> Result<Option<Asset>, Problem> {
    match title.asset_id {
        Some(asset_id) => Ok(cx.assets.find(title.id, asset_id).await?),
        None => Ok(None),
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
    async fn an_upload_is_begun_although_what_it_replaces_cannot_be_ended() {
        let begun = "<InitiateMultipartUploadResult><UploadId>multipart</UploadId></InitiateMultipartUploadResult>";
        let items = [
            testing::upload("open", 1),
            testing::title(),
            testing::asset(),
            testing::usage(),
        ];
        let services = Services::answering(move |call| match call.name.split(' ').next() {
            Some("POST") => (200, begun.to_owned()),
            Some("DELETE") => testing::refused("AccessDenied"),
            // The note about the replaced files is written alone, the new upload with all that belongs to it.
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

        let answer = create_upload(
            Member(testing::creator()),
            Now(testing::now()),
            State(testing::context(&aws::at(&services.url))),
            Path(testing::ID.parse().unwrap()),
            Body(film),
        )
        .await;

        assert!(answer.is_ok(), "{:?}", answer.err());
        let calls = services.calls();
        let tried = |start: &str| calls.iter().filter(|call| call.name.starts_with(start)).count();
        assert_eq!((tried("DELETE "), tried("TransactWriteItems")), (1, 2));
        let mut puts = calls.iter().filter(|call| call.name == "PutItem");
        let freed = puts.any(|call| call.body["Item"]["usage"]["M"]["open"] == json!({ "M": {} }));
        assert!(freed, "the replaced upload is not open any more");
    }
}
