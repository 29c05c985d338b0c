//! Uploads whose file's event was lost, that were not completed, or that were abandoned.

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

use super::{CheckResult, Context, Swept};

/// How long the upload's event and its route have after its last change.
const EVENT_TIMEOUT_SECONDS: i64 = 60;
/// How many uploads in the state `completing` are read from each bucket of the list.
const PAGE_SIZE: u8 = 50;

/// The input of `finish-upload`.
#[derive(Serialize)]
struct FinishUpload {
    upload_id: UploadId,
}

pub(super) async fn sweep(cx: &Context, swept: &mut Swept, now: Timestamp) -> Result<(), ServiceError> {
    let uploads = cx.uploads.completing(PAGE_SIZE).await?;
    swept
        .check_all(uploads, async |upload| {
            let result = finish(cx, upload, now).await;
            result.inspect_err(|error| log_failure!(error, cause = %error, "an upload could not be checked: {error}"))
        })
        .await;

    swept
        .check_titles(cx, TitleState::Uploading, async |title| check(cx, title, now).await)
        .await
}

/// Starts a title whose file is in the bucket, or makes it a draft again if its upload was abandoned.
async fn check(cx: &Context, title: &Title, now: Timestamp) -> Result<CheckResult, ServiceError> {
    if !is_late(title.updated_at, now) {
        return Ok(CheckResult::Healthy);
    }
    let Some(asset_id) = title.asset_id else {
        return Ok(CheckResult::Healthy);
    };
    let asset = cx.assets.find(title.id, asset_id).await?;
    let Some(asset) = asset.filter(|asset| asset.attempt.is_none()) else {
        return Ok(CheckResult::Healthy);
    };
    let Some(upload) = cx.uploads.find(asset.upload_id).await? else {
        return Ok(CheckResult::Healthy);
    };
    if is_abandoned(&upload, now) {
        return release(cx, title.id, upload, now).await;
    }
    if upload.state != UploadState::Uploaded {
        return Ok(CheckResult::Healthy);
    }

    tracing::warn!(title.id = %title.id, "no event of the file of title {} was received: starting its run", title.id);
    cx.run_starter.start_uploaded(asset.upload_id, now).await?;

    Ok(CheckResult::Repaired)
}

/// Whether an upload will not be continued: it expired, or it was aborted before its title was written.
fn is_abandoned(upload: &Upload, now: Timestamp) -> bool {
    match upload.state {
        UploadState::Open => upload.is_expired(now),
        UploadState::Aborted => true,
        UploadState::Completing | UploadState::Uploaded => false,
    }
}

/// Makes the title a draft again, which accepts another upload and can be deleted. The bucket deletes the parts by itself.
async fn release(
    cx: &Context,
    title: TitleId,
    mut upload: Upload,
    now: Timestamp,
) -> Result<CheckResult, ServiceError> {
    if upload.state == UploadState::Open {
        upload.state = UploadState::Aborted;
        cx.uploads.save(&mut upload).await?;
    }
    cx.retention.release_storage(Files::from(&upload)).await?;
    // The list may be out of date.
    let Some(mut title) = cx.titles.find(title).await? else {
        return Ok(CheckResult::Healthy);
    };
    if title.state != TitleState::Uploading || title.asset_id != Some(upload.asset_id) {
        return Ok(CheckResult::Healthy);
    }

    if title.abort_upload(upload.asset_id, now).is_err() {
        return Ok(CheckResult::Healthy);
    }
    cx.titles.save(&mut title).await?;
    tracing::info!(title.id = %title.id, upload.id = %upload.id, "upload {} was abandoned: its title is a draft again", upload.id);

    Ok(CheckResult::Repaired)
}

/// Has an upload completed that was interrupted, or records that it is complete.
async fn finish(cx: &Context, mut upload: Upload, now: Timestamp) -> Result<CheckResult, ServiceError> {
    // The item has no later time than its creation; `finish-upload` completes a large one in some minutes.
    if !is_late(upload.created_at, now) {
        return Ok(CheckResult::Healthy);
    }

    if cx.upload_bucket.head(&upload.key()).await?.is_some() {
        tracing::warn!(upload.id = %upload.id, "upload {} is complete and was not recorded as such", upload.id);
        upload.state = UploadState::Uploaded;
        cx.uploads.save(&mut upload).await?;
        close(cx, &upload, now).await;
        cx.run_starter.start_uploaded(upload.id, now).await?;
        return Ok(CheckResult::Repaired);
    }

    tracing::warn!(upload.id = %upload.id, "upload {} is not completed: calling finish-upload", upload.id);
    cx.finisher.call(&FinishUpload { upload_id: upload.id }).await?;

    Ok(CheckResult::Repaired)
}

/// Removes a complete upload from its account's open ones. If this fails, the entry ends when the upload expires.
async fn close(cx: &Context, upload: &Upload, now: Timestamp) {
    let closed = cx.quotas.close_upload(upload, now);
    if let Err(error) = closed.await {
        log_failure!(&error, upload.id = %upload.id, cause = %error, "upload {} still counts as open: {error}", upload.id);
    }
}

fn is_late(changed: Timestamp, now: Timestamp) -> bool {
    now.as_second() - changed.as_second() > EVENT_TIMEOUT_SECONDS
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use adapters::{aws, dynamodb::testing as items};
    use domain::upload::PartPlan;
    use kernel::id::{AccountId, AssetId};
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;

    fn created_at() -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap()
    }

    fn upload(state: UploadState) -> Upload {
        Upload {
            id: UploadId::mint(created_at()),
            title_id: TitleId::mint(created_at()),
            asset_id: AssetId::mint(created_at()),
            account_id: AccountId::mint(created_at()),
            state,
            parts: PartPlan::new(1, 1).unwrap(),
            content_type: "video/mp4".parse().unwrap(),
            multipart_id: String::new(),
            created_at: created_at(),
            expires_at: Upload::expiry(created_at()),
            version: 1,
        }
    }

    #[tokio::test]
    async fn an_upload_that_is_found_complete_is_not_open_any_more() {
        let upload = upload(UploadState::Completing);
        let account = upload.account_id;
        let items = [items::usage(&account.to_string(), &upload.id.to_string(), 1)];
        let services = Services::answering(move |call| call.answer_from(&items)).await;
        let cx = Context::new(&aws::at(&services.url), |_| Ok("marquee".to_owned())).unwrap();

        let now = created_at() + Duration::from_mins(5);
        let result = finish(&cx, upload, now).await.unwrap();

        assert!(matches!(result, CheckResult::Repaired));
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
        let now = created_at();
        let expired = Upload::expiry(now);

        assert!(!is_abandoned(&upload(UploadState::Open), now));
        assert!(is_abandoned(&upload(UploadState::Open), expired));
        assert!(is_abandoned(&upload(UploadState::Aborted), now));
        assert!(!is_abandoned(&upload(UploadState::Completing), expired));
        assert!(!is_abandoned(&upload(UploadState::Uploaded), expired));
    }
}
