//! Files whose arrival was not heard, and uploads that were not put together.

use domain::{
    title::{Title, TitleState},
    upload::{Upload, UploadState},
};
use kernel::{Timestamp, id::UploadId};
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
    let upload = cx.uploads.find(asset.upload_id).await?;
    if upload.is_none_or(|upload| upload.state != UploadState::Uploaded) {
        return Ok(Found::Well);
    }

    tracing::warn!(title.id = %title.id, "the file of title {} arrived unheard: starting it", title.id);
    cx.starter.arrived(asset.upload_id, now).await?;

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
