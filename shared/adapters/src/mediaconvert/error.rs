//! The errors of MediaConvert.

use aws_sdk_mediaconvert::{
    error::{ProvideErrorMetadata, SdkError},
    operation::probe::ProbeError as ProbeRefusal,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use kernel::error_kind::{ErrorKind, HasKind};

use crate::aws::{CallError, code_of};

pub(super) const SERVICE: &str = "MediaConvert";

/// An error of a call for a job.
#[derive(Debug, thiserror::Error)]
pub enum TranscoderError {
    /// MediaConvert refuses the job; a retry is refused too.
    #[error("MediaConvert refused the job: {0}")]
    Rejected(String),
    /// The job has ended, so that it cannot be changed.
    #[error("the job has ended")]
    HasEnded,
    /// There is no such job.
    #[error("there is no such job")]
    NotFound,
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl HasKind for TranscoderError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Rejected(_) | Self::NotFound => ErrorKind::Internal,
            Self::HasEnded => ErrorKind::Conflict,
            Self::Call(error) => error.kind(),
        }
    }
}

/// An error of a probe.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// MediaConvert cannot read the file: this is a result about the file.
    #[error("MediaConvert cannot read the file: {0}")]
    Unreadable(String),
    /// The call failed.
    #[error(transparent)]
    Service(#[from] TranscoderError),
}

impl<E> From<SdkError<E, HttpResponse>> for TranscoderError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match code_of(&error) {
            Some("BadRequestException") => Self::Rejected(message(&error)),
            Some("ConflictException") => Self::HasEnded,
            Some("NotFoundException") => Self::NotFound,
            _ => Self::Call(CallError::from_sdk(SERVICE)(error)),
        }
    }
}

impl From<SdkError<ProbeRefusal, HttpResponse>> for ProbeError {
    fn from(error: SdkError<ProbeRefusal, HttpResponse>) -> Self {
        // "The input file was recognized but appears to be malformed"; for files that are not media, a bad request.
        match code_of(&error) {
            Some("UnprocessableEntityException" | "BadRequestException") => Self::Unreadable(message(&error)),
            _ => Self::Service(error.into()),
        }
    }
}

fn message<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> String {
    let message = error.as_service_error().and_then(ProvideErrorMetadata::message);

    message.unwrap_or_default().to_owned()
}
