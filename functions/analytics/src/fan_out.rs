//! The one reader of the table's stream: what others may know of a change goes to a topic, and each of them has a queue of its
//! own behind it.
//!
//! A record that cannot be told is put aside, so that it never holds up those behind it. What SNS does not take just now
//! makes Lambda hand over the stream again from there: an event may be told twice, under the same id.

use adapters::{
    dynamodb::{Change, StreamRecord},
    sns::{Message, PublishError, Topic},
    sqs::Queue,
};
use domain::event::DomainEvent;
use runtime::{
    batch::{BatchItemFailures, Batch, Record},
    config::{self, ConfigError},
    log_failure,
};
use serde_json::{Value, json};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    topic: Topic,
    aside: Queue,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            topic: Topic::new(&aws, config::text("DOMAIN_EVENTS_TOPIC_ARN")?),
            aside: Queue::new(&aws, config::text("FAILED_EVENTS_QUEUE_URL")?),
        })
    }
}

/// A record of which there is something to tell.
struct Telling {
    id: String,
    raw: Value,
    message: Message,
}

/// Tells what the records of a batch changed, in their order.
pub async fn handle(cx: Context, batch: Batch<StreamRecord>) -> BatchItemFailures {
    let mut again = BatchItemFailures::none();
    let mut tellings = Vec::new();
    for record in batch.0 {
        let (id, raw) = (record.id.clone(), record.raw.clone());
        match message(record) {
            Ok(Some(message)) => tellings.push(Telling { id, raw, message }),
            Ok(None) => {}
            Err(why) => cx.put_aside(id, &raw, &why, &mut again).await,
        }
    }
    for some in tellings.chunks(Topic::MAX_BATCH) {
        cx.tell(some, &mut again).await;
    }

    again
}

/// What there is to tell of a record; the sentence says why it cannot be read.
fn message(record: Record<StreamRecord>) -> Result<Option<Message>, String> {
    let change = record.content.map_err(|error| error.to_string())?;
    let change = change.change().map_err(|error| error.to_string())?;
    let shown_as_before = matches!(&change, Change::Title(Some(before), Some(after)) if after.same_access_as(before));
    let event = match change {
        Change::Title(before, after) => DomainEvent::from_title_change(before.as_deref(), after.as_deref()),
        Change::Engagement(before, after) => DomainEvent::from_engagement_change(before.as_deref(), after.as_deref()),
        Change::Exposure(exposure) => exposure.map(|exposure| DomainEvent::from_exposure(*exposure)),
        Change::Other => None,
    };
    let Some(event) = event else { return Ok(None) };

    let mut attributes = vec![("type", event.name().to_owned())];
    attributes.extend(event.visibility().map(|who| ("visibility", who.as_str().to_owned())));
    // For who has nothing to do then: the edge takes one change at a time, and must not wait for other words.
    attributes.extend(shown_as_before.then(|| ("audience", "same".to_owned())));

    Ok(Some(Message {
        text: serde_json::to_string(&event).map_err(|error| error.to_string())?,
        attributes,
    }))
}

impl Context {
    async fn tell(&self, tellings: &[Telling], again: &mut BatchItemFailures) {
        let messages: Vec<Message> = tellings.iter().map(|telling| telling.message.clone()).collect();
        let outcomes = match self.topic.publish_all(&messages).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                log_failure!(&error, "{} events are not published yet: {error}", tellings.len());
                return again.extend(tellings.iter().map(|telling| telling.id.clone()));
            }
        };

        for (telling, outcome) in tellings.iter().zip(outcomes) {
            match outcome {
                Ok(()) => {}
                Err(PublishError::Transient(why)) => {
                    tracing::warn!(record.id = telling.id, "an event is not told yet: {why}");
                    again.add(telling.id.clone());
                }
                Err(PublishError::Refused(why)) => {
                    self.put_aside(telling.id.clone(), &telling.raw, &why, again).await;
                }
            }
        }
    }

    /// Keeps a copy for a person to look at, in the form in which this function can be given it again.
    async fn put_aside(&self, id: String, raw: &Value, why: &str, again: &mut BatchItemFailures) {
        tracing::error!(
            record.id = id,
            "a change of the table is put aside, nobody is told of it: {why}"
        );

        let copy = json!({ "Records": [raw] }).to_string();
        if let Err(error) = self.aside.send(&copy).await {
            tracing::warn!(record.id = id, "it could not be put aside: {error}");
            again.add(id);
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
    fn the_sample_is_told_as_the_samples_of_its_events() {
        let told: Vec<Message> = records()
            .into_iter()
            .filter_map(|record| message(record).unwrap())
            .collect();
        let samples = [
            include_str!("../../../events/domain/title.published.v1.json"),
            include_str!("../../../events/domain/engagement.changed.v1.json"),
            include_str!("../../../events/domain/recommendations.shown.v1.json"),
        ];

        assert_eq!(told.len(), samples.len());
        for (message, sample) in told.iter().zip(samples) {
            let (told, sample): (Value, Value) = (
                serde_json::from_str(&message.text).unwrap(),
                serde_json::from_str(sample).unwrap(),
            );
            assert_eq!(told, sample);
            assert_eq!(
                message.attributes[0],
                ("type", sample["type"].as_str().unwrap().to_owned())
            );
        }
        assert_eq!(told[0].attributes[1], ("visibility", "public".to_owned()));
    }

    /// What is told of a published title whose item changes like this.
    fn told_of_change(change: impl Fn(&mut Value)) -> Message {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        let images = &mut event["Records"][0]["dynamodb"];
        images["OldImage"] = images["NewImage"].clone();
        change(&mut images["NewImage"]);
        let record = Batch::read(event).unwrap().0.remove(0);

        message(record).unwrap().unwrap()
    }

    #[test]
    fn other_words_are_told_apart_from_another_audience() {
        let same = ("audience", "same".to_owned());

        let renamed = told_of_change(|title| title["name"] = json!({ "S": "Sintel II" }));
        assert!(renamed.attributes.contains(&same));
        let unlisted = told_of_change(|title| title["visibility"] = json!({ "S": "unlisted" }));
        assert!(unlisted.attributes.contains(&same), "the same people may watch it");
        let private = told_of_change(|title| title["visibility"] = json!({ "S": "private" }));
        assert!(!private.attributes.contains(&same));
        let archived = told_of_change(|title| title["state"] = json!({ "S": "archived" }));
        assert!(!archived.attributes.contains(&same));
        // It was not published before.
        let published = message(records().remove(0)).unwrap().unwrap();
        assert!(!published.attributes.contains(&same));
    }

    /// With nobody behind it: nothing is told, nothing is put aside.
    fn nowhere() -> Context {
        let aws = adapters::aws::offline();

        Context {
            topic: Topic::new(&aws, "arn:aws:sns:us-east-1:123456789012:marquee-domain-events"),
            aside: Queue::new(
                &aws,
                "https://sqs.us-east-1.amazonaws.com/123456789012/marquee-failed-events",
            ),
        }
    }

    #[tokio::test]
    async fn what_is_neither_told_nor_put_aside_comes_again() {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        event["Records"][1]["dynamodb"]["NewImage"]["version"] = json!({ "S": "seven" });
        let again = handle(nowhere(), Batch::read(event).unwrap()).await;

        assert_eq!(
            again.ids(),
            ["400000000000000002", "400000000000000001", "400000000000000003"]
        );
    }

    #[tokio::test]
    async fn what_nobody_is_told_about_is_done() {
        let mut event: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        for record in event["Records"].as_array_mut().unwrap() {
            // Of an exposure that is dropped there is an old image only.
            let images = &mut record["dynamodb"];
            if images["OldImage"].is_null() {
                images["OldImage"] = images["NewImage"].take();
                images.as_object_mut().unwrap().remove("NewImage");
            } else {
                images["NewImage"] = images["OldImage"].clone();
            }
        }

        assert_eq!(handle(nowhere(), Batch::read(event).unwrap()).await, BatchItemFailures::none());
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
