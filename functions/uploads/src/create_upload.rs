//! `POST /titles/{title_id}/uploads`: announces a film. Its parts are signed next.

use axum::extract::State;
use domain::{
    account::Person,
    asset::Asset,
    title::Title,
    upload::{ContentType, PartPlan, Upload, UploadState},
};
use kernel::{
    Timestamp,
    id::{AssetId, TitleId, UploadId},
};
use runtime::http::{Body, Created, FieldErrors, Member, Now, Path, Problem, Request, Sample, no_creator};
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
        (status = 409, description = "The title's state takes no upload"),
        (status = 422, description = "Some fields are not valid, or the file is too large"),
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
    let parts = PartPlan::of(film.size_bytes, cx.max_bytes);
    let parts = parts.map_err(|error| FieldErrors::one("/size_bytes", error))?;
    let replaced = title.asset_id;
    let asset_id = AssetId::mint(now);
    title
        .start_upload(asset_id, now)
        .map_err(|error| Problem::conflict(error.to_string()))?;

    let upload = begin(&cx, &mut title, asset_id, parts, film.content_type, &person, now).await?;
    if let Some(replaced) = replaced {
        give_up(&cx, title_id, replaced).await?;
    }

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
        return Err(no_creator());
    }

    Ok(title)
}

/// Begins the multipart upload, and writes the upload, the asset and the title's new state together.
async fn begin(
    cx: &Context,
    title: &mut Title,
    asset_id: AssetId,
    parts: PartPlan,
    content_type: ContentType,
    person: &Person,
    now: Timestamp,
) -> Result<Upload, Problem> {
    let id = UploadId::mint(now);
    let multipart_id = cx.bucket.begin(id, &content_type).await?;
    let upload = Upload {
        id,
        title_id: title.id,
        asset_id,
        account_id: person.id,
        state: UploadState::Open,
        parts,
        content_type,
        multipart_id,
        created_at: now,
        expires_at: Upload::expiry(now),
        version: 1,
    };
    let asset = Asset::new(asset_id, title.id, id, parts.size_bytes, now);

    if let Err(error) = cx.titles.begin_upload(title, &asset, &upload).await {
        cx.bucket.abort(&upload).await?;
        return Err(error.into());
    }
    tracing::info!(title.id = %title.id, upload.id = %id, bytes = parts.size_bytes, "began upload {id}");

    Ok(upload)
}

/// Gives up the upload that this one replaces, if it is still open. Should this fail, it expires by itself.
async fn give_up(cx: &Context, title_id: TitleId, asset_id: AssetId) -> Result<(), Problem> {
    let Some(asset) = cx.assets.find(title_id, asset_id).await? else {
        return Ok(());
    };
    let Some(mut upload) = cx.uploads.find(asset.upload_id).await? else {
        return Ok(());
    };

    if upload.state == UploadState::Open {
        upload.state = UploadState::Aborted;
        cx.uploads.save(&mut upload).await?;
        cx.bucket.abort(&upload).await?;
    }

    Ok(())
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
