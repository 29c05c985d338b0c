//! Makes the edge refuse titles that are hidden, and serve titles that are shown again.
//!
//! It reads the events of the table's stream, so that it sees a title that is archived, made private or withdrawn in any way, and
//! failures are retried. An event only triggers it: the title's current state in the table counts. So repeated and late events
//! change nothing (ADR 23).

use adapters::{
    ServiceError,
    aws::CallError,
    dynamodb::{StoreError, Table, Titles},
    revocations::Revocations,
};
use domain::{
    event::{DomainEvent, Fact},
    playback::MAX_WRITE_DELAY,
    title::Title,
};
use kernel::{Timestamp, id::TitleId};
use runtime::{
    batch::{Batch, BatchItemFailures},
    config::{self, ConfigError},
    log_failure,
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    titles: Titles,
    revocations: Revocations,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `KEY_VALUE_STORE_ARN`.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            titles: Table::new(&aws, config::text("TABLE_NAME")?).titles(),
            revocations: Revocations::new(&aws, config::text("KEY_VALUE_STORE_ARN")?),
        })
    }
}

/// How often a title is read again that changes while the edge is updated.
const MAX_ROUNDS: usize = 5;

/// Updates the edge for the titles of a batch. The events of a title whose update fails are delivered again.
pub async fn handle(cx: Context, batch: Batch<DomainEvent>) -> BatchItemFailures {
    let (events, mut failures) = batch.readable();
    for (id, event) in events {
        let title_id = match &event.fact {
            Fact::TitlePublished { title } | Fact::TitleChanged { title } => title.title_id,
            Fact::TitleRemoved { title } => title.title_id,
            _ => continue,
        };
        if let Err(error) = cx.update_edge(title_id, &event).await {
            log_failure!(&error, title.id = %title_id, "the edge is not updated for {title_id} yet: {error}");
            failures.add(id);
        }
    }

    failures
}

impl Context {
    /// Updates the edge to the title's current state. If the title changes meanwhile, another worker may have written the newer
    /// state before this one: the last write must be the current state, so the title is read again afterwards.
    async fn update_edge(&self, id: TitleId, event: &DomainEvent) -> Result<(), ServiceError> {
        let mut title = self.titles.find(id).await?;
        for _ in 0..MAX_ROUNDS {
            self.write(id, title.as_ref(), event).await?;
            let written = title.map(|title| title.version);
            title = self.titles.find(id).await?;
            if title.as_ref().map(|title| title.version) == written {
                return Ok(());
            }
        }

        Err(StoreError::Contended.into())
    }

    async fn write(&self, id: TitleId, title: Option<&Title>, event: &DomainEvent) -> Result<(), CallError> {
        let asset = title.and_then(Title::playable_asset);
        if title.is_some_and(Title::is_shown) {
            // This also lifts a revocation with a date that is still to come.
            self.revocations.lift(id, asset).await?;
        } else {
            self.revocations.revoke(id, asset, hidden_since(title, event)).await?;
            tracing::info!(title.id = %id, "the edge refuses {id}");
        }

        Ok(())
    }
}

/// The time after which only the owner and admins, who may still play a hidden title, get links to it.
fn hidden_since(title: Option<&Title>, event: &DomainEvent) -> Timestamp {
    let changed_at = title.map_or(event.at, |title| title.updated_at);
    let version = title.map(|title| title.version);
    // It was published hidden, so no other viewer could get a link before: the owner's new links play at once.
    let begins_hidden = matches!(&event.fact, Fact::TitlePublished { title } if Some(title.version) == version);

    if begins_hidden {
        changed_at
    } else {
        changed_at + MAX_WRITE_DELAY
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use adapters::aws::{self, SdkConfig};
    use runtime::http::testing::Services;
    use serde_json::{Value, json};

    use super::*;

    const PUBLISHED: &str = include_str!("../../../events/domain/title.published.v1.json");
    const CHANGED: &str = include_str!("../../../events/domain/title.changed.v1.json");

    fn context(aws: &SdkConfig) -> Context {
        Context {
            titles: Table::new(aws, "marquee").titles(),
            revocations: Revocations::new(aws, "arn:aws:cloudfront::123456789012:key-value-store/keys"),
        }
    }

    async fn handled(sample: &str) -> BatchItemFailures {
        let event = serde_json::from_str(sample).unwrap();

        handle(context(&aws::offline()), Batch::read(event).unwrap()).await
    }

    /// The updates of the edge for this event when the table has version 4 of the title, published with this visibility.
    async fn updates(visibility: &str, event: &str) -> Vec<Value> {
        let (failures, updates) = updates_while_it_changes(vec![item(visibility, 4)], event).await;

        assert_eq!(failures, BatchItemFailures::none());
        updates
    }

    fn item(visibility: &str, version: u64) -> Value {
        let records: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        let mut item = records["Records"][0]["dynamodb"]["NewImage"].clone();
        item["visibility"] = json!({ "S": visibility });
        item["version"] = json!({ "N": version.to_string() });

        item
    }

    /// The updates of the edge for this event when reads of the table return these items in turn, and then the last one.
    async fn updates_while_it_changes(items: Vec<Value>, event: &str) -> (BatchItemFailures, Vec<Value>) {
        let reads = AtomicUsize::new(0);
        let services = Services::answering(move |call| {
            let answer = match call.name.as_str() {
                "GetItem" => {
                    let read = reads.fetch_add(1, Ordering::SeqCst);
                    json!({ "Item": items[read.min(items.len() - 1)] })
                }
                _ => json!({ "Key": "a", "Value": "1" }),
            };
            (200, answer.to_string())
        })
        .await;
        let mut batch: Value = serde_json::from_str(include_str!("../../../events/sqs/take-down.json")).unwrap();
        batch["Records"][0]["body"] = json!(event);

        let aws = aws::at(&services.url);
        let failures = handle(context(&aws), Batch::read(batch).unwrap()).await;

        let updates = services
            .calls()
            .into_iter()
            .filter(|call| call.name.starts_with("POST "));
        (failures, updates.map(|call| call.body).collect())
    }

    /// How long after the title's last change the edge refuses links to it.
    fn refused_for(updates: &[Value]) -> Duration {
        let changed_at: Timestamp = "2026-03-05T12:00:09.512Z".parse().unwrap();
        let puts = updates[0]["Puts"].as_array().unwrap();
        assert_eq!(puts.len(), 2, "the poster and the film: {updates:?}");
        assert_eq!(puts[0]["Value"], puts[1]["Value"]);
        let since: i64 = puts[0]["Value"].as_str().unwrap().parse().unwrap();

        Duration::from_millis((since - changed_at.as_millisecond()).unsigned_abs())
    }

    #[tokio::test]
    async fn links_that_were_signed_while_a_title_was_being_hidden_are_refused_too() {
        let updates = updates("private", CHANGED).await;

        assert_eq!(refused_for(&updates), MAX_WRITE_DELAY);
    }

    #[tokio::test]
    async fn the_owner_of_a_title_that_begins_hidden_plays_it_at_once() {
        let updates = updates("private", PUBLISHED).await;

        assert_eq!(refused_for(&updates), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_title_that_is_shown_again_is_refused_no_longer() {
        let updates = updates("public", PUBLISHED).await;

        assert_eq!(updates[0]["Deletes"].as_array().map(Vec::len), Some(2), "{updates:?}");
        assert!(updates[0]["Puts"].is_null());
    }

    #[tokio::test]
    async fn the_last_update_of_the_edge_is_the_current_state() {
        let changes = vec![item("public", 3), item("private", 4)];
        let (failures, updates) = updates_while_it_changes(changes, CHANGED).await;

        assert_eq!(failures, BatchItemFailures::none());
        assert_eq!(updates.len(), 2, "shown, and hidden again: {updates:?}");
        assert!(
            updates[0]["Deletes"].is_array() && updates[1]["Puts"].is_array(),
            "{updates:?}"
        );
    }

    #[tokio::test]
    async fn the_event_of_a_title_that_keeps_changing_is_delivered_again() {
        let changes = (1..=10).map(|version| item("private", version)).collect();
        let (failures, _) = updates_while_it_changes(changes, CHANGED).await;

        assert_eq!(failures.ids().len(), 1);
    }

    #[tokio::test]
    async fn an_event_that_does_not_reach_the_edge_is_delivered_again() {
        let failures = handled(include_str!("../../../events/sqs/take-down.json")).await;

        assert_eq!(failures.ids(), ["059f36b4-87a3-44ab-83d2-661900000021"]);
    }

    #[tokio::test]
    async fn only_events_of_titles_update_the_edge() {
        let failures = handled(include_str!("../../../events/sqs/export-events.json")).await;

        assert_eq!(failures.ids().len(), 3, "of three titles and a like: {failures:?}");
    }
}
