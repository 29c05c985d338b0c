//! Writes domain events as a log: an object of JSON lines for each channel and day in a batch.

use std::collections::BTreeMap;

use adapters::s3::Bucket;
use domain::event::DomainEvent;
use futures::future::join_all;
use runtime::{
    batch::{Batch, BatchItemFailures},
    config::{self, ConfigError},
    log_failure,
};

use crate::lines::{Folder, Line, Subject, content};

const CONTENT_TYPE: &str = "application/jsonl";

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    bucket: Bucket,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            bucket: Bucket::new(&aws, config::text("RECOMMENDATIONS_BUCKET")?),
        })
    }
}

/// The lines of one object, each with the ids of the messages about its subject.
type Object = BTreeMap<Subject, (Line, Vec<String>)>;

/// Writes the lines of a batch. The messages of an object that cannot be written are delivered again.
pub async fn handle(cx: Context, batch: Batch<DomainEvent>) -> BatchItemFailures {
    let (events, mut failures) = batch.readable();
    let objects = lines_by_folder(events, &mut failures);

    let writes = objects.into_iter().map(async |(folder, object)| {
        let (lines, messages): (Vec<_>, Vec<_>) = object.into_values().map(|(line, ids)| (line.text, ids)).unzip();
        let count = lines.len();
        let content = content(lines);
        let key = folder.key(&content);

        match cx.bucket.write(&key, CONTENT_TYPE, content.into_bytes()).await {
            Ok(()) => {
                tracing::info!(object.key = key, "wrote {count} lines to {key}");
                Vec::new()
            }
            Err(error) => {
                log_failure!(&error, object.key = key, "{count} lines are not written yet: {error}");
                messages.concat()
            }
        }
    });
    failures.extend(join_all(writes).await.into_iter().flatten());

    failures
}

/// The lines by the folder of their object; of several about the same subject the newest.
fn lines_by_folder(events: Vec<(String, DomainEvent)>, failures: &mut BatchItemFailures) -> BTreeMap<Folder, Object> {
    let mut objects: BTreeMap<Folder, Object> = BTreeMap::new();
    for (id, event) in events {
        let line = match Line::from_event(&event) {
            Ok(Some(line)) => line,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(event.id, "an event cannot be written as a line: {error}");
                failures.add(id);
                continue;
            }
        };
        let object = objects.entry(line.folder.clone()).or_default();
        let (newest, messages) = object.entry(line.subject).or_insert_with(|| (line.clone(), Vec::new()));
        if line.version > newest.version {
            *newest = line;
        }
        messages.push(id);
    }

    objects
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> (Vec<(String, DomainEvent)>, BatchItemFailures) {
        let event = serde_json::from_str(include_str!("../../../events/sqs/export-events.json")).unwrap();

        Batch::read(event).unwrap().readable()
    }

    /// The sample's three states of a title, as if all were of one day.
    fn states_of_one_day() -> Vec<(String, DomainEvent)> {
        let (mut events, _) = sample();
        events.truncate(3);
        let day = events[0].1.at;
        for (_, event) in &mut events {
            event.at = day;
        }

        events
    }

    /// The key and the content of every object that is written.
    fn written(events: Vec<(String, DomainEvent)>) -> Vec<(String, String)> {
        let objects = lines_by_folder(events, &mut BatchItemFailures::none());

        objects
            .into_iter()
            .map(|(folder, object)| {
                let content = content(object.into_values().map(|(line, _)| line.text));
                (folder.key(&content), content)
            })
            .collect()
    }

    #[test]
    fn the_sample_becomes_the_sample_of_training_data() {
        let (events, failures) = sample();
        assert_eq!(failures, BatchItemFailures::none());
        let objects = written(events);
        let content_of = |channel: &str| {
            let objects = objects.iter().filter(|(key, _)| key.starts_with(channel));
            objects.map(|(_, content)| content.as_str()).collect::<String>()
        };
        let folders: Vec<&str> = objects.iter().map(|(key, _)| key.rsplit_once('/').unwrap().0).collect();

        assert_eq!(
            folders,
            [
                "interactions/dt=2026-03-05",
                "titles/dt=2026-03-05",
                "titles/dt=2026-03-06",
                "titles/dt=2026-03-07",
                "exposures/dt=2026-03-05"
            ]
        );
        assert_eq!(
            content_of("titles"),
            include_str!("../../../events/training/titles.jsonl")
        );
        assert_eq!(
            content_of("interactions"),
            include_str!("../../../events/training/interactions.jsonl")
        );
        assert_eq!(
            content_of("exposures"),
            include_str!("../../../events/training/exposures.jsonl")
        );
    }

    #[tokio::test]
    async fn messages_that_cannot_be_read_or_written_are_delivered_again() {
        let bucket = Bucket::new(&adapters::aws::offline(), "recommendations");
        let mut event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/sqs/export-events.json")).unwrap();
        event["Records"][3]["body"] = json!("not an event");
        let mut ids: Vec<String> = Vec::new();
        for record in event["Records"].as_array().unwrap() {
            ids.push(record["messageId"].as_str().unwrap().to_owned());
        }
        let failures = handle(Context { bucket }, Batch::read(event).unwrap()).await;

        let mut named = failures.ids().to_vec();
        named.sort_unstable();
        assert_eq!(named, ids);
    }

    #[test]
    fn repeated_and_reordered_events_become_the_same_object() {
        let (events, _) = sample();
        let (mut twice, _) = sample();
        twice.extend(events.clone());
        twice.reverse();

        assert_eq!(written(twice), written(events));
    }

    #[test]
    fn of_several_states_of_a_title_on_one_day_the_newest_is_written() {
        let objects = written(states_of_one_day());

        assert_eq!(objects.len(), 1);
        assert!(objects[0].1.contains(r#""removed":true"#), "{}", objects[0].1);
    }

    #[test]
    fn all_messages_of_an_object_belong_to_its_lines() {
        let events = states_of_one_day();
        let ids: Vec<String> = events.iter().map(|(id, _)| id.clone()).collect();
        let objects = lines_by_folder(events, &mut BatchItemFailures::none());
        let messages: Vec<String> = objects
            .into_values()
            .flat_map(BTreeMap::into_values)
            .flat_map(|(_, ids)| ids)
            .collect();

        assert_eq!(messages, ids);
    }

    #[test]
    fn a_line_has_as_much_of_a_description_as_requests_to_the_recommender() {
        let (events, _) = sample();
        let mut json = serde_json::to_value(&events[0].1).unwrap();
        json["title"]["description"] = json!("é".repeat(5_000));
        let event: DomainEvent = serde_json::from_value(json).unwrap();

        let line = Line::from_event(&event).unwrap().unwrap();

        let line: serde_json::Value = serde_json::from_str(&line.text).unwrap();
        assert_eq!(line["description"], "é".repeat(500));
    }

    #[test]
    fn a_title_that_is_not_public_is_only_logged_as_removed() {
        let private = |event: DomainEvent| {
            let mut json = serde_json::to_value(event).unwrap();
            json["title"]["visibility"] = json!("private");
            serde_json::from_value::<DomainEvent>(json).unwrap()
        };
        let (events, _) = sample();
        let mut events = events.into_iter().map(|(_, event)| event);
        let (published, changed) = (private(events.next().unwrap()), private(events.next().unwrap()));

        assert_eq!(Line::from_event(&published).unwrap(), None);
        let line = Line::from_event(&changed).unwrap().unwrap().text;
        assert!(line.contains(r#""removed":true"#) && !line.contains("Sintel"), "{line}");
    }
}
