//! Putting the object together: tried while the client waits, and again later if that takes too long.

use adapters::{
    dynamodb::StoreError,
    s3::{CompleteError, Part},
};
use domain::upload::{Upload, UploadState};
use runtime::clock;

use crate::Context;

/// How often a state is written when others write one at the same moment.
const MAX_ATTEMPTS: u8 = 5;

/// Who wrote the state that an upload is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// This call.
    This,
    /// Another call, which came first.
    Another,
}

/// Puts an upload's object together out of `parts` and writes what became of it. May be repeated, and done by several at
/// once: so an upload whose parts are others than these is left as it is, since another call may know the right ones.
///
/// The title moves on by the bucket's own event, not from here.
pub(crate) async fn finish(cx: &Context, upload: &mut Upload, parts: &[Part]) -> Result<(), FinishError> {
    match cx.bucket.complete(upload, parts).await {
        Ok(()) => {
            enter(cx, upload, UploadState::Uploaded).await?;
            tracing::info!(upload.id = %upload.id, title.id = %upload.title_id, "upload {} is complete", upload.id);

            Ok(())
        }
        Err(CompleteError::PartsMismatch(reason)) => Err(FinishError::OtherParts(reason)),
        Err(CompleteError::Gone) => {
            enter(cx, upload, UploadState::Aborted).await?;

            Err(FinishError::Gone)
        }
        Err(CompleteError::Call(error)) => Err(error.into()),
    }
}

/// Writes an upload's new state. If somebody else changed it meanwhile, theirs counts where it comes to the same.
pub(crate) async fn enter(cx: &Context, upload: &mut Upload, state: UploadState) -> Result<Writer, StoreError> {
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
        match counts(state, newer.state) {
            Counts::Ours => *upload = Upload { state, ..newer },
            Counts::Theirs => {
                *upload = newer;
                return Ok(Writer::Another);
            }
            Counts::Neither => break,
        }
    }

    Err(StoreError::Changed)
}

/// Which of two states counts.
#[derive(Debug, PartialEq, Eq)]
enum Counts {
    Ours,
    Theirs,
    /// They contradict one another.
    Neither,
}

/// Which state counts if one call wants to write `ours`, and another has written `theirs` since it read.
fn counts(ours: UploadState, theirs: UploadState) -> Counts {
    match (ours, theirs) {
        // What is uploaded stays so: a second try may have seen less.
        _ if theirs == UploadState::Uploaded || theirs == ours => Counts::Theirs,
        // The object is in the bucket, whatever became of another try.
        (UploadState::Uploaded, UploadState::Open | UploadState::Completing) => Counts::Ours,
        _ => Counts::Neither,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_in_the_bucket_counts_more_than_a_try_that_failed() {
        use UploadState::{Aborted, Completing, Open, Uploaded};

        for (ours, theirs, expected) in [
            (Uploaded, Open, Counts::Ours),
            (Uploaded, Completing, Counts::Ours),
            (Open, Uploaded, Counts::Theirs),
            (Aborted, Uploaded, Counts::Theirs),
            (Completing, Completing, Counts::Theirs),
            (Uploaded, Aborted, Counts::Neither),
            (Open, Aborted, Counts::Neither),
        ] {
            assert_eq!(counts(ours, theirs), expected, "{ours}, {theirs}");
        }
    }
}
