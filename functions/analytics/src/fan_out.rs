//! The one reader of the table's stream: publishes changes as domain events to a topic, to which consumers subscribe queues.
//!
//! A record that cannot be published goes to a queue for failed events, so that it does not block the records after it. After a
//! transient error of SNS Lambda delivers the stream again from that record on: an event may be published twice, under the same id.

use adapters::{
    dynamodb::{Change, StreamRecord},
    sns::{Message, PublishError, Topic},
    sqs::Queue,
};
use domain::event::DomainEvent;
use runtime::{
    batch::{Batch, BatchItemFailures, Record},
    config::{self, ConfigError},
    log_failure,
};
use serde_json::{Value, json};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    topic: Topic,
    failed_events: Queue,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            topic: Topic::new(&aws, config::text("DOMAIN_EVENTS_TOPIC_ARN")?),
            failed_events: Queue::new(&aws, config::text("FAILED_EVENTS_QUEUE_URL")?),
        })
    }
}

/// A record with its domain event.
struct Publishable {
    id: String,
    raw: Value,
    message: Message,
}

/// Publishes the changes of a batch, in their order.
pub async fn handle(cx: Context, batch: Batch<StreamRecord>) -> BatchItemFailures {
    let mut failures = BatchItemFailures::none();
    let mut publishables = Vec::new();
    for record in batch.0 {
        let (id, raw) = (record.id.clone(), record.raw.clone());
        match message(record) {
            Ok(Some(message)) => publishables.push(Publishable { id, raw, message }),
            Ok(None) => {}
            Err(why) => cx.send_to_failed_events(id, &raw, &why, &mut failures).await,
        }
    }
    for chunk in publishables.chunks(Topic::MAX_BATCH) {
        cx.publish(chunk, &mut failures).await;
    }

    failures
}

/// The domain event of a record, if it has one. An error says why the record cannot be read.
fn message(record: Record<StreamRecord>) -> Result<Option<Message>, String> {
    let change = record.content.map_err(|error| error.to_string())?;
    let change = change.change().map_err(|error| error.to_string())?;
    let has_same_audience = matches!(&change, Change::Title(Some(before), Some(after)) if after.same_access_as(before));
    let event = match change {
        Change::Title(before, after) => DomainEvent::from_title_change(before.as_deref(), after.as_deref()),
        Change::Engagement(before, after) => DomainEvent::from_engagement_change(before.as_deref(), after.as_deref()),
        Change::Exposure(exposure) => exposure.map(|exposure| DomainEvent::from_exposure(*exposure)),
        Change::Other => None,
    };
    let Some(event) = event else { return Ok(None) };

    let mut attributes = vec![("type", event.name().to_owned())];
    attributes.extend(event.visibility().map(|who| ("visibility", who.as_str().to_owned())));
    // `take-down` filters these events out: it writes one title at a time, and must not be kept busy by edited descriptions.
    attributes.extend(has_same_audience.then(|| ("audience", "same".to_owned())));

    Ok(Some(Message {
        text: serde_json::to_string(&event).map_err(|error| error.to_string())?,
        attributes,
    }))
}

impl Context {
    async fn publish(&self, publishables: &[Publishable], failures: &mut BatchItemFailures) {
        let messages: Vec<Message> = publishables.iter().map(|record| record.message.clone()).collect();
        let outcomes = match self.topic.publish_all(&messages).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                log_failure!(&error, "{} events are not published yet: {error}", publishables.len());
                return failures.extend(publishables.iter().map(|record| record.id.clone()));
            }
        };

        for (record, outcome) in publishables.iter().zip(outcomes) {
            match outcome {
                Ok(()) => {}
                Err(PublishError::Transient(why)) => {
                    tracing::warn!(record.id, "an event is not published yet: {why}");
                    failures.add(record.id.clone());
                }
                Err(PublishError::Refused(why)) => {
                    self.send_to_failed_events(record.id.clone(), &record.raw, &why, failures)
                        .await;
                }
            }
        }
    }

    /// Keeps a copy of the record for operators, in a form that this function can be invoked with.
    async fn send_to_failed_events(&self, id: String, raw: &Value, why: &str, failures: &mut BatchItemFailures) {
        tracing::error!(
            record.id = id,
            "a change of the table is not published, its record goes to the queue for failed events: {why}"
        );

        let copy = json!({ "Records": [raw] }).to_string();
        if let Err(error) = self.failed_events.send(&copy).await {
            tracing::warn!(
                record.id = id,
                "the record was not sent to the queue for failed events: {error}"
            );
            failures.add(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Record<StreamRecord>> {
        let event = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();

        Batch::read(event).unwrap().0
    }

    #[test]
    fn the_sample_becomes_the_samples_of_its_events() {
        let messages: Vec<Message> = records()
            .into_iter()
            .filter_map(|record| message(record).unwrap())
            .collect();
        let samples = [
            include_str!("../../../events/domain/title.published.v1.json"),
            include_str!("../../../events/domain/engagement.changed.v1.json"),
            include_str!("../../../events/domain/recommendations.shown.v1.json"),
        ];

        assert_eq!(messages.len(), samples.len());
        for (message, sample) in messages.iter().zip(samples) {
            let (event, sample): (Value, Value) = (
                serde_json::from_str(&message.text).unwrap(),
                serde_json::from_str(sample).unwrap(),
            );
            assert_eq!(event, sample);
            assert_eq!(
                message.attributes[0],
                ("type", sample["type"].as_str().unwrap().to_owned())
            );
        }
        assert_eq!(messages[0].attributes[1], ("visibility", "public".to_owned()));
    }

    /// The message about a published title whose item changes in this way.
    fn message_of_change(change: impl Fn(&mut Value)) -> Message {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        let images = &mut event["Records"][0]["dynamodb"];
        images["OldImage"] = images["NewImage"].clone();
        change(&mut images["NewImage"]);
        let record = Batch::read(event).unwrap().0.remove(0);

        message(record).unwrap().unwrap()
    }

    #[test]
    fn a_change_with_the_same_audience_says_so() {
        let same = ("audience", "same".to_owned());

        let renamed = message_of_change(|title| title["name"] = json!({ "S": "Sintel II" }));
        assert!(renamed.attributes.contains(&same));
        let unlisted = message_of_change(|title| title["visibility"] = json!({ "S": "unlisted" }));
        assert!(unlisted.attributes.contains(&same), "the same people may watch it");
        let private = message_of_change(|title| title["visibility"] = json!({ "S": "private" }));
        assert!(!private.attributes.contains(&same));
        let archived = message_of_change(|title| title["state"] = json!({ "S": "archived" }));
        assert!(!archived.attributes.contains(&same));
        // It was not published before.
        let published = message(records().remove(0)).unwrap().unwrap();
        assert!(!published.attributes.contains(&same));
    }

    /// Without services: nothing is published or sent to the queue for failed events.
    fn offline() -> Context {
        let aws = adapters::aws::offline();

        Context {
            topic: Topic::new(&aws, "arn:aws:sns:us-east-1:123456789012:marquee-domain-events"),
            failed_events: Queue::new(
                &aws,
                "https://sqs.us-east-1.amazonaws.com/123456789012/marquee-failed-events",
            ),
        }
    }

    #[tokio::test]
    async fn records_that_reach_no_service_are_delivered_again() {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        event["Records"][1]["dynamodb"]["NewImage"]["version"] = json!({ "S": "seven" });
        let failures = handle(offline(), Batch::read(event).unwrap()).await;

        assert_eq!(
            failures.ids(),
            ["400000000000000002", "400000000000000001", "400000000000000003"]
        );
    }

    #[tokio::test]
    async fn records_without_an_event_are_done() {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        for record in event["Records"].as_array_mut().unwrap() {
            // The record of a deleted exposure has an old image only.
            let images = &mut record["dynamodb"];
            if images["OldImage"].is_null() {
                images["OldImage"] = images["NewImage"].take();
                images.as_object_mut().unwrap().remove("NewImage");
            } else {
                images["NewImage"] = images["OldImage"].clone();
            }
        }

        assert_eq!(
            handle(offline(), Batch::read(event).unwrap()).await,
            BatchItemFailures::none()
        );
    }

    #[test]
    fn a_record_that_cannot_be_read_says_why() {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        event["Records"][0]["dynamodb"]["NewImage"]["version"] = json!({ "S": "four" });
        let why = Batch::read(event)
            .unwrap()
            .0
            .into_iter()
            .map(message)
            .next()
            .unwrap()
            .unwrap_err();

        assert!(why.contains("an item of kind title cannot be read"), "{why}");
    }
}
