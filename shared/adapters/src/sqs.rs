//! SQS: messages to a queue.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;

use crate::aws::CallError;

const SERVICE: &str = "SQS";

/// A queue. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue with this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, url: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            url: url.into(),
        }
    }

    /// Sends a message.
    pub async fn send(&self, message: &str) -> Result<(), CallError> {
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(message)
            .send()
            .await
            .map(drop)
            .map_err(CallError::from_sdk(SERVICE))
    }
}
