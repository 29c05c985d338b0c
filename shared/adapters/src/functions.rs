//! Lambda functions that are invoked asynchronously.

use aws_config::SdkConfig;
use aws_sdk_lambda::{Client, primitives::Blob, types::InvocationType};
use serde::Serialize;

use crate::aws::CallError;

const SERVICE: &str = "Lambda";

/// A function that is invoked asynchronously: the caller does not wait for its result. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AsyncFunction {
    client: Client,
    name: String,
}

impl AsyncFunction {
    /// The function `name`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            name: name.into(),
        }
    }

    /// Queues an event for the function; Lambda retries it if it fails.
    pub async fn call(&self, event: &impl Serialize) -> Result<(), CallError> {
        let payload = serde_json::to_vec(event).map_err(|error| CallError::internal(SERVICE, error))?;
        self.client
            .invoke()
            .function_name(&self.name)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .send()
            .await
            .map_err(CallError::from_sdk(SERVICE))?;

        Ok(())
    }
}
