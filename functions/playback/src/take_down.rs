//! Tells the edge which titles are not to be seen any more, and which are again.
//!
//! It takes the events of the table's stream, not the word of a route: so every way in which a title is archived, made
//! private or withdrawn is covered, and what failed comes again. What counts is the title as it is now; an event only says
//! that it is time to look. So events that come twice or late change nothing (ADR 23).

use adapters::{
    aws::CallError,
    dynamodb::{StoreError, Table, Titles},
    revocations::Revocations,
};
use domain::{
    event::{DomainEvent, Fact},
    title::Title,
};
use kernel::{Timestamp, id::TitleId};
use runtime::{
    batch::{Again, Batch},
    config::{self, ConfigError},
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

/// Why the edge does not know yet.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Edge(#[from] CallError),
}

/// Tells the edge of the titles of a batch. One that it could not be told of comes again.
pub async fn handle(cx: Context, batch: Batch<DomainEvent>) -> Again {
    let (events, mut again) = batch.readable();
    for (id, event) in events {
        let title_id = match event.fact {
            Fact::TitlePublished { title } | Fact::TitleChanged { title } => title.title_id,
            Fact::TitleRemoved { title } => title.title_id,
            _ => continue,
        };
        if let Err(error) = cx.tell(title_id, event.at).await {
            tracing::warn!(title.id = %title_id, "the edge does not know of {title_id} yet: {error}");
            again.add(id);
        }
    }

    again
}

impl Context {
    async fn tell(&self, id: TitleId, event_at: Timestamp) -> Result<(), NotTold> {
        let title = self.titles.find(id).await?;
        let asset = title.as_ref().and_then(Title::playable_asset);

        if title.as_ref().is_some_and(Title::is_shown) {
            self.revocations.lift(id, asset).await?;
        } else {
            // Tokens that its owner gets after the change stay good.
            let since = title.map_or(event_at, |title| title.updated_at);
            self.revocations.revoke(id, asset, since).await?;
            tracing::info!(title.id = %id, "the edge refuses {id}");
        }

        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use adapters::aws;

    use super::*;

    async fn handled(sample: &str) -> Again {
        let aws = aws::nowhere();
        let context = Context {
            titles: Table::new(&aws, "marquee").titles(),
            revocations: Revocations::new(&aws, "arn:aws:cloudfront::123456789012:key-value-store/keys"),
        };
        let event = serde_json::from_str(sample).unwrap();

        handle(context, Batch::read(event).unwrap()).await
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
