//! Uploads of outputs to S3 while the job runs, with the role's rights. Nothing is deleted, because MediaConvert does not require
//! that right: the output of a failed or canceled job stays.

use std::path::PathBuf;

use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata as _, SdkError},
    operation::put_object::PutObjectError,
    primitives::ByteStream,
};
use tokio::task::{JoinError, JoinSet};

use super::super::{job::JobError, package::names::content_type, role::Role};

/// The limit on uploads at the same time, which are in memory.
const MAX_CONCURRENT_UPLOADS: usize = 6;

/// The content of an object.
#[derive(Debug)]
pub(super) enum Body {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// The uploads of a job.
#[derive(Debug)]
pub(super) struct Upload<'a> {
    role: &'a Role<'a>,
    tasks: JoinSet<Result<(), JobError>>,
}

impl<'a> Upload<'a> {
    pub(super) fn new(role: &'a Role<'a>) -> Self {
        Self {
            role,
            tasks: JoinSet::new(),
        }
    }

    /// Starts an upload; waits while there are too many. The failure of an earlier one is returned here.
    pub(super) async fn put(&mut self, bucket: &str, key: String, body: Body) -> Result<(), JobError> {
        while self.tasks.len() >= MAX_CONCURRENT_UPLOADS {
            self.join_one().await?;
        }
        while let Some(done) = self.tasks.try_join_next() {
            joined(done)?;
        }
        self.tasks
            .spawn(put(self.role.s3().await, bucket.to_owned(), key, body));
        Ok(())
    }

    /// Waits until all uploads have succeeded.
    pub(super) async fn settle(&mut self) -> Result<(), JobError> {
        while !self.tasks.is_empty() {
            self.join_one().await?;
        }
        Ok(())
    }

    /// Waits until all uploads have ended, successful or not.
    pub(super) async fn end(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    async fn join_one(&mut self) -> Result<(), JobError> {
        if let Some(done) = self.tasks.join_next().await {
            joined(done)?;
        }
        Ok(())
    }
}

fn joined(done: Result<Result<(), JobError>, JoinError>) -> Result<(), JobError> {
    done.unwrap_or_else(|error| Err(JobError::new(3999, format!("Unknown error while writing: {error}"))))
}

async fn put(s3: Client, bucket: String, key: String, body: Body) -> Result<(), JobError> {
    let url = format!("s3://{bucket}/{key}");
    let body = match body {
        Body::Bytes(bytes) => ByteStream::from(bytes),
        Body::File(path) => ByteStream::from_path(path)
            .await
            .map_err(|error| unwritten(&url, 3999, &error.to_string()))?,
    };
    let request = s3
        .put_object()
        .bucket(&bucket)
        .content_type(content_type(&key))
        .key(&key)
        .body(body);
    match request.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused(&url, &error)),
    }
}

/// The user guide's error codes for S3.
fn refused(url: &str, error: &SdkError<PutObjectError>) -> JobError {
    match error.code() {
        Some("AccessDenied") => unwritten(url, 1401, "Access Denied"),
        Some("NoSuchBucket") => unwritten(url, 1404, "The specified bucket does not exist"),
        Some(code) => unwritten(url, 3400, code),
        None => unwritten(url, 3999, &error.to_string()),
    }
}

fn unwritten(url: &str, code: u32, reason: &str) -> JobError {
    let message = format!("Unable to write to output file [{url}]: [Failed to write data: {reason}]");
    JobError::new(code, message)
}
