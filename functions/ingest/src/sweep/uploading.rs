//! Files whose arrival was not heard, and uploads that were not put together.

use adapters::{ServiceError, dynamodb::Files};
use domain::{
    title::{Title, TitleState},
    upload::{Upload, UploadState},
};
use kernel::{
    Timestamp,
    id::{TitleId, UploadId},
};
use runtime::log_failure;
use serde::Serialize;

use super::{Context, Found, Swept};

/// So long after an upload's last change its event and its route are given time to do their part.
const PATIENCE_SECONDS: i64 = 60;
/// Uploads that are put together at the same time, of each bucket of the list.
const COMPLETING: u8 = 50;

/// What `finish-upload` is told.
#[derive(Serialize)]
struct FinishUpload {
    upload_id: UploadId,
}

pub(super) async fn sweep(cx: &Context, swept: &mut Swept, now: Timestamp) -> Result<(), ServiceError> {
    let uploads = cx.uploads.completing(COMPLETING).await?;
    swept
        .look_at(uploads, async |upload| {
            let found = finish(cx, upload, now).await;
            found.inspect_err(|error| log_failure!(error, cause = %error, "an upload could not be looked at: {error}"))
        })
        .await;
    let titles = cx.in_state(TitleState::Uploading).await?;
    swept
        .look_at(titles, async |title| {
            look(cx, &title, now).await.inspect_err(|error| {
                log_failure!(error, title.id = %title.id, cause = %error, "title {} could not be looked at: {error}", title.id);
            })
        })
        .await;

    Ok(())
}

/// Starts a title whose file is in the bucket.
async fn look(cx: &Context, title: &Title, now: Timestamp) -> Result<Found, ServiceError> {
    if !is_late(title.updated_at, now) {
        return Ok(Found::Well);
    }
    let Some(asset_id) = title.asset_id else {
        return Ok(Found::Well);
    };
    let asset = cx.assets.find(title.id, asset_id).await?;
    let Some(asset) = asset.filter(|asset| asset.attempt.is_none()) else {
        return Ok(Found::Well);
    };
    let Some(upload) = cx.uploads.find(asset.upload_id).await? else {
        return Ok(Found::Well);
    };
    if is_abandoned(&upload, now) {
        return give_up(cx, title.id, upload, now).await;
    }
    if upload.state != UploadState::Uploaded {
        return Ok(Found::Well);
    }

    tracing::warn!(title.id = %title.id, "the file of title {} arrived unheard: starting it", title.id);
    cx.starter.arrived(asset.upload_id, now).await?;

    Ok(Found::Mended)
}

/// Whether nobody goes on with an upload: it expired, or it was aborted and its title was not told.
fn is_abandoned(upload: &Upload, now: Timestamp) -> bool {
    match upload.state {
        UploadState::Open => upload.is_expired(now),
        UploadState::Aborted => true,
        UploadState::Completing | UploadState::Uploaded => false,
    }
}

/// Makes the title a draft again, which takes another upload or can be deleted. The bucket drops the parts by itself.
async fn give_up(cx: &Context, title: TitleId, mut upload: Upload, now: Timestamp) -> Result<Found, ServiceError> {
    if upload.state == UploadState::Open {
        upload.state = UploadState::Aborted;
        cx.uploads.save(&mut upload).await?;
    }
    cx.retention.release_storage(Files::from(&upload)).await?;
    // The list lags behind: what is true now is in the table.
    let Some(mut title) = cx.titles.find(title).await? else {
        return Ok(Found::Well);
    };
    if title.state != TitleState::Uploading || title.asset_id != Some(upload.asset_id) {
        return Ok(Found::Well);
    }

    if title.abort_upload(upload.asset_id, now).is_err() {
        return Ok(Found::Well);
    }
    cx.titles.save(&mut title).await?;
    tracing::info!(title.id = %title.id, upload.id = %upload.id, "upload {} was abandoned: its title is a draft again", upload.id);

    Ok(Found::Mended)
}

/// Puts an upload together that was left half done, or notes that it is done.
async fn finish(cx: &Context, mut upload: Upload, now: Timestamp) -> Result<Found, ServiceError> {
    // Its creation is all that the item knows; a large one is put together by `finish-upload` for minutes.
    if !is_late(upload.created_at, now) {
        return Ok(Found::Well);
    }

    if cx.upload_bucket.head(&upload.key()).await?.is_some() {
        tracing::warn!(upload.id = %upload.id, "upload {} is complete and was not noted", upload.id);
        upload.state = UploadState::Uploaded;
        cx.uploads.save(&mut upload).await?;
        close(cx, &upload, now).await;
        cx.starter.arrived(upload.id, now).await?;
        return Ok(Found::Mended);
    }

    tracing::warn!(upload.id = %upload.id, "upload {} is not put together: calling finish-upload", upload.id);
    cx.finisher.call(&FinishUpload { upload_id: upload.id }).await?;

    Ok(Found::Mended)
}

/// Notes that an upload is complete and not open any more. Should this fail, the entry ends when the upload expires.
async fn close(cx: &Context, upload: &Upload, now: Timestamp) {
    let closed = cx.quotas.close_upload(upload, now);
    if let Err(error) = closed.await {
        log_failure!(&error, upload.id = %upload.id, cause = %error, "upload {} still counts as open: {error}", upload.id);
    }
}

fn is_late(changed: Timestamp, now: Timestamp) -> bool {
    now.as_second() - changed.as_second() > PATIENCE_SECONDS
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use adapters::{
        aws::{self, SdkConfig},
        dynamodb::{Table, testing as items},
        functions::AsyncFunction,
        mediaconvert::MediaConvert,
        s3::Bucket,
        sfn::{IngestMachine, TaskTokens},
        sns::Topic,
    };
    use domain::upload::PartPlan;
    use kernel::id::{AccountId, AssetId};
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;
    use crate::{mark_failed::Failing, notify::Announcer, start::Starter, transcode_end::TranscodeEnd};

    fn context(aws: &SdkConfig) -> Context {
        let table = Table::new(aws, "marquee");
        let machine = IngestMachine::new(aws, "machine");

        Context {
            titles: table.titles(),
            assets: table.assets(),
            uploads: table.uploads(),
            retention: table.retention(),
            quotas: table.quotas(),
            transcodes: table.transcodes(),
            audit: table.sweep_cursor(),
            transcoder: MediaConvert::new(aws, "queue".to_owned(), "role".to_owned()),
            upload_bucket: Bucket::new(aws, "uploads"),
            media: Bucket::new(aws, "media"),
            finisher: AsyncFunction::new(aws, "finish-upload"),
            starter: Starter::new(&table, machine.clone()),
            end: TranscodeEnd::new(&table, TaskTokens::new(aws)),
            failing: Failing::new(&table),
            announcer: Announcer::new(&table, Topic::new(aws, "topic")),
            machine,
        }
    }

    fn begun() -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap()
    }

    fn upload(state: UploadState) -> Upload {
        Upload {
            id: UploadId::mint(begun()),
            title_id: TitleId::mint(begun()),
            asset_id: AssetId::mint(begun()),
            account_id: AccountId::mint(begun()),
            state,
            parts: PartPlan::new(1, 1).unwrap(),
            content_type: "video/mp4".parse().unwrap(),
            multipart_id: String::new(),
            created_at: begun(),
            expires_at: Upload::expiry(begun()),
            version: 1,
        }
    }

    #[tokio::test]
    async fn an_upload_that_turns_out_to_be_complete_is_not_open_any_more() {
        let upload = upload(UploadState::Completing);
        let account = upload.account_id;
        let items = [items::usage(&account.to_string(), &upload.id.to_string(), 1)];
        let services = Services::answering(move |call| call.answer_from(&items)).await;

        let now = begun() + Duration::from_mins(5);
        let found = finish(&context(&aws::at(&services.url)), upload, now).await.unwrap();

        assert!(matches!(found, Found::Mended));
        let calls = services.calls();
        let counted = calls
            .iter()
            .find(|call| call.name == "PutItem" && call.body["Item"]["sk"]["S"] == "USAGE");
        let usage = &counted.unwrap().body["Item"]["usage"]["M"];
        assert_eq!(usage["open"], json!({ "M": {} }), "its slot is free");
        assert_eq!(usage["upload_bytes"], json!({ "N": "1" }), "its bytes are not");
    }

    #[test]
    fn an_upload_is_abandoned_once_it_expired_or_was_aborted() {
        let now = begun();
        let expired = Upload::expiry(now);

        assert!(!is_abandoned(&upload(UploadState::Open), now));
        assert!(is_abandoned(&upload(UploadState::Open), expired));
        assert!(is_abandoned(&upload(UploadState::Aborted), now));
        assert!(!is_abandoned(&upload(UploadState::Completing), expired));
        assert!(!is_abandoned(&upload(UploadState::Uploaded), expired));
    }
}
