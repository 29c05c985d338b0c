//! Puts an object together that took too long for an API call. Called by `complete-upload` and by the sweeper; Lambda
//! calls again if it fails.

use adapters::s3::Part;
use domain::upload::UploadState;
use kernel::id::UploadId;
use serde::{Deserialize, Serialize};

use crate::finish::{FinishError, enter, finish};

pub use crate::Context;

/// What is to be put together.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct FinishUpload {
    /// The upload, which is being completed.
    pub upload_id: UploadId,
}

/// Puts the object together out of the parts that have arrived: they are those that were declared, or the first try would
/// have been refused.
pub async fn handle(cx: Context, FinishUpload { upload_id }: FinishUpload) -> Result<(), runtime::Error> {
    let Some(mut upload) = cx.uploads.find(upload_id).await? else {
        return Ok(());
    };
    if upload.state != UploadState::Completing {
        return Ok(());
    }

    let parts: Vec<Part> = cx
        .bucket
        .parts(&upload)
        .await?
        .into_iter()
        .map(|stored| stored.part)
        .collect();

    // S3 forgets the parts of what it has put together, and of what was given up.
    if parts.is_empty() {
        let state = if cx.bucket.exists(&upload).await? {
            UploadState::Uploaded
        } else {
            UploadState::Aborted
        };
        tracing::warn!(upload.id = %upload_id, "upload {upload_id} has no parts left: {state:?}");
        enter(&cx, &mut upload, state).await?;
        return Ok(());
    }

    match finish(&cx, &mut upload, &parts).await {
        Err(error @ (FinishError::OtherParts(_) | FinishError::Gone)) => {
            // Lambda's trying again does not help. The sweeper tries until the bucket drops the parts.
            tracing::warn!(upload.id = %upload_id, cause = %error, "upload {upload_id} cannot be completed: {error}");
            Ok(())
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use runtime::event;

    use super::*;

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/lambda/finish-upload.json");

        event::parse::<FinishUpload>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
