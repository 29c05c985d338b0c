//! SNS: what happened to titles, told to whoever subscribed.

use aws_config::SdkConfig;
use aws_sdk_sns::{Client, types::MessageAttributeValue};

use crate::aws::CallError;

const SERVICE: &str = "SNS";

/// A topic. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

impl Topic {
    /// The topic with this ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            arn: arn.into(),
        }
    }

    /// Publishes `message`; subscribers may filter on `attributes`.
    pub async fn publish(&self, message: &str, attributes: &[(&str, &str)]) -> Result<(), CallError> {
        let mut publish = self.client.publish().topic_arn(&self.arn).message(message);
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(*value)
                .build()
                .map_err(|error| CallError::odd(SERVICE, error))?;
            publish = publish.message_attributes(*name, value);
        }

        publish.send().await.map(drop).map_err(CallError::of(SERVICE))
    }
}
