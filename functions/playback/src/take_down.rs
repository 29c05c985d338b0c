//! Tells the edge which titles are not to be seen any more, and which are again.
//!
//! It takes the events of the table's stream, not the word of a route: so every way in which a title is archived, made
//! private or withdrawn is covered, and what failed comes again. What counts is the title as it is now; an event only says
//! that it is time to look. So events that come twice or late change nothing (ADR 23).

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
    batch::{BatchItemFailures, Batch},
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

/// How often a title is looked at again that was changed while the edge was told of it.
const ROUNDS: usize = 5;

/// Tells the edge of the titles of a batch. One that it could not be told of comes again.
pub async fn handle(cx: Context, batch: Batch<DomainEvent>) -> BatchItemFailures {
    let (events, mut again) = batch.readable();
    for (id, event) in events {
        let title_id = match &event.fact {
            Fact::TitlePublished { title } | Fact::TitleChanged { title } => title.title_id,
            Fact::TitleRemoved { title } => title.title_id,
            _ => continue,
        };
        if let Err(error) = cx.tell(title_id, &event).await {
            log_failure!(&error, title.id = %title_id, "the edge does not know of {title_id} yet: {error}");
            again.add(id);
        }
    }

    again
}

impl Context {
    /// Tells the edge how the title is now. It may change meanwhile, and another worker may have told the edge of that already:
    /// what is told last must be what is true, so the title is looked at again afterwards.
    async fn tell(&self, id: TitleId, event: &DomainEvent) -> Result<(), ServiceError> {
        let mut title = self.titles.find(id).await?;
        for _ in 0..ROUNDS {
            self.tell_of(id, title.as_ref(), event).await?;
            let told = title.map(|title| title.version);
            title = self.titles.find(id).await?;
            if title.as_ref().map(|title| title.version) == told {
                return Ok(());
            }
        }

        Err(StoreError::Contended.into())
    }

    async fn tell_of(&self, id: TitleId, title: Option<&Title>, event: &DomainEvent) -> Result<(), CallError> {
        let asset = title.and_then(Title::playable_asset);
        if title.is_some_and(Title::is_shown) {
            // Of a title that is shown again at once, nothing is refused for the rest of the time, either.
            self.revocations.lift(id, asset).await?;
        } else {
            self.revocations.revoke(id, asset, hidden_since(title, event)).await?;
            tracing::info!(title.id = %id, "the edge refuses {id}");
        }

        Ok(())
    }
}

/// From when on links to a title that is not shown are given to those only who may play it all the same: its owner, and admins.
fn hidden_since(title: Option<&Title>, event: &DomainEvent) -> Timestamp {
    let changed_at = title.map_or(event.at, |title| title.updated_at);
    let version = title.map(|title| title.version);
    // It was published for them alone, so nobody else had a link just before: its owner plays it at once.
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

    /// What the edge is told on this event when the title is version 4 in the table, published with this visibility.
    async fn told(visibility: &str, event: &str) -> Vec<Value> {
        let (again, told) = told_while_it_changes(vec![item(visibility, 4)], event).await;

        assert_eq!(again, BatchItemFailures::none());
        told
    }

    fn item(visibility: &str, version: u64) -> Value {
        let records: Value = serde_json::from_str(include_str!("../../../events/dynamodb/fan-out.json")).unwrap();
        let mut item = records["Records"][0]["dynamodb"]["NewImage"].clone();
        item["visibility"] = json!({ "S": visibility });
        item["version"] = json!({ "N": version.to_string() });

        item
    }

    /// What the edge is told on this event when these are read of the table, one behind the other and then the last.
    async fn told_while_it_changes(items: Vec<Value>, event: &str) -> (BatchItemFailures, Vec<Value>) {
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
        let again = handle(context(&aws), Batch::read(batch).unwrap()).await;

        let updates = services.calls().into_iter().filter(|call| call.name.starts_with("POST "));
        (again, updates.map(|call| call.body).collect())
    }

    /// How long after the title's last change links to it are refused.
    fn refused_for(told: &[Value]) -> Duration {
        let changed_at: Timestamp = "2026-03-05T12:00:09.512Z".parse().unwrap();
        let puts = told[0]["Puts"].as_array().unwrap();
        assert_eq!(puts.len(), 2, "the poster and the film: {told:?}");
        assert_eq!(puts[0]["Value"], puts[1]["Value"]);
        let since: i64 = puts[0]["Value"].as_str().unwrap().parse().unwrap();

        Duration::from_millis((since - changed_at.as_millisecond()).unsigned_abs())
    }

    #[tokio::test]
    async fn links_that_were_given_while_a_title_was_being_hidden_are_refused_too() {
        let told = told("private", CHANGED).await;

        assert_eq!(refused_for(&told), MAX_WRITE_DELAY);
    }

    #[tokio::test]
    async fn the_owner_of_a_title_that_begins_hidden_plays_it_at_once() {
        let told = told("private", PUBLISHED).await;

        assert_eq!(refused_for(&told), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_title_that_is_shown_again_is_refused_no_longer() {
        let told = told("public", PUBLISHED).await;

        assert_eq!(told[0]["Deletes"].as_array().map(Vec::len), Some(2), "{told:?}");
        assert!(told[0]["Puts"].is_null());
    }

    #[tokio::test]
    async fn what_is_told_last_is_what_is_true() {
        let changes = vec![item("public", 3), item("private", 4)];
        let (again, told) = told_while_it_changes(changes, CHANGED).await;

        assert_eq!(again, BatchItemFailures::none());
        assert_eq!(told.len(), 2, "shown, and hidden again: {told:?}");
        assert!(told[0]["Deletes"].is_array() && told[1]["Puts"].is_array(), "{told:?}");
    }

    #[tokio::test]
    async fn a_title_that_does_not_rest_comes_again() {
        let changes = (1..=10).map(|version| item("private", version)).collect();
        let (again, _) = told_while_it_changes(changes, CHANGED).await;

        assert_eq!(again.ids().len(), 1);
    }

    #[tokio::test]
    async fn what_the_edge_could_not_be_told_comes_again() {
        let again = handled(include_str!("../../../events/sqs/take-down.json")).await;

        assert_eq!(again.ids(), ["059f36b4-87a3-44ab-83d2-661900000021"]);
    }

    #[tokio::test]
    async fn only_titles_concern_the_edge() {
        let again = handled(include_str!("../../../events/sqs/export-events.json")).await;

        assert_eq!(again.ids().len(), 3, "of three titles and a like: {again:?}");
    }
}
