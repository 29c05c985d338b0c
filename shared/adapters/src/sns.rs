//! SNS: messages to the subscribers of a topic.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_sns::{
    Client,
    types::{MessageAttributeValue, PublishBatchRequestEntry},
};
use serde::Serialize;

use crate::aws::CallError;

const SERVICE: &str = "SNS";

/// A topic. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

/// A message, with the attributes that subscribers filter by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The text.
    pub text: String,
    /// Names and values of attributes.
    pub attributes: Vec<(&'static str, String)>,
}

/// The error of one message of a batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// SNS refuses the message, now and later.
    #[error("SNS refuses the message: {0}")]
    Refused(String),
    /// A retry may succeed.
    #[error("SNS did not publish the message: {0}")]
    Transient(String),
}

impl Message {
    /// A message whose text is `content` as JSON.
    pub fn json(content: &impl Serialize, attributes: Vec<(&'static str, String)>) -> Result<Self, CallError> {
        let text = serde_json::to_string(content).map_err(|error| CallError::internal(SERVICE, error))?;

        Ok(Self { text, attributes })
    }
}

impl Topic {
    /// The largest batch of one call.
    pub const MAX_BATCH: usize = 10;

    /// The topic with this ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            arn: arn.into(),
        }
    }

    /// Publishes one message.
    pub async fn publish(&self, message: &Message) -> Result<(), CallError> {
        self.client
            .publish()
            .topic_arn(&self.arn)
            .message(&message.text)
            .set_message_attributes(Some(attributes(message)?))
            .send()
            .await
            .map(drop)
            .map_err(CallError::from_sdk(SERVICE))
    }

    /// Publishes at most [`Self::MAX_BATCH`] messages; returns the result of each.
    pub async fn publish_all(&self, messages: &[Message]) -> Result<Vec<Result<(), PublishError>>, CallError> {
        let entries = messages.iter().zip(0_usize..).map(|(message, id)| {
            PublishBatchRequestEntry::builder()
                .id(id.to_string())
                .message(&message.text)
                .set_message_attributes(Some(attributes(message)?))
                .build()
                .map_err(|error| CallError::internal(SERVICE, error))
        });
        let answer = self
            .client
            .publish_batch()
            .topic_arn(&self.arn)
            .set_publish_batch_request_entries(Some(entries.collect::<Result<_, _>>()?))
            .send()
            .await
            .map_err(CallError::from_sdk(SERVICE))?;

        let mut outcomes = vec![Ok(()); messages.len()];
        for failed in answer.failed() {
            let why = failed.message().unwrap_or_else(|| failed.code()).to_owned();
            let why = if failed.sender_fault() {
                PublishError::Refused(why)
            } else {
                PublishError::Transient(why)
            };
            if let Some(outcome) = failed.id().parse().ok().and_then(|id: usize| outcomes.get_mut(id)) {
                *outcome = Err(why);
            }
        }

        Ok(outcomes)
    }
}

fn attributes(message: &Message) -> Result<HashMap<String, MessageAttributeValue>, CallError> {
    let attributes = message.attributes.iter().map(|(name, value)| {
        let value = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build()
            .map_err(|error| CallError::internal(SERVICE, error))?;

        Ok(((*name).to_owned(), value))
    });

    attributes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws;

    #[tokio::test]
    async fn a_refused_message_is_not_confused_with_one_that_may_be_sent_again() {
        let failed = |id: u8, code: &str, sender_fault: bool| {
            format!(
                "<member><Id>{id}</Id><Code>{code}</Code><Message>{code}</Message>\
                 <SenderFault>{sender_fault}</SenderFault></member>"
            )
        };
        let answer = format!(
            "<PublishBatchResponse><PublishBatchResult>\
             <Successful><member><Id>0</Id><MessageId>m</MessageId></member></Successful>\
             <Failed>{}{}</Failed></PublishBatchResult></PublishBatchResponse>",
            failed(2, "InvalidParameter", true),
            failed(1, "InternalError", false)
        );
        let aws = aws::answered(move |_| (200, answer.clone()));
        let messages = [(); 3].map(|()| Message::json(&"hello", Vec::new()).unwrap());

        let outcomes = Topic::new(&aws, "topic").publish_all(&messages).await.unwrap();

        assert_eq!(
            outcomes,
            [
                Ok(()),
                Err(PublishError::Transient("InternalError".to_owned())),
                Err(PublishError::Refused("InvalidParameter".to_owned())),
            ]
        );
    }
}
