//! SageMaker: asking a model behind an endpoint, and all that brings a model there. What is asked, and what is answered, is in
//! [`recommender`].

mod api;
mod hosting;
pub mod recommender;
mod training;

use std::time::Duration;

pub use self::{
    api::{Api, SageMakerError},
    hosting::{EndpointState, EndpointStatus, Hosting, NewModel},
    training::{Created, JobStatus, NewTraining, TrainingJob, TrainingJobs},
};

use aws_config::SdkConfig;
use aws_sdk_sagemakerruntime::{Client, config::Builder, primitives::Blob};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use serde::{Serialize, de::DeserializeOwned};

use crate::aws::CallError;

const SERVICE: &str = "SageMaker";

/// An endpoint that takes and gives JSON. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Endpoint {
    client: Client,
    name: String,
}

impl Endpoint {
    /// The endpoint called `name`; a call ends after `patience`, tries included.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>, patience: Duration) -> Self {
        Self::with(settings(config, patience), name)
    }

    /// The endpoint called `name`, for who has something else to do when it does not answer: it is tried once, so that an
    /// endpoint that is down is told at once and not at the end of `patience`.
    #[must_use]
    pub fn tried_once(config: &SdkConfig, name: impl Into<String>, patience: Duration) -> Self {
        Self::with(settings(config, patience).retry_config(RetryConfig::disabled()), name)
    }

    fn with(settings: Builder, name: impl Into<String>) -> Self {
        Self {
            client: Client::from_conf(settings.build()),
            name: name.into(),
        }
    }

    /// Asks the model.
    pub async fn invoke<Q: Serialize, A: DeserializeOwned>(&self, question: &Q) -> Result<A, CallError> {
        let question = serde_json::to_vec(question).map_err(|error| CallError::odd(SERVICE, error))?;
        let answer = self
            .client
            .invoke_endpoint()
            .endpoint_name(&self.name)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(question))
            .send()
            .await
            .map_err(CallError::of(SERVICE))?;
        let body = answer.body().map(Blob::as_ref).unwrap_or_default();

        serde_json::from_slice(body).map_err(|error| CallError::Nonsense {
            service: SERVICE,
            cause: error.to_string(),
        })
    }
}

fn settings(config: &SdkConfig, patience: Duration) -> Builder {
    let timeouts = TimeoutConfig::builder().operation_timeout(patience).build();

    Builder::from(config).timeout_config(timeouts)
}
