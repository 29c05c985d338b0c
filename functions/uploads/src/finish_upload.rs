//! Completes an upload that takes too long for an API call. `complete-upload` and the sweeper call it; Lambda retries it.

use adapters::s3::Part;
use domain::upload::UploadState;
use kernel::id::UploadId;
use serde::{Deserialize, Serialize};

use crate::finish::{FinishError, finish, is_whole, write_state};

pub use crate::Context;

/// The upload to complete.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct FinishUpload {
    /// An upload in the state `completing`.
    pub upload_id: UploadId,
}

/// Completes the upload with the parts in the bucket. If some have not arrived, it is opened again for them.
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

    // S3 drops the parts of an object when it is assembled or aborted.
    if parts.is_empty() {
        let state = if cx.bucket.exists(&upload).await? {
            UploadState::Uploaded
        } else {
            UploadState::Aborted
        };
        tracing::warn!(upload.id = %upload_id, "upload {upload_id} has no parts left: {state:?}");
        write_state(&cx, &mut upload, state).await?;
        return Ok(());
    }

    // `complete-upload` may have ended before the bucket could refuse what the client declared.
    if !is_whole(&upload, &parts) {
        let (arrived, planned) = (parts.len(), upload.parts.count());
        tracing::warn!(upload.id = %upload_id, "upload {upload_id} has {arrived} of {planned} parts: it is opened again");
        write_state(&cx, &mut upload, UploadState::Open).await?;
        return Ok(());
    }

    match finish(&cx, &mut upload, &parts).await {
        Err(error @ (FinishError::PartsMismatch(_) | FinishError::Gone)) => {
            // A retry by Lambda does not help. The sweeper tries again until the bucket drops the parts.
            tracing::warn!(upload.id = %upload_id, cause = %error, "upload {upload_id} cannot be completed: {error}");
            Ok(())
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use adapters::aws;
    use runtime::{event, http::testing::Services};
    use serde_json::json;

    use super::*;
    use crate::testing;

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/lambda/finish-upload.json");

        event::parse::<FinishUpload>(serde_json::from_str(sample).unwrap()).unwrap();
    }

    #[tokio::test]
    async fn an_upload_without_parts_is_complete_if_its_object_is_there() {
        for (found, state) in [(200, "uploaded"), (404, "aborted")] {
            let items = [testing::upload("completing", 2), testing::usage()];
            let services = Services::answering(move |call| match call.name.split(' ').next() {
                Some("GET") => testing::refused("NoSuchUpload"),
                Some("HEAD") => (found, String::new()),
                _ => call.answer_from(&items),
            })
            .await;
            let upload_id = testing::ID.parse().unwrap();

            let finished = handle(testing::context(&aws::at(&services.url)), FinishUpload { upload_id }).await;

            assert!(finished.is_ok(), "{:?}", finished.err());
            assert_eq!(testing::written_states(&services), [state], "HEAD says {found}");
        }
    }

    #[tokio::test]
    async fn an_upload_whose_parts_have_not_all_arrived_is_opened_again() {
        let mut upload = testing::upload("completing", 2);
        upload["size_bytes"] = json!({ "N": "16777216" });
        let items = [upload, testing::usage()];
        let one_of_two = "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><ETag>a</ETag>\
                          <Size>8388608</Size><ChecksumSHA256>LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=</ChecksumSHA256>\
                          </Part></ListPartsResult>";
        let services = Services::answering(move |call| match call.name.split(' ').next() {
            Some("GET") => (200, one_of_two.to_owned()),
            _ => call.answer_from(&items),
        })
        .await;
        let upload_id = testing::ID.parse().unwrap();

        let finished = handle(testing::context(&aws::at(&services.url)), FinishUpload { upload_id }).await;

        assert!(finished.is_ok(), "{:?}", finished.err());
        assert_eq!(testing::written_states(&services), ["open"]);
        let calls = services.calls();
        assert!(
            calls.iter().all(|call| !call.name.starts_with("POST")),
            "the bucket assembles nothing"
        );
    }
}
