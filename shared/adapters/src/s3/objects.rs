//! Objects of a bucket: looked at, read in part, listed, written, copied.

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

/// What one DeleteObjects takes.
const MAX_DELETED_AT_ONCE: usize = 1_000;

/// A bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub(super) client: Client,
    pub(super) name: String,
}

/// What a bucket says of an object without its content.
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

    /// The address that MediaConvert takes for an object or a prefix.
    #[must_use]
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    /// Looks at an object; nothing if there is none. Without the right to list the bucket S3 says Forbidden instead.
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

    /// Reads at most `length` bytes from `start` on; nothing if there is no such object.
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
            // The range begins behind the object's end.
            Err(error) if error.code() == Some("InvalidRange") => return Ok(Some(Vec::new())),
            Err(error) => return Err(CallError::from_sdk(SERVICE)(error)),
        };
        let body = answer.body.collect().await.map_err(broken_off)?;

        Ok(Some(body.to_vec()))
    }

    /// Reads an object that is text, at most its first `limit` bytes; nothing if there is no such object.
    pub async fn read_text(&self, key: &str, limit: u64) -> Result<Option<String>, CallError> {
        let bytes = self.read(key, 0, limit).await?;

        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Lists all objects whose key begins with `prefix`.
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
            objects.extend(page.contents.unwrap_or_default().into_iter().filter_map(facts));
        }

        Ok(objects)
    }

    /// Reads an object as it comes; nothing if there is no such object.
    pub async fn chunks(&self, key: &str) -> Result<Option<Chunks>, CallError> {
        let got = self.client.get_object().bucket(&self.name).key(key).send().await;

        match got {
            Ok(answer) => Ok(Some(Chunks(answer.body))),
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => Ok(None),
            Err(error) => Err(CallError::from_sdk(SERVICE)(error)),
        }
    }

    /// Writes an object, in place of what is there.
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

    /// Deletes objects; those that are not there are no error.
    pub async fn delete(&self, keys: &[String]) -> Result<(), CallError> {
        for some in keys.chunks(MAX_DELETED_AT_ONCE) {
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
            // S3 answers 200 even where it deleted nothing.
            if let Some(error) = answer.map_err(CallError::from_sdk(SERVICE))?.errors().first() {
                let said = error.message().or(error.code()).unwrap_or("no reason");
                let kind = kind_of(error.code(), None);

                return Err(CallError::new(SERVICE, kind, format!("an object stays: {said}")));
            }
        }

        Ok(())
    }

    /// Copies an object within the bucket, as one of `content_type` that browsers may keep for ever: its key is never used for another.
    pub async fn copy_immutable(&self, from: &str, to: &str, content_type: &str) -> Result<(), CallError> {
        self.client
            .copy_object()
            .bucket(&self.name)
            .copy_source(format!("{}/{from}", self.name))
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

/// An object's bytes, as they come.
#[derive(Debug)]
pub struct Chunks(ByteStream);

impl Chunks {
    /// The next bytes; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, CallError> {
        let next = self.0.try_next().await.map_err(broken_off)?;

        Ok(next.map(Vec::from))
    }
}

/// The connection broke in the middle of an object.
fn broken_off(error: ByteStreamError) -> CallError {
    CallError::new(SERVICE, ErrorKind::Unavailable, error)
}

fn size(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0)
}

fn facts(object: Object) -> Option<ObjectInfo> {
    Some(ObjectInfo {
        size_bytes: size(object.size),
        key: object.key?,
    })
}
