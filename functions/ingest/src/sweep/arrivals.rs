//! Files whose arrival was not heard, and uploads that were not put together.

use domain::{
    title::{Title, TitleState},
    upload::{Upload, UploadState},
};
use kernel::{Timestamp, id::UploadId};
use serde::Serialize;

use super::{Context, Swept};

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
    for upload in cx.uploads.completing(COMPLETING).await? {
        swept.looked_at += 1;
        if let Err(error) = finish(cx, upload, swept, now).await {
            tracing::warn!(cause = %error, "an upload could not be looked at: {error}");
        }
    }
    for title in cx.in_state(TitleState::Uploading).await? {
        swept.looked_at += 1;
        if is_late(title.updated_at, now)
            && let Err(error) = look(cx, &title, swept, now).await
        {
            tracing::warn!(title.id = %title.id, cause = %error, "title {} could not be looked at: {error}", title.id);
        }
    }

    Ok(())
}

/// Starts a title whose file is in the bucket.
async fn look(cx: &Context, title: &Title, swept: &mut Swept, now: Timestamp) -> Result<(), runtime::Error> {
    let Some(asset_id) = title.asset_id else {
        return Ok(());
    };
    let asset = cx.assets.find(title.id, asset_id).await?;
    let Some(asset) = asset.filter(|asset| asset.attempt.is_none()) else {
        return Ok(());
    };
    let upload = cx.uploads.find(asset.upload_id).await?;
    if upload.is_some_and(|upload| upload.state == UploadState::Uploaded) {
        swept.mended += 1;
        tracing::warn!(title.id = %title.id, "the file of title {} arrived unheard: starting it", title.id);
        cx.starter.arrived(asset.upload_id, now).await?;
    }

    Ok(())
}

/// Puts an upload together that was left half done, or notes that it is done.
async fn finish(cx: &Context, mut upload: Upload, swept: &mut Swept, now: Timestamp) -> Result<(), runtime::Error> {
    // Its creation is all that the item knows; a large one is put together by `finish-upload` for minutes.
    if !is_late(upload.created_at, now) {
        return Ok(());
    }

    swept.mended += 1;
    if cx.upload_bucket.head(&upload.key()).await?.is_some() {
        tracing::warn!(upload.id = %upload.id, "upload {} is complete and was not noted", upload.id);
        upload.state = UploadState::Uploaded;
        cx.uploads.save(&mut upload).await?;
        return Ok(cx.starter.arrived(upload.id, now).await?);
    }

    tracing::warn!(upload.id = %upload.id, "upload {} is not put together: calling finish-upload", upload.id);
    Ok(cx.finisher.call(&FinishUpload { upload_id: upload.id }).await?)
}

fn is_late(changed: Timestamp, now: Timestamp) -> bool {
    now.as_second() - changed.as_second() > PATIENCE_SECONDS
}
