//! Receiving messages of topics and events of the event bus.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use crate::Marquee;

/// The queue's id as a target of its rule.
const TARGET: &str = "listener";

/// A test's own queue.
#[derive(Debug)]
pub struct Listener {
    sqs: aws_sdk_sqs::Client,
    marquee: Marquee,
    name: String,
    url: String,
    arn: String,
}

impl Marquee {
    /// Subscribes to the topic of a stack output, and receives its messages from now on.
    pub async fn subscribe(&self, output: &str) -> Listener {
        let listener = Listener::new(self, "notices", "sns.amazonaws.com").await;
        aws_sdk_sns::Client::new(&self.operator().await)
            .subscribe()
            .topic_arn(self.outputs()[output].as_str().expect("an ARN"))
            .protocol("sqs")
            .endpoint(&listener.arn)
            .attributes("RawMessageDelivery", "true")
            .send()
            .await
            .expect("Subscribe");

        listener
    }

    /// Receives one kind of event on the bus from now on.
    pub async fn listen_to(&self, detail_type: &str) -> Listener {
        let listener = Listener::new(self, "events", "events.amazonaws.com").await;
        let pattern = json!({ "detail-type": [detail_type] }).to_string();
        let rule = json!({ "Name": listener.name, "EventPattern": pattern });
        self.call("events", "AWSEvents.PutRule", &rule).await;
        let targets = json!({ "Rule": listener.name, "Targets": [{ "Id": TARGET, "Arn": listener.arn }] });
        self.call("events", "AWSEvents.PutTargets", &targets).await;

        listener
    }
}

impl Listener {
    /// A queue that one service may send to.
    async fn new(marquee: &Marquee, name: &str, sender: &str) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&marquee.operator().await);
        let moment = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock")
            .as_nanos();
        let name = format!("{name}-{}-{moment}", std::process::id());
        let created = sqs.create_queue().queue_name(&name).send().await.expect("CreateQueue");
        let url = created.queue_url.expect("a URL");
        let attributes = sqs
            .get_queue_attributes()
            .queue_url(&url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .expect("GetQueueAttributes");
        let arn = attributes
            .attributes
            .and_then(|mut all| all.remove(&QueueAttributeName::QueueArn))
            .expect("an ARN");
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": sender}, "Action": "sqs:SendMessage", "Resource": arn,
        }]});
        sqs.set_queue_attributes()
            .queue_url(&url)
            .attributes(QueueAttributeName::Policy, policy.to_string())
            .send()
            .await
            .expect("SetQueueAttributes");

        Self {
            sqs,
            marquee: marquee.clone(),
            name,
            url,
            arn,
        }
    }

    /// Takes all messages that have arrived.
    pub async fn receive(&self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let request = self
                .sqs
                .receive_message()
                .queue_url(&self.url)
                .max_number_of_messages(10);
            let messages = request
                .send()
                .await
                .expect("ReceiveMessage")
                .messages
                .unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            for message in messages {
                all.push(serde_json::from_str(message.body().expect("a body")).expect("JSON"));
                let handle = message.receipt_handle().expect("a handle");
                let delete = self.sqs.delete_message().queue_url(&self.url).receipt_handle(handle);
                delete.send().await.expect("DeleteMessage");
            }
        }
    }

    /// Stops receiving events of the bus.
    pub async fn stop(self) {
        let targets = json!({ "Rule": self.name, "Ids": [TARGET] });
        self.marquee.call("events", "AWSEvents.RemoveTargets", &targets).await;
        let rule = json!({ "Name": self.name });
        self.marquee.call("events", "AWSEvents.DeleteRule", &rule).await;
    }
}
