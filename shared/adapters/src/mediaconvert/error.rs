//! What can go wrong with MediaConvert.

use aws_sdk_mediaconvert::error::{ProvideErrorMetadata, SdkError};

use crate::aws::cause;

/// What can go wrong with a job.
#[derive(Debug, thiserror::Error)]
pub enum TranscoderError {
    /// The request is not one that MediaConvert accepts, or the role may not do it: the same request will fail again.
    #[error("MediaConvert refused the request: {0}")]
    Rejected(String),
    /// Too many requests or jobs at once: try later.
    #[error("MediaConvert asks us to slow down")]
    Throttled,
    /// The job's state does not allow it.
    #[error("the job has ended")]
    Conflict,
    /// There is no such job.
    #[error("there is no such job")]
    NotFound,
    /// MediaConvert did not answer: try again.
    #[error("MediaConvert did not answer: {0}")]
    Unavailable(String),
}

/// What can go wrong with a probe.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// MediaConvert cannot make sense of the file: that is an answer about the file.
    #[error("MediaConvert cannot read the file: {0}")]
    Unreadable(String),
    /// It could not look.
    #[error(transparent)]
    Service(#[from] TranscoderError),
}

impl<E, R> From<SdkError<E, R>> for TranscoderError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let service = error.as_service_error();
        let message = || {
            service
                .and_then(ProvideErrorMetadata::message)
                .unwrap_or_default()
                .to_owned()
        };
        match service.and_then(ProvideErrorMetadata::code) {
            Some("BadRequestException" | "ForbiddenException" | "AccessDeniedException") => Self::Rejected(message()),
            Some("TooManyRequestsException" | "ServiceQuotaExceededException" | "ThrottlingException") => {
                Self::Throttled
            }
            Some("ConflictException") => Self::Conflict,
            Some("NotFoundException") => Self::NotFound,
            _ => Self::Unavailable(cause(&error)),
        }
    }
}

impl<R> From<SdkError<aws_sdk_mediaconvert::operation::probe::ProbeError, R>> for ProbeError
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<aws_sdk_mediaconvert::operation::probe::ProbeError, R>) -> Self {
        let service = error.as_service_error();
        // "The input file was recognized but appears to be malformed" and, for what is no media at all, a bad request.
        match service.and_then(ProvideErrorMetadata::code) {
            Some("UnprocessableEntityException" | "BadRequestException") => Self::Unreadable(
                service
                    .and_then(ProvideErrorMetadata::message)
                    .unwrap_or_default()
                    .to_owned(),
            ),
            _ => Self::Service(error.into()),
        }
    }
}
