//! `POST /uploads/{upload_id}/parts`: signs the requests that send parts.

use adapters::s3::PART_URL_TTL;
use api::Managed;
use axum::{Json, extract::State};
use domain::upload::{Upload, UploadState};
use kernel::{Timestamp, id::UploadId};
use runtime::http::{Body, FieldErrors, Member, Now, Problem, Request, Sample, creator_required, sample};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, part};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_upload_parts))
}

/// The parts to send.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignPartsRequest {
    #[schema(min_items = 1, max_items = 100)]
    parts: Vec<PartToSign>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PartToSign {
    #[schema(minimum = 1, maximum = 10_000)]
    part_number: u32,
    /// In base64.
    #[schema(min_length = 44, max_length = 44)]
    checksum_sha256: String,
}

const MAX_PARTS: usize = 100;

impl Request for SignPartsRequest {
    /// Number and checksum of each part.
    type Valid = Vec<(u32, String)>;

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        part::all(self.parts, MAX_PARTS, |given, pointer, errors| {
            let number = errors.check(format!("{pointer}/part_number"), part::number(given.part_number));
            let sum = errors.check(
                format!("{pointer}/checksum_sha256"),
                part::checksum(given.checksum_sha256),
            );

            number.zip(sum).map(|(number, sum)| (number, (number, sum)))
        })
    }
}

/// Requests that send parts.
#[derive(Serialize, ToSchema)]
pub struct SignedParts {
    parts: Vec<SignedPart>,
}

/// A request that sends one part: `PUT` with exactly these headers and the part as the body.
#[derive(Serialize, ToSchema)]
struct SignedPart {
    part_number: u32,
    /// The address at the bucket.
    #[schema(format = "uri")]
    url: String,
    headers: BTreeMap<String, String>,
    /// When the signature expires.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

#[utoipa::path(
    post, path = "/uploads/{upload_id}/parts", operation_id = "sign_upload_parts", tag = "uploads",
    summary = "Sign parts",
    description = "Signs the requests that send parts to the bucket. The signature covers number, size and SHA-256 of each part: the \
                   bucket accepts nothing else. A part may be signed and sent again.",
    params(("upload_id" = UploadId, Path)),
    request_body = SignPartsRequest,
    responses(
        (status = 200, description = "A signed request for each part", body = SignedParts),
        (status = 403, description = "Only the person who began the upload may do this"),
        (status = 404, description = "There is no such upload, or it is not yours"),
        (status = 409, description = "The upload accepts no more parts"),
        (status = 422, description = "Some fields are not valid"),
    ),
    security(("account" = [])),
)]
async fn sign_upload_parts(
    Now(now): Now,
    State(cx): State<Context>,
    Managed(upload, Member(person), Body(wanted)): Managed<Upload, Member, Body<SignPartsRequest>>,
) -> Result<Json<SignedParts>, Problem> {
    if !person.may_publish() {
        return Err(creator_required());
    }
    check_open(&upload, now)?;
    let sizes = sizes(&upload, &wanted)?;
    let expires_at = now + PART_URL_TTL;

    let mut parts = Vec::with_capacity(wanted.len());
    for ((part_number, sum), size) in wanted.into_iter().zip(sizes) {
        let signed = cx.bucket.sign(&upload, part_number, size, &sum).await?;
        parts.push(SignedPart {
            part_number,
            url: signed.url,
            headers: signed.headers,
            expires_at,
        });
    }

    Ok(Json(SignedParts { parts }))
}

fn check_open(upload: &Upload, now: Timestamp) -> Result<(), Problem> {
    match upload.state {
        UploadState::Open if upload.is_expired(now) => {
            Err(Problem::conflict("this upload has expired: begin another one"))
        }
        UploadState::Open => Ok(()),
        state => Err(Problem::conflict(format!(
            "this upload is {state}: it accepts no more parts"
        ))),
    }
}

fn sizes(upload: &Upload, wanted: &[(u32, String)]) -> Result<Vec<u64>, FieldErrors> {
    let mut errors = FieldErrors::default();
    let last = upload.parts.count();
    let size = |(index, (number, _)): (usize, &(u32, String))| {
        let size = upload
            .parts
            .size_of(*number)
            .ok_or_else(|| format!("must be at most {last}, the last part's"));
        errors.check(format!("/parts/{index}/part_number"), size)
    };
    let sizes: Vec<u64> = wanted.iter().enumerate().filter_map(size).collect();

    if errors.is_empty() { Ok(sizes) } else { Err(errors) }
}

impl Sample for SignPartsRequest {
    fn samples() -> Vec<Self> {
        let sum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

        vec![Self {
            parts: vec![PartToSign {
                part_number: 1,
                checksum_sha256: sum.to_owned(),
            }],
        }]
    }
}

impl Sample for SignedParts {
    fn samples() -> Vec<Self> {
        let sum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        let url =
            "https://uploads.s3.us-east-1.amazonaws.com/uploads/0192f7a4/source?partNumber=1&X-Amz-Signature=5d67";

        vec![Self {
            parts: vec![SignedPart {
                part_number: 1,
                url: url.to_owned(),
                headers: BTreeMap::from([("x-amz-checksum-sha256".to_owned(), sum.to_owned())]),
                expires_at: sample::time(),
            }],
        }]
    }
}
