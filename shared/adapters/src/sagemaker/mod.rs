//! SageMaker: calls of a model behind an endpoint, and the control plane that trains and deploys models. The requests and answers of
//! the model are in [`recommender`].

mod api;
mod hosting;
pub mod recommender;
mod training;

use std::time::Duration;

pub use self::{
    api::{Api, SageMakerError},
    hosting::{Hosting, NewModel},
    training::{Created, JobStatus, NewTraining, TrainingJob, TrainingJobs},
};

use aws_config::SdkConfig;
use aws_sdk_sagemakerruntime::{
    Client,
    config::Builder,
    error::{ProvideErrorMetadata as _, SdkError},
    operation::invoke_endpoint::InvokeEndpointError,
    primitives::Blob,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use kernel::error_kind::{ErrorKind, HasKind};
use serde::{Serialize, de::DeserializeOwned};

use crate::aws::{CallError, cause, code_of};

const SERVICE: &str = "SageMaker";

/// An endpoint that takes and gives JSON. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Endpoint {
    client: Client,
    name: String,
}

impl Endpoint {
    /// The endpoint called `name`; a call ends after `timeout`, retries included.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>, timeout: Duration) -> Self {
        Self::with(settings(config, timeout), name)
    }

    /// The endpoint called `name`, for callers with a fallback: without retries a failure is known at once, not at the end of
    /// `timeout`.
    #[must_use]
    pub fn without_retries(config: &SdkConfig, name: impl Into<String>, timeout: Duration) -> Self {
        Self::with(settings(config, timeout).retry_config(RetryConfig::disabled()), name)
    }

    fn with(settings: Builder, name: impl Into<String>) -> Self {
        Self {
            client: Client::from_conf(settings.build()),
            name: name.into(),
        }
    }

    /// Sends a question to the model.
    pub async fn invoke<Q: Serialize, A: DeserializeOwned>(&self, question: &Q) -> Result<A, InvokeError> {
        let question = serde_json::to_vec(question).map_err(|error| CallError::internal(SERVICE, error))?;
        let answer = self
            .client
            .invoke_endpoint()
            .endpoint_name(&self.name)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(question))
            .send()
            .await?;
        let body = answer.body().map(Blob::as_ref).unwrap_or_default();

        serde_json::from_slice(body).map_err(|error| InvokeError::BadAnswer(error.to_string()))
    }
}

/// Why a model did not answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// There is no endpoint with this name.
    #[error("there is no endpoint: {0}")]
    NoEndpoint(String),
    /// The model's container answered with an error, or with something that cannot be parsed.
    #[error("the model gave a bad answer: {0}")]
    BadAnswer(String),
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl HasKind for InvokeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoEndpoint(_) | Self::BadAnswer(_) => ErrorKind::Internal,
            Self::Call(error) => error.kind(),
        }
    }
}

impl From<SdkError<InvokeEndpointError, HttpResponse>> for InvokeError {
    fn from(error: SdkError<InvokeEndpointError, HttpResponse>) -> Self {
        match code_of(&error) {
            Some("ValidationError") if error.message().is_some_and(|message| message.contains("not found")) => {
                Self::NoEndpoint(cause(&error))
            }
            Some("ModelError") => Self::BadAnswer(cause(&error)),
            _ => Self::Call(CallError::from_sdk(SERVICE)(error)),
        }
    }
}

fn settings(config: &SdkConfig, timeout: Duration) -> Builder {
    let timeouts = TimeoutConfig::builder().operation_timeout(timeout).build();

    Builder::from(config).timeout_config(timeouts)
}
