//! Messages: to a queue, and to the subscribers of a topic.

use std::time::Duration;

use adapters::{
    sns::{Message, Topic},
    sqs::Queue,
};
use aws_sdk_sqs::{
    Client,
    types::{Message as Received, QueueAttributeName},
};
use serde_json::json;

use crate::{
    emulator::{ACCOUNT, Emulator, REGION, unique},
    fixtures::kind,
};

const TIMEOUT: Duration = Duration::from_secs(10);

/// A queue, and what arrives in it.
pub(crate) struct TestQueue {
    pub(crate) url: String,
    name: String,
    client: Client,
}

impl TestQueue {
    /// An empty queue, which topics may send to.
    pub(crate) async fn create(emulator: &Emulator) -> Self {
        let client = Client::new(&emulator.root().await);
        let name = unique("queue");
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage",
                "Resource": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
            }],
        });
        let created = client
            .create_queue()
            .queue_name(&name)
            .attributes(QueueAttributeName::Policy, policy.to_string())
            .send()
            .await
            .expect("CreateQueue");

        Self {
            url: created.queue_url.expect("a URL"),
            name,
            client,
        }
    }

    fn arn(&self) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.name)
    }

    /// The next message, which is deleted.
    pub(crate) async fn receive(&self) -> Received {
        let received = async {
            loop {
                if let Some(message) = self.receive_within(1).await {
                    return message;
                }
            }
        };
        let message = tokio::time::timeout(TIMEOUT, received)
            .await
            .expect("a message in time");
        let delete = self.client.delete_message().queue_url(&self.url);
        let receipt = message.receipt_handle().unwrap_or_default();
        delete.receipt_handle(receipt).send().await.expect("DeleteMessage");

        message
    }

    pub(crate) async fn is_empty(&self) -> bool {
        self.receive_within(0).await.is_none()
    }

    async fn receive_within(&self, seconds: i32) -> Option<Received> {
        let received = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .wait_time_seconds(seconds)
            .max_number_of_messages(1)
            .send()
            .await
            .expect("ReceiveMessage");

        received.messages.unwrap_or_default().pop()
    }
}

struct TestTopic {
    topic: Topic,
    arn: String,
    client: aws_sdk_sns::Client,
}

impl TestTopic {
    async fn create(emulator: &Emulator) -> Self {
        let root = emulator.root().await;
        let client = aws_sdk_sns::Client::new(&root);
        let created = client
            .create_topic()
            .name(unique("topic"))
            .send()
            .await
            .expect("CreateTopic");
        let arn = created.topic_arn.expect("an ARN");

        Self {
            topic: Topic::new(&root, &arn),
            arn,
            client,
        }
    }

    /// Subscribes a queue to the messages of one kind.
    async fn subscribe(&self, queue: &TestQueue, kind: &str) {
        let subscribe = self
            .client
            .subscribe()
            .topic_arn(&self.arn)
            .protocol("sqs")
            .endpoint(queue.arn())
            .attributes("RawMessageDelivery", "true")
            .attributes("FilterPolicy", json!({ "kind": [kind] }).to_string());

        subscribe.send().await.expect("Subscribe");
    }
}

fn message(kind: &str, number: usize) -> Message {
    Message::json(&json!({ "number": number }), vec![("kind", kind.to_owned())]).expect("JSON")
}

#[tokio::test]
async fn a_message_arrives_in_its_queue_as_it_was_sent() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let queue = TestQueue::create(&emulator).await;
    let text = "{\"title\":\"Amélie & \\\"more\\\"\"}";

    Queue::new(&emulator.root().await, &queue.url)
        .send(text)
        .await
        .expect("a sent message");

    assert_eq!(queue.receive().await.body.as_deref(), Some(text));
}

#[tokio::test]
async fn a_message_that_is_too_large_for_a_queue_is_a_defect() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let queue = TestQueue::create(&emulator).await;
    let adapter = Queue::new(&emulator.root().await, &queue.url);

    let refused = adapter.send(&"a".repeat(1_100_000)).await;

    assert_eq!(kind(refused), kernel::error_kind::ErrorKind::Internal);
}

#[tokio::test]
async fn a_subscriber_gets_the_messages_whose_attributes_it_asked_for() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let (topic, queue) = (TestTopic::create(&emulator).await, TestQueue::create(&emulator).await);
    topic.subscribe(&queue, "title").await;

    for (kind, number) in [("interaction", 1), ("title", 2), ("exposure", 3)] {
        topic
            .topic
            .publish(&message(kind, number))
            .await
            .expect("a published message");
    }

    assert_eq!(queue.receive().await.body.as_deref(), Some("{\"number\":2}"));
    assert!(queue.is_empty().await);
}

#[tokio::test]
async fn a_batch_of_messages_is_published_with_one_result_for_each() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let (topic, queue) = (TestTopic::create(&emulator).await, TestQueue::create(&emulator).await);
    topic.subscribe(&queue, "title").await;
    let messages: Vec<Message> = (0..Topic::MAX_BATCH).map(|number| message("title", number)).collect();

    let results = topic.topic.publish_all(&messages).await.expect("an answer");

    assert_eq!(results, vec![Ok(()); Topic::MAX_BATCH]);
    let mut received = Vec::new();
    for _ in 0..Topic::MAX_BATCH {
        received.push(queue.receive().await.body.expect("a text"));
    }
    received.sort();
    assert_eq!(
        received,
        messages.into_iter().map(|message| message.text).collect::<Vec<_>>()
    );
}
