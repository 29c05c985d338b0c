//! SageMaker: asking a model behind an endpoint.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sagemakerruntime::{Client, primitives::Blob};
use aws_smithy_types::timeout::TimeoutConfig;
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
        let timeouts = TimeoutConfig::builder().operation_timeout(patience).build();
        let config = aws_sdk_sagemakerruntime::config::Builder::from(config)
            .timeout_config(timeouts)
            .build();

        Self {
            client: Client::from_conf(config),
            name: name.into(),
        }
    }

    /// Asks the model.
    pub async fn invoke<Q: Serialize, A: DeserializeOwned>(&self, question: &Q) -> Result<A, CallError> {
        let unreadable = |error: serde_json::Error| CallError::odd(SERVICE, error);
        let answer = self
            .client
            .invoke_endpoint()
            .endpoint_name(&self.name)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(serde_json::to_vec(question).map_err(unreadable)?))
            .send()
            .await
            .map_err(CallError::of(SERVICE))?;
        let body = answer.body().map(Blob::as_ref).unwrap_or_default();

        serde_json::from_slice(body).map_err(unreadable)
    }
}
