//! `POST /uploads/{upload_id}/complete`: has the bucket assemble the film from its parts.
//!
//! S3 may take minutes for that, an API call 30 seconds at most. `finish-upload` completes uploads that do not finish in time; the
//! client sees their state in `GET /uploads/{upload_id}` and in the title's timeline.

use std::time::Duration;

use adapters::s3::Part;
use api::Managed;
use axum::{Json, extract::State, http::StatusCode};
use domain::upload::{Upload, UploadState};
use kernel::{Timestamp, id::UploadId};
use runtime::http::{Body, FieldErrors, Member, Now, Problem, Request, Sample, creator_required};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    finish::{FinishError, Writer, finish, is_whole, write_state},
    finish_upload::FinishUpload,
    part,
    view::UploadView,
};

/// How long this route waits for the bucket before it calls `finish-upload`.
const COMPLETE_TIMEOUT: Duration = Duration::from_secs(15);

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(complete_upload))
}

/// All parts of an upload.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteUploadRequest {
    #[schema(min_items = 1, max_items = 10_000)]
    parts: Vec<SentPart>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SentPart {
    #[schema(minimum = 1, maximum = 10_000)]
    part_number: u32,
    /// The `ETag` header of the bucket's answer.
    #[schema(min_length = 1, max_length = 128)]
    etag: String,
    /// In base64.
    #[schema(min_length = 44, max_length = 44)]
    checksum_sha256: String,
}

impl Request for CompleteUploadRequest {
    /// The parts in order.
    type Valid = Vec<Part>;

    const MAX_BYTES: usize = 2 * 1024 * 1024;

    fn parse(self) -> Result<Vec<Part>, FieldErrors> {
        let mut parts = part::all(self.parts, 10_000, |given, pointer, errors| {
            let number = errors.check(format!("{pointer}/part_number"), part::number(given.part_number));
            let sum = errors.check(
                format!("{pointer}/checksum_sha256"),
                part::checksum(given.checksum_sha256),
            );
            let etag = errors.check(format!("{pointer}/etag"), etag(given.etag));
            let (number, etag, checksum_sha256) = (number?, etag?, sum?);

            Some((
                number,
                Part {
                    number,
                    etag,
                    checksum_sha256,
                },
            ))
        })?;
        parts.sort_by_key(|part| part.number);

        Ok(parts)
    }
}

fn etag(text: String) -> Result<String, &'static str> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());

    if printable && (1..=128).contains(&text.len()) {
        Ok(text)
    } else {
        Err("must be the ETag of the bucket's answer")
    }
}

/// Why an upload was not completed.
enum CompleteUploadError {
    Expired,
    Aborted,
    CountMismatch { declared: usize, planned: u32 },
    Finish(FinishError),
}

impl From<CompleteUploadError> for Problem {
    fn from(error: CompleteUploadError) -> Self {
        match error {
            CompleteUploadError::Expired => Self::conflict("this upload has expired: begin another one"),
            CompleteUploadError::Aborted => Self::conflict("this upload was aborted: begin another one"),
            CompleteUploadError::CountMismatch { declared, planned } => {
                FieldErrors::one("/parts", format!("must be parts 1 to {planned}: there are {declared}")).into()
            }
            CompleteUploadError::Finish(FinishError::PartsMismatch(reason)) => FieldErrors::one(
                "/parts",
                format!("are not the parts that have arrived ({reason}): GET /api/uploads/{{upload_id}} lists them"),
            )
            .into(),
            CompleteUploadError::Finish(error @ FinishError::Gone) => Self::conflict(error.to_string()),
            CompleteUploadError::Finish(FinishError::Bucket(error)) => error.into(),
            CompleteUploadError::Finish(FinishError::Store(error)) => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/uploads/{upload_id}/complete", operation_id = "complete_upload", tag = "uploads",
    summary = "Complete an upload",
    description = "Completes an upload whose parts have all been sent. The bucket assembles the film, at once or a little later, and \
                   the pipeline starts by itself. Completing twice is harmless.",
    params(("upload_id" = UploadId, Path)),
    request_body = CompleteUploadRequest,
    responses(
        (status = 202, description = "The upload is complete, or is being completed", body = UploadView),
        (status = 403, description = "Only the person who began the upload may do this"),
        (status = 404, description = "There is no such upload, or it is not yours"),
        (status = 409, description = "The upload was aborted or has expired"),
        (status = 413, description = "The body is too large"),
        (status = 422, description = "These are not the parts that have arrived"),
    ),
    security(("account" = [])),
)]
async fn complete_upload(
    Now(now): Now,
    State(cx): State<Context>,
    Managed(mut upload, Member(person), Body(parts)): Managed<Upload, Member, Body<CompleteUploadRequest>>,
) -> Result<(StatusCode, Json<UploadView>), Problem> {
    if !person.may_publish() {
        return Err(creator_required());
    }

    if upload.state != UploadState::Uploaded {
        check_completable(&upload, &parts, now)?;
        finish_or_hand_over(&cx, &mut upload, &parts).await?;
    }

    Ok((StatusCode::ACCEPTED, Json(UploadView::new(&upload, vec![], now))))
}

fn check_completable(upload: &Upload, parts: &[Part], now: Timestamp) -> Result<(), CompleteUploadError> {
    let planned = upload.parts.count();

    match upload.state {
        UploadState::Aborted => Err(CompleteUploadError::Aborted),
        UploadState::Open if upload.is_expired(now) => Err(CompleteUploadError::Expired),
        _ if is_whole(upload, parts) => Ok(()),
        _ => Err(CompleteUploadError::CountMismatch {
            declared: parts.len(),
            planned,
        }),
    }
}

async fn finish_or_hand_over(cx: &Context, upload: &mut Upload, parts: &[Part]) -> Result<(), Problem> {
    let writer = match upload.state {
        UploadState::Open => write_state(cx, upload, UploadState::Completing).await?,
        _ => Writer::Another,
    };

    match tokio::time::timeout(COMPLETE_TIMEOUT, finish(cx, upload, parts)).await {
        // The upload is opened again, so that the client can send missing parts and try again. But not while another call completes
        // it: an open upload can be aborted, which releases its storage, and the other call may have the right parts.
        Ok(Err(error @ FinishError::PartsMismatch(_))) if writer == Writer::This => {
            write_state(cx, upload, UploadState::Open).await?;

            Err(CompleteUploadError::Finish(error).into())
        }
        Ok(finished) => finished.map_err(|error| CompleteUploadError::Finish(error).into()),
        Err(elapsed) => {
            let finisher = cx.finisher.as_ref().ok_or_else(|| Problem::internal(elapsed))?;

            Ok(finisher.call(&FinishUpload { upload_id: upload.id }).await?)
        }
    }
}

impl Sample for CompleteUploadRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            parts: vec![SentPart {
                part_number: 1,
                etag: "\"9b2cf535f27731c974343645a3985328\"".to_owned(),
                checksum_sha256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=".to_owned(),
            }],
        }]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use adapters::aws;
    use runtime::http::{
        ProblemKind,
        testing::{Call, Services, condition_failed},
    };

    use super::*;
    use crate::testing;

    /// Completes the upload with services that answer in this way. Returns the refusal, if any, and the states of the upload
    /// that the route tried to write.
    async fn complete(
        answer: impl Fn(&Call) -> (u16, String) + Send + Sync + 'static,
    ) -> (Option<ProblemKind>, Vec<String>) {
        let services = Services::answering(answer).await;
        let part = Part {
            number: 1,
            etag: "\"9b2cf535f27731c974343645a3985328\"".to_owned(),
            checksum_sha256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=".to_owned(),
        };

        let cx = testing::context(&aws::at(&services.url));
        let upload = testing::managed(&cx.uploads, Body(vec![part])).await;
        let answer = complete_upload(Now(testing::now()), State(cx), upload).await;

        (
            answer.err().map(|problem| problem.kind()),
            testing::written_states(&services),
        )
    }

    #[tokio::test]
    async fn a_call_that_began_a_completion_opens_the_upload_again_for_other_parts() {
        let (refused, written) = complete(|call| match call.name.split(' ').next() {
            Some("POST") => testing::refused("InvalidPart"),
            _ => call.answer_from(&[testing::upload("open", 1)]),
        })
        .await;

        assert_eq!(refused, Some(ProblemKind::InvalidFields));
        assert_eq!(written, ["completing", "open"]);
    }

    #[tokio::test]
    async fn a_call_that_finds_a_completion_does_not_open_the_upload() {
        let (refused, written) = complete(|call| match call.name.split(' ').next() {
            Some("POST") => testing::refused("InvalidPart"),
            _ => call.answer_from(&[testing::upload("completing", 2)]),
        })
        .await;

        assert_eq!(refused, Some(ProblemKind::InvalidFields));
        assert!(written.is_empty(), "{written:?}");
    }

    #[tokio::test]
    async fn a_call_that_loses_the_race_to_complete_does_not_open_the_upload() {
        let lost_race = AtomicBool::new(false);
        let (refused, written) = complete(move |call| match call.name.split(' ').next() {
            Some("POST") => testing::refused("InvalidPart"),
            Some("PutItem") if call.body["Item"]["sk"]["S"] == "UPLOAD" => {
                lost_race.store(true, Ordering::Relaxed);
                condition_failed()
            }
            _ if lost_race.load(Ordering::Relaxed) => call.answer_from(&[testing::upload("completing", 2)]),
            _ => call.answer_from(&[testing::upload("open", 1)]),
        })
        .await;

        assert_eq!(refused, Some(ProblemKind::InvalidFields));
        assert_eq!(written, ["completing"]);
    }

    #[tokio::test]
    async fn an_assembled_upload_is_uploaded_although_another_call_opened_it() {
        let opened = AtomicBool::new(false);
        let done = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>";
        let (refused, written) = complete(move |call| match call.name.split(' ').next() {
            Some("POST") => (200, done.to_owned()),
            Some("PutItem") if call.body["ExpressionAttributeValues"][":read"]["N"] == "2" => {
                opened.store(true, Ordering::Relaxed);
                condition_failed()
            }
            _ if opened.load(Ordering::Relaxed) => call.answer_from(&[testing::upload("open", 3)]),
            _ => call.answer_from(&[testing::upload("completing", 2)]),
        })
        .await;

        assert_eq!(refused, None);
        assert_eq!(written, ["uploaded", "uploaded"]);
    }
}
