//! Notices to the subscribers of a topic. Each is sent once, however often the step that sends it is repeated.
//!
//! Sending and recording are two calls. A process that dies in between sends the notice again when its step is repeated: two copies with the
//! same id are better than none.

use std::fmt::Display;

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::StoreError,
    sns::{Message, Topic},
};
use kernel::Timestamp;
use serde::Serialize;

/// A notice. Consumers rely on its fields: a change of their meaning requires a new version.
#[derive(Debug, Serialize)]
pub struct Notice<C> {
    version: u32,
    /// The same in every copy of a notice, because delivery is at least once.
    id: String,
    kind: &'static str,
    #[serde(flatten)]
    content: C,
    at: Timestamp,
}

impl<C: Serialize> Notice<C> {
    /// The only notice of this kind about `subject`.
    #[must_use]
    pub fn new(subject: &impl Display, kind: &'static str, content: C, at: Timestamp) -> Self {
        Self {
            version: 1,
            id: format!("{subject}-{kind}"),
            kind,
            content,
            at,
        }
    }

    /// The message with this notice. Subscribers filter by its kind and by these attributes.
    pub fn message(&self, attributes: Vec<(&'static str, String)>) -> Result<Message, CallError> {
        let kind = ("kind", self.kind.to_owned());

        Message::json(self, [vec![kind], attributes].concat())
    }
}

/// Publishes a message, and then records that it was sent. `mark_sent` is called after that, so that this future does not hold the one that
/// it returns while the message is published.
pub async fn publish_and_mark<F>(
    topic: &Topic,
    message: &Message,
    mark_sent: impl FnOnce() -> F,
) -> Result<(), ServiceError>
where
    F: Future<Output = Result<(), StoreError>>,
{
    Box::pin(topic.publish(message)).await?;

    Ok(mark_sent().await?)
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use adapters::aws;
    use serde_json::json;

    use super::*;

    const SENT: &str = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
    const DENIED: &str =
        "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>";

    /// Sends a message to a topic that answers with `status`. Returns whether that succeeded, how many messages were published, and whether
    /// the message was marked as sent.
    async fn send(status: u16) -> (bool, usize, bool) {
        let (published, marked) = (Arc::new(AtomicUsize::new(0)), Cell::new(false));
        let counted = Arc::clone(&published);
        let aws = aws::answered(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            let answer = if status == 200 { SENT } else { DENIED };
            (status, answer.to_owned())
        });
        let topic = Topic::new(&aws, "arn:aws:sns:us-east-1:123456789012:marquee-notices");
        let message = Message::json(&json!({}), Vec::new()).unwrap();
        let mark_sent = || async {
            marked.set(true);
            Ok(())
        };

        let sent = publish_and_mark(&topic, &message, mark_sent).await;

        (sent.is_ok(), published.load(Ordering::Relaxed), marked.get())
    }

    #[tokio::test]
    async fn a_message_that_is_sent_is_marked_as_sent() {
        assert_eq!(send(200).await, (true, 1, true));
    }

    #[tokio::test]
    async fn a_message_that_is_refused_is_not_marked_as_sent() {
        assert_eq!(send(403).await, (false, 1, false));
    }

    #[test]
    fn a_notice_has_its_envelope_around_its_content() {
        let content = json!({ "run_id": "1" });
        let notice = Notice::new(&"1", "retraining.failed", content, Timestamp::UNIX_EPOCH);

        let message = notice.message(vec![("owner_id", "2".to_owned())]).unwrap();

        assert_eq!(
            message.text,
            r#"{"version":1,"id":"1-retraining.failed","kind":"retraining.failed","run_id":"1","at":"1970-01-01T00:00:00Z"}"#
        );
        let attributes = [("kind", "retraining.failed"), ("owner_id", "2")];
        assert_eq!(
            message.attributes,
            attributes.map(|(name, value)| (name, value.to_owned()))
        );
    }
}
