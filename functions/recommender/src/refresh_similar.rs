//! The step `refresh`: the stored similar titles were computed by the model before. The most watched titles are computed again, through
//! the queue for new titles, whose mapping limits the concurrency. Titles that no one watches are similar by their descriptions, with
//! any model.

use adapters::{dynamodb::Table, sqs::Queue};
use domain::{
    event::DomainEvent,
    retraining::{RetrainError, RetrainingState, Run},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::step::StepFailure;

/// How many of the most popular titles are refreshed.
const MAX_TITLES: u8 = 250;
/// How many messages are sent at the same time.
const CONCURRENCY: usize = 8;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    queue: Queue,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            table: Table::new(&aws, config::text("TABLE_NAME")?),
            queue: Queue::new(&aws, config::text("PLACE_TITLE_QUEUE_URL")?),
        })
    }
}

/// Sends the most popular titles to the queue, if the run's model serves. Repetition changes nothing.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let retraining = cx.table.retrainings().find(&run).await?;
    if retraining.is_none_or(|retraining| retraining.state != RetrainingState::Promoted) {
        return Ok(());
    }
    let popular = cx.table.popularity().most_popular(MAX_TITLES).await?;
    let titles = cx.table.titles().find_many(&popular).await?;
    let now = clock::now();
    let events: Vec<DomainEvent> = titles
        .iter()
        .filter_map(|title| DomainEvent::refresh(title, run.run_id, now))
        .collect();

    let count = events.len();
    stream::iter(events)
        .map(|event| send(&cx.queue, event))
        .buffer_unordered(CONCURRENCY)
        .try_collect::<Vec<()>>()
        .await?;
    tracing::info!(run.id = %run.run_id, "{count} titles were sent to be placed again");

    Ok(())
}

async fn send(queue: &Queue, event: DomainEvent) -> Result<(), StepFailure> {
    let message = serde_json::to_string(&event).map_err(|error| {
        tracing::error!("an event cannot be serialized: {error}");
        StepFailure::from(RetrainError::Internal)
    })?;

    Ok(queue.send(&message).await?)
}
