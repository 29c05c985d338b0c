//! The objects of a bucket.

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    error::ProvideErrorMetadata,
    operation::{get_object::GetObjectError, head_object::HeadObjectError},
    primitives::{ByteStream, ByteStreamError},
    types::{Delete, MetadataDirective, Object, ObjectIdentifier},
};
use kernel::error_kind::ErrorKind;

use super::SERVICE;
use crate::aws::{CallError, kind_of};

/// The most keys of one DeleteObjects.
const MAX_DELETED_KEYS: usize = 1_000;

/// A bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub(super) client: Client,
    pub(super) name: String,
}

/// An object without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its key.
    pub key: String,
    /// Its size.
    pub size_bytes: u64,
}

impl Bucket {
    /// The bucket called `name`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            name: name.into(),
        }
    }

    /// Another bucket by the same client, because each client makes a cold start longer.
    #[must_use]
    pub fn another(&self, name: impl Into<String>) -> Self {
        Self {
            client: self.client.clone(),
            name: name.into(),
        }
    }

    /// The URI of an object or a prefix, for MediaConvert and SageMaker.
    #[must_use]
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    /// An object; `None` if it does not exist. A caller without the right to list the bucket gets a Denied error instead.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectInfo>, CallError> {
        let head = self.client.head_object().bucket(&self.name).key(key).send().await;

        match head {
            Ok(head) => Ok(Some(ObjectInfo {
                key: key.to_owned(),
                size_bytes: size(head.content_length()),
            })),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            Err(error) => Err(CallError::from_sdk(SERVICE)(error)),
        }
    }

    /// Reads at most `length` bytes from `start`; `None` if the object does not exist.
    pub async fn read(&self, key: &str, start: u64, length: u64) -> Result<Option<Vec<u8>>, CallError> {
        let end = start.saturating_add(length).saturating_sub(1);
        let range = format!("bytes={start}-{end}");
        let got = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key)
            .range(range)
            .send()
            .await;
        let answer = match got {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => return Ok(None),
            // The range begins after the object's end.
            Err(error) if error.code() == Some("InvalidRange") => return Ok(Some(Vec::new())),
            Err(error) => return Err(CallError::from_sdk(SERVICE)(error)),
        };
        let body = answer.body.collect().await.map_err(interrupted)?;

        Ok(Some(body.to_vec()))
    }

    /// Reads at most the first `limit` bytes of a text; `None` if the object does not exist.
    pub async fn read_text(&self, key: &str, limit: u64) -> Result<Option<String>, CallError> {
        let bytes = self.read(key, 0, limit).await?;

        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Lists all objects whose keys begin with `prefix`.
    pub async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, CallError> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(prefix)
            .into_paginator()
            .send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(CallError::from_sdk(SERVICE))?;
            objects.extend(page.contents.unwrap_or_default().into_iter().filter_map(info));
        }

        Ok(objects)
    }

    /// Streams an object; `None` if it does not exist.
    pub async fn chunks(&self, key: &str) -> Result<Option<Chunks>, CallError> {
        let got = self.client.get_object().bucket(&self.name).key(key).send().await;

        match got {
            Ok(answer) => Ok(Some(Chunks(answer.body))),
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => Ok(None),
            Err(error) => Err(CallError::from_sdk(SERVICE)(error)),
        }
    }

    /// Writes an object, or replaces it.
    pub async fn write(&self, key: &str, content_type: &str, body: Vec<u8>) -> Result<(), CallError> {
        self.client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_type(content_type)
            .body(body.into())
            .send()
            .await
            .map(drop)
            .map_err(CallError::from_sdk(SERVICE))
    }

    /// Deletes objects. Keys without an object are ignored.
    pub async fn delete(&self, keys: &[String]) -> Result<(), CallError> {
        for some in keys.chunks(MAX_DELETED_KEYS) {
            let mut delete = Delete::builder().quiet(true);
            for key in some {
                let object = ObjectIdentifier::builder().key(key).build();
                delete = delete.objects(object.map_err(|error| CallError::internal(SERVICE, error))?);
            }
            let delete = delete.build().map_err(|error| CallError::internal(SERVICE, error))?;
            let answer = self
                .client
                .delete_objects()
                .bucket(&self.name)
                .delete(delete)
                .send()
                .await;
            // S3 responds with 200 even if it did not delete some objects.
            if let Some(error) = answer.map_err(CallError::from_sdk(SERVICE))?.errors().first() {
                let reason = error.message().or(error.code()).unwrap_or("no reason");
                let kind = kind_of(error.code(), None);

                return Err(CallError::new(
                    SERVICE,
                    kind,
                    format!("an object was not deleted: {reason}"),
                ));
            }
        }

        Ok(())
    }

    /// Copies an object within the bucket, as `content_type`. Browsers may cache the copy without limit, because its key is never used
    /// again.
    pub async fn copy_immutable(&self, from: &str, to: &str, content_type: &str) -> Result<(), CallError> {
        self.client
            .copy_object()
            .bucket(&self.name)
            .copy_source(copy_source(&self.name, from))
            .key(to)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(content_type)
            .cache_control("public, max-age=31536000, immutable")
            .send()
            .await
            .map(drop)
            .map_err(CallError::from_sdk(SERVICE))
    }
}

/// The source of a copy: S3 decodes this header as it decodes an address, and no SDK encodes it.
fn copy_source(bucket: &str, key: &str) -> String {
    let encoded = key.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });

    format!("{bucket}/{}", encoded.collect::<Vec<_>>().concat())
}

/// The bytes of an object, as a stream.
#[derive(Debug)]
pub struct Chunks(ByteStream);

impl Chunks {
    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, CallError> {
        let next = self.0.try_next().await.map_err(interrupted)?;

        Ok(next.map(Vec::from))
    }
}

/// The connection broke in the middle of an object.
fn interrupted(error: ByteStreamError) -> CallError {
    CallError::new(SERVICE, ErrorKind::Unavailable, error)
}

fn size(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0)
}

fn info(object: Object) -> Option<ObjectInfo> {
    Some(ObjectInfo {
        size_bytes: size(object.size),
        key: object.key?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_copy_is_encoded_as_in_an_address() {
        assert_eq!(copy_source("media", "a-1/hls/b_2.jpg"), "media/a-1/hls/b_2.jpg");
        assert_eq!(copy_source("media", "a b+c/50%?é"), "media/a%20b%2Bc/50%25%3F%C3%A9");
    }
}
