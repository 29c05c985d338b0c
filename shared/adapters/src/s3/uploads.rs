//! The bucket that films are uploaded to: multipart uploads whose parts go straight from the client to S3.
//!
//! Each part's size and SHA-256 are signed into its URL, so that S3 accepts only the declared bytes. The object's checksum is composite:
//! a checksum of checksums, and not that of the file.

use std::{collections::BTreeMap, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    presigning::PresigningConfig,
    types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart},
};
use domain::upload::{ContentType, Upload};
use kernel::id::UploadId;

use super::{Bucket, SERVICE};
use crate::aws::CallError;

/// How long the URL of a signed part is valid.
pub const PART_URL_TTL: Duration = Duration::from_hours(1);

/// The bucket that films are uploaded to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UploadBucket(Bucket);

/// A request that sends one part: `PUT url` with exactly these headers.
#[derive(Clone, Debug)]
pub struct SignedPart {
    /// The URL.
    pub url: String,
    /// The headers to send. `Content-Length` is signed too, but every client sends it by itself.
    pub headers: BTreeMap<String, String>,
}

/// A part that was sent, as S3 or the client reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 1.
    pub number: u32,
    /// The ETag that S3 gave it.
    pub etag: String,
    /// Its SHA-256, in base64.
    pub checksum_sha256: String,
}

/// A part that S3 has stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPart {
    /// The part.
    pub part: Part,
    /// Its size.
    pub size_bytes: u64,
}

/// Why an upload was not completed.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// S3 has other parts than the declared ones.
    #[error("S3 has other parts than these: {0}")]
    PartsMismatch(String),
    /// There is no multipart upload (any more), and no object.
    #[error("the upload is gone")]
    Gone,
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl UploadBucket {
    /// The bucket `name`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self(Bucket::new(config, name))
    }

    /// Begins a multipart upload; returns its id at S3.
    pub async fn begin(&self, id: UploadId, content_type: &ContentType) -> Result<String, CallError> {
        let answer = self
            .0
            .client
            .create_multipart_upload()
            .bucket(&self.0.name)
            .key(domain::upload::key(id))
            .content_type(content_type.as_str())
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_type(ChecksumType::Composite)
            .send()
            .await
            .map_err(CallError::from_sdk(SERVICE))?;

        answer
            .upload_id
            .ok_or_else(|| CallError::internal(SERVICE, "the response has no upload id"))
    }

    /// Signs the request that sends one part of `size_bytes` with this SHA-256 (in base64).
    pub async fn sign(
        &self,
        upload: &Upload,
        number: u32,
        size_bytes: u64,
        checksum_sha256: &str,
    ) -> Result<SignedPart, CallError> {
        let invalid = |error| CallError::internal(SERVICE, error);
        let signing =
            PresigningConfig::expires_in(PART_URL_TTL).map_err(|error| CallError::internal(SERVICE, error))?;
        let signed = self
            .0
            .client
            .upload_part()
            .bucket(&self.0.name)
            .key(upload.key())
            .upload_id(&upload.multipart_id)
            .part_number(i32::try_from(number).map_err(invalid)?)
            .content_length(i64::try_from(size_bytes).map_err(invalid)?)
            .checksum_sha256(checksum_sha256)
            .presigned(signing)
            .await
            .map_err(CallError::from_sdk(SERVICE))?;
        let headers = signed
            .headers()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));

        Ok(SignedPart {
            url: signed.uri().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }

    /// The stored parts, in order. Empty if the multipart upload has ended.
    pub async fn parts(&self, upload: &Upload) -> Result<Vec<StoredPart>, CallError> {
        let mut pages = self
            .0
            .client
            .list_parts()
            .bucket(&self.0.name)
            .key(upload.key())
            .upload_id(&upload.multipart_id)
            .into_paginator()
            .send();
        let mut parts = Vec::new();

        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) if error.code() == Some("NoSuchUpload") => return Ok(vec![]),
                Err(error) => return Err(CallError::from_sdk(SERVICE)(error)),
            };
            parts.extend(page.parts.unwrap_or_default().into_iter().filter_map(to_stored));
        }

        Ok(parts)
    }

    /// Completes the multipart upload. May be repeated.
    pub async fn complete(&self, upload: &Upload, parts: &[Part]) -> Result<(), CompleteError> {
        let declared = parts.iter().map(|part| {
            CompletedPart::builder()
                .part_number(i32::try_from(part.number).unwrap_or(i32::MAX))
                .e_tag(&part.etag)
                .checksum_sha256(&part.checksum_sha256)
                .build()
        });
        let answer = self
            .0
            .client
            .complete_multipart_upload()
            .bucket(&self.0.name)
            .key(upload.key())
            .upload_id(&upload.multipart_id)
            .multipart_upload(
                CompletedMultipartUpload::builder()
                    .set_parts(Some(declared.collect()))
                    .build(),
            )
            .send()
            .await;
        let Err(error) = answer else { return Ok(()) };

        match error.code() {
            Some("NoSuchUpload") if self.exists(upload).await? => Ok(()),
            Some("NoSuchUpload") => Err(CompleteError::Gone),
            Some("InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" | "BadDigest" | "InvalidRequest") => Err(
                CompleteError::PartsMismatch(error.message().unwrap_or_default().to_owned()),
            ),
            _ => Err(CallError::from_sdk(SERVICE)(error).into()),
        }
    }

    /// Whether the object exists.
    pub async fn exists(&self, upload: &Upload) -> Result<bool, CallError> {
        Ok(self.0.head(&upload.key()).await?.is_some())
    }

    /// Aborts a multipart upload and deletes its parts. May be repeated.
    pub async fn abort(&self, upload: &Upload) -> Result<(), CallError> {
        let answer = self
            .0
            .client
            .abort_multipart_upload()
            .bucket(&self.0.name)
            .key(upload.key())
            .upload_id(&upload.multipart_id)
            .send()
            .await;

        match answer {
            Err(error) if error.code() == Some("NoSuchUpload") => Ok(()),
            other => other.map(drop).map_err(CallError::from_sdk(SERVICE)),
        }
    }
}

fn to_stored(part: aws_sdk_s3::types::Part) -> Option<StoredPart> {
    Some(StoredPart {
        size_bytes: u64::try_from(part.size?).ok()?,
        part: Part {
            number: u32::try_from(part.part_number?).ok()?,
            etag: part.e_tag?,
            checksum_sha256: part.checksum_sha256.unwrap_or_default(),
        },
    })
}
