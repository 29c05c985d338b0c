//! One error type for code that calls several adapters.

use kernel::error_kind::{ErrorKind, HasKind};

use crate::{
    aws::CallError,
    cognito::CognitoError,
    dynamodb::StoreError,
    mediaconvert::TranscoderError,
    sagemaker::{InvokeError, SageMakerError},
};

/// A failed call of any service.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A service for which the kind of an error is all that matters.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Cognito.
    #[error(transparent)]
    Cognito(#[from] CognitoError),
    /// MediaConvert.
    #[error(transparent)]
    Transcoder(#[from] TranscoderError),
    /// SageMaker.
    #[error(transparent)]
    SageMaker(#[from] SageMakerError),
    /// The model of an endpoint.
    #[error(transparent)]
    Model(#[from] InvokeError),
}

impl HasKind for ServiceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Call(error) => error.kind(),
            Self::Cognito(error) => error.kind(),
            Self::Transcoder(error) => error.kind(),
            Self::SageMaker(error) => error.kind(),
            Self::Model(error) => error.kind(),
        }
    }
}

#[cfg(test)]
mod tests;
