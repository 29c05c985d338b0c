//! Putting the object together: tried while the client waits, and again later if that takes too long.

use adapters::{
    dynamodb::StoreError,
    s3::{CompleteError, Part},
};
use domain::upload::{Upload, UploadState};
use runtime::clock;

use crate::Context;

/// Puts an upload's object together out of `parts` and writes what became of it. May be repeated, and done by several at
/// once.
///
/// The title moves on by the bucket's own event, not from here.
pub(crate) async fn finish(cx: &Context, upload: &mut Upload, parts: &[Part]) -> Result<(), FinishError> {
    match cx.bucket.complete(upload, parts).await {
        Ok(()) => {
            enter(cx, upload, UploadState::Uploaded).await?;
            tracing::info!(upload.id = %upload.id, title.id = %upload.title_id, "upload {} is complete", upload.id);

            Ok(())
        }
        // The client may look at what has arrived, send what is missing and try again.
        Err(CompleteError::OtherParts(reason)) => {
            enter(cx, upload, UploadState::Open).await?;

            Err(FinishError::OtherParts(reason))
        }
        Err(CompleteError::Gone) => {
            enter(cx, upload, UploadState::Aborted).await?;

            Err(FinishError::Gone)
        }
        Err(CompleteError::Call(error)) => Err(error.into()),
    }
}

/// Writes an upload's new state. If somebody else changed it meanwhile, theirs counts where it comes to the same.
pub(crate) async fn enter(cx: &Context, upload: &mut Upload, state: UploadState) -> Result<(), StoreError> {
    upload.state = state;
    let saved = save(cx, upload, state).await;
    if saved.is_ok() {
        cx.close(upload, clock::now()).await;
    }

    saved
}

async fn save(cx: &Context, upload: &mut Upload, state: UploadState) -> Result<(), StoreError> {
    match cx.uploads.save(upload).await {
        Err(StoreError::Changed) => match cx.uploads.find(upload.id).await? {
            // What is uploaded stays so: a second try may have seen less.
            Some(newer) if newer.state == state || newer.state == UploadState::Uploaded => {
                *upload = newer;
                Ok(())
            }
            _ => Err(StoreError::Changed),
        },
        saved => saved,
    }
}

/// Why an object was not put together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FinishError {
    /// S3 has other parts than those declared.
    #[error("the bucket has other parts than these: {0}")]
    OtherParts(String),
    /// The parts are gone.
    #[error("the parts are gone: begin another upload")]
    Gone,
    /// The bucket's fault.
    #[error(transparent)]
    Bucket(#[from] adapters::aws::CallError),
    /// The table's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}
