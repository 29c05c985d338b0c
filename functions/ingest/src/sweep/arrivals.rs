//! Files whose arrival was not heard, and uploads that were not put together.

use adapters::dynamodb::Files;
use domain::{
    title::{Title, TitleState},
    upload::{Upload, UploadState},
};
use kernel::{
    Timestamp,
    id::{TitleId, UploadId},
};
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

pub(super) async fn sweep(cx: &Context, swept: &mut Swept, now: Timestamp) -> Result<(), runtime::Error> {
    let uploads = cx.uploads.completing(COMPLETING).await?;
    swept
        .look_at(uploads, async |upload| {
            let found = finish(cx, upload, now).await;
            found.inspect_err(|error| tracing::warn!(cause = %error, "an upload could not be looked at: {error}"))
        })
        .await;
    let titles = cx.in_state(TitleState::Uploading).await?;
    swept
        .look_at(titles, async |title| {
            look(cx, &title, now).await.inspect_err(|error| {
                tracing::warn!(title.id = %title.id, cause = %error, "title {} could not be looked at: {error}", title.id);
            })
        })
        .await;

    Ok(())
}

/// Starts a title whose file is in the bucket.
async fn look(cx: &Context, title: &Title, now: Timestamp) -> Result<Found, runtime::Error> {
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
async fn give_up(cx: &Context, title: TitleId, mut upload: Upload, now: Timestamp) -> Result<Found, runtime::Error> {
    if upload.state == UploadState::Open {
        upload.state = UploadState::Aborted;
        cx.uploads.save(&mut upload).await?;
    }
    cx.retention.give_back(Files::of(&upload)).await?;
    // The list lags behind: what is true now is in the table.
    let Some(mut title) = cx.titles.find(title).await? else {
        return Ok(Found::Well);
    };
    if title.state != TitleState::Uploading || title.asset_id != Some(upload.asset_id) {
        return Ok(Found::Well);
    }

    title.abort_upload(upload.asset_id, now)?;
    cx.titles.save(&mut title).await?;
    tracing::info!(title.id = %title.id, upload.id = %upload.id, "upload {} was abandoned: its title is a draft again", upload.id);

    Ok(Found::Mended)
}

/// Puts an upload together that was left half done, or notes that it is done.
async fn finish(cx: &Context, mut upload: Upload, now: Timestamp) -> Result<Found, runtime::Error> {
    // Its creation is all that the item knows; a large one is put together by `finish-upload` for minutes.
    if !is_late(upload.created_at, now) {
        return Ok(Found::Well);
    }

    if cx.upload_bucket.head(&upload.key()).await?.is_some() {
        tracing::warn!(upload.id = %upload.id, "upload {} is complete and was not noted", upload.id);
        upload.state = UploadState::Uploaded;
        cx.uploads.save(&mut upload).await?;
        cx.starter.arrived(upload.id, now).await?;
        return Ok(Found::Mended);
    }

    tracing::warn!(upload.id = %upload.id, "upload {} is not put together: calling finish-upload", upload.id);
    cx.finisher.call(&FinishUpload { upload_id: upload.id }).await?;

    Ok(Found::Mended)
}

fn is_late(changed: Timestamp, now: Timestamp) -> bool {
    now.as_second() - changed.as_second() > PATIENCE_SECONDS
}

#[cfg(test)]
mod tests {
    use domain::upload::PartPlan;
    use kernel::id::{AccountId, AssetId};

    use super::*;

    #[test]
    fn an_upload_is_abandoned_once_it_expired_or_was_aborted() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let upload = |state| Upload {
            id: UploadId::mint(now),
            title_id: TitleId::mint(now),
            asset_id: AssetId::mint(now),
            account_id: AccountId::mint(now),
            state,
            parts: PartPlan::of(1, 1).unwrap(),
            content_type: "video/mp4".parse().unwrap(),
            multipart_id: String::new(),
            created_at: now,
            expires_at: Upload::expiry(now),
            version: 1,
        };
        let expired = Upload::expiry(now);

        assert!(!is_abandoned(&upload(UploadState::Open), now));
        assert!(is_abandoned(&upload(UploadState::Open), expired));
        assert!(is_abandoned(&upload(UploadState::Aborted), now));
        assert!(!is_abandoned(&upload(UploadState::Completing), expired));
        assert!(!is_abandoned(&upload(UploadState::Uploaded), expired));
    }
}
