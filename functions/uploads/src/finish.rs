//! Completing an upload: S3 assembles the object from its parts. `complete-upload` tries while the client waits, `finish-upload`
//! later.

use adapters::{
    dynamodb::StoreError,
    s3::{CompleteError, Part},
};
use domain::upload::{Upload, UploadState};
use runtime::clock;

use crate::Context;

/// How often a state is written when other calls write one at the same moment.
const MAX_ATTEMPTS: u8 = 5;

/// Which call wrote the upload's current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// This call.
    This,
    /// Another call, which was first.
    Another,
}

/// Whether these sorted, distinct parts are all of the upload: their number is right, and the last one's.
pub(crate) fn is_whole(upload: &Upload, parts: &[Part]) -> bool {
    let planned = upload.parts.count();

    parts.len() as u64 == u64::from(planned) && parts.last().is_some_and(|part| part.number == planned)
}

/// Completes an upload with `parts` and writes its new state. Calls may be repeated and concurrent. An upload with other parts
/// keeps its state, because another call may have the right ones.
///
/// The bucket's own event starts the pipeline, not this function.
pub(crate) async fn finish(cx: &Context, upload: &mut Upload, parts: &[Part]) -> Result<(), FinishError> {
    match cx.bucket.complete(upload, parts).await {
        Ok(()) => {
            write_state(cx, upload, UploadState::Uploaded).await?;
            tracing::info!(upload.id = %upload.id, title.id = %upload.title_id, "upload {} is complete", upload.id);

            Ok(())
        }
        Err(CompleteError::PartsMismatch(reason)) => Err(FinishError::PartsMismatch(reason)),
        Err(CompleteError::Gone) => {
            write_state(cx, upload, UploadState::Aborted).await?;

            Err(FinishError::Gone)
        }
        Err(CompleteError::Call(error)) => Err(error.into()),
    }
}

/// Writes an upload's new state. If another call changed it meanwhile, `prevailing` decides.
pub(crate) async fn write_state(cx: &Context, upload: &mut Upload, state: UploadState) -> Result<Writer, StoreError> {
    upload.state = state;
    let saved = save(cx, upload, state).await;
    if saved.is_ok() {
        cx.close(upload, clock::now()).await;
    }

    saved
}

async fn save(cx: &Context, upload: &mut Upload, state: UploadState) -> Result<Writer, StoreError> {
    for _ in 0..MAX_ATTEMPTS {
        match cx.uploads.save(upload).await {
            Err(StoreError::Changed) => {}
            saved => return saved.map(|()| Writer::This),
        }

        let newer = cx.uploads.find(upload.id).await?.ok_or(StoreError::Changed)?;
        match prevailing(state, newer.state) {
            Prevailing::Ours => *upload = Upload { state, ..newer },
            Prevailing::Theirs => {
                *upload = newer;
                return Ok(Writer::Another);
            }
            Prevailing::Neither => break,
        }
    }

    Err(StoreError::Changed)
}

/// Which of two states prevails.
#[derive(Debug, PartialEq, Eq)]
enum Prevailing {
    Ours,
    Theirs,
    /// They contradict each other.
    Neither,
}

/// Which state prevails if this call wants to write `ours`, and another has written `theirs` since the upload was read.
fn prevailing(ours: UploadState, theirs: UploadState) -> Prevailing {
    match (ours, theirs) {
        // An uploaded object stays uploaded, even if a later attempt found no parts.
        _ if theirs == UploadState::Uploaded || theirs == ours => Prevailing::Theirs,
        // The object is in the bucket, even if another attempt failed.
        (UploadState::Uploaded, UploadState::Open | UploadState::Completing) => Prevailing::Ours,
        _ => Prevailing::Neither,
    }
}

/// Why an upload was not completed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FinishError {
    /// The bucket has other parts than the declared ones.
    #[error("the bucket has other parts than these: {0}")]
    PartsMismatch(String),
    /// The parts are gone.
    #[error("the parts are gone: begin another upload")]
    Gone,
    /// The call of S3 failed.
    #[error(transparent)]
    Bucket(#[from] adapters::aws::CallError),
    /// The call of the table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_in_the_bucket_prevails_over_a_failed_attempt() {
        use UploadState::{Aborted, Completing, Open, Uploaded};

        for (ours, theirs, expected) in [
            (Uploaded, Open, Prevailing::Ours),
            (Uploaded, Completing, Prevailing::Ours),
            (Open, Uploaded, Prevailing::Theirs),
            (Aborted, Uploaded, Prevailing::Theirs),
            (Completing, Completing, Prevailing::Theirs),
            (Uploaded, Aborted, Prevailing::Neither),
            (Open, Aborted, Prevailing::Neither),
        ] {
            assert_eq!(prevailing(ours, theirs), expected, "{ours}, {theirs}");
        }
    }
}
