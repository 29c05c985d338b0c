//! One error for code that uses several adapters and treats their errors alike.

use kernel::error_kind::{ErrorKind, HasKind};

use crate::{
    aws::CallError,
    cognito::CognitoError,
    dynamodb::StoreError,
    mediaconvert::TranscoderError,
    sagemaker::{InvokeError, SageMakerError},
};

/// A service did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A service of which no rule has to know more than the kind.
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
    /// A model behind an endpoint.
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
