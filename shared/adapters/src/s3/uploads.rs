//! The bucket that films are uploaded to: multipart uploads whose parts go straight from the client to S3.
//!
//! Each part's size and SHA-256 are signed into its URL, so that S3 takes exactly what was announced. The object's own
//! checksum is composite, a checksum of checksums: it is never the file's.

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

/// How long a signed part may wait to be sent.
pub const PART_URL_TTL: Duration = Duration::from_hours(1);

/// The bucket that films are uploaded to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UploadBucket(Bucket);

/// A request that sends one part: `PUT url` with exactly these headers.
#[derive(Clone, Debug)]
pub struct SignedPart {
    /// Where.
    pub url: String,
    /// What has to be sent along. `Content-Length` is signed too, but every client sends that by itself.
    pub headers: BTreeMap<String, String>,
}

/// A part that has arrived, or that a client says has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 1.
    pub number: u32,
    /// What S3 called it.
    pub etag: String,
    /// Its SHA-256, in base64.
    pub checksum_sha256: String,
}

/// A part that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPart {
    /// What it is.
    pub part: Part,
    /// How many bytes it has.
    pub size_bytes: u64,
}

/// Why the parts were not put together.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// S3 has other parts than those declared.
    #[error("S3 has other parts than these: {0}")]
    PartsMismatch(String),
    /// There is no such multipart upload (any more), and no object either.
    #[error("the upload is gone")]
    Gone,
    /// S3's fault.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl UploadBucket {
    /// The bucket `name`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self(Bucket::new(config, name))
    }

    /// Begins a multipart upload; answers with S3's id of it.
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
            .ok_or_else(|| CallError::internal(SERVICE, "no upload id came back"))
    }

    /// Signs the request that sends one part of `size_bytes` with this SHA-256 (in base64).
    pub async fn sign(
        &self,
        upload: &Upload,
        number: u32,
        size_bytes: u64,
        checksum_sha256: &str,
    ) -> Result<SignedPart, CallError> {
        let odd = |error| CallError::internal(SERVICE, error);
        let signing =
            PresigningConfig::expires_in(PART_URL_TTL).map_err(|error| CallError::internal(SERVICE, error))?;
        let signed = self
            .0
            .client
            .upload_part()
            .bucket(&self.0.name)
            .key(upload.key())
            .upload_id(&upload.multipart_id)
            .part_number(i32::try_from(number).map_err(odd)?)
            .content_length(i64::try_from(size_bytes).map_err(odd)?)
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

    /// The parts that have arrived, in order. None if the multipart upload is over.
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
            parts.extend(page.parts.unwrap_or_default().into_iter().filter_map(stored));
        }

        Ok(parts)
    }

    /// Puts the object together. Done before is done.
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

    /// Whether the object is there.
    pub async fn exists(&self, upload: &Upload) -> Result<bool, CallError> {
        Ok(self.0.head(&upload.key()).await?.is_some())
    }

    /// Gives a multipart upload up, with all its parts. Done before is done.
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

fn stored(part: aws_sdk_s3::types::Part) -> Option<StoredPart> {
    Some(StoredPart {
        size_bytes: u64::try_from(part.size?).ok()?,
        part: Part {
            number: u32::try_from(part.part_number?).ok()?,
            etag: part.e_tag?,
            checksum_sha256: part.checksum_sha256.unwrap_or_default(),
        },
    })
}
