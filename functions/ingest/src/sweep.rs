//! Looks for what lost events and dead processes leave behind, and mends it or fails it with a reason. EventBridge
//! Scheduler calls this every few minutes.
//!
//! It finds titles in processing whose execution is gone, whose job ended unheard, or whose file arrived unheard; uploads that
//! were not put together; and, a few at a time, published titles that do not play any more.

mod arrivals;
mod audit;
mod processing;

use adapters::{
    ServiceError,
    dynamodb::{Assets, SweepCursor, ListTitles, PageRequest, Quotas, Retention, StoreError, Table, Titles, Transcodes, Uploads},
    functions::AsyncFunction,
    mediaconvert::MediaConvert,
    s3::Bucket,
    sfn::{IngestMachine, TaskTokens},
    sns::Topic,
};
use domain::title::{Title, TitleState};
use futures::{StreamExt as _, stream};
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::{Deserialize, Serialize};

use crate::{mark_failed::Failing, notify::Announcer, start::Starter, transcode_end::TranscodeEnd};

/// Titles of one state that are looked at in one go, the newest first: far more than can be at work at once.
const LOOKED_AT: usize = 5_000;
/// Titles or uploads that are looked at at the same time. One takes about three calls, so that all of them one after another would
/// take longer than the function may run.
const AT_ONCE: usize = 16;

/// What this function needs: more than any other, because it does any step's last part over.
#[derive(Clone, Debug)]
pub struct Context {
    titles: Titles,
    assets: Assets,
    uploads: Uploads,
    retention: Retention,
    quotas: Quotas,
    transcodes: Transcodes,
    audit: SweepCursor,
    machine: IngestMachine,
    transcoder: MediaConvert,
    upload_bucket: Bucket,
    media: Bucket,
    finisher: AsyncFunction,
    starter: Starter,
    end: TranscodeEnd,
    failing: Failing,
    announcer: Announcer,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let machine = IngestMachine::new(&aws, config::text("INGEST_STATE_MACHINE_ARN")?);

        Ok(Self {
            titles: table.titles(),
            assets: table.assets(),
            uploads: table.uploads(),
            retention: table.retention(),
            quotas: table.quotas(),
            transcodes: table.transcodes(),
            audit: table.sweep_cursor(),
            transcoder: MediaConvert::new(
                &aws,
                config::text("MEDIACONVERT_QUEUE_ARN")?,
                config::text("MEDIACONVERT_ROLE_ARN")?,
            ),
            upload_bucket: Bucket::new(&aws, config::text("UPLOAD_BUCKET")?),
            media: Bucket::new(&aws, config::text("MEDIA_BUCKET")?),
            finisher: AsyncFunction::new(&aws, config::text("FINISH_UPLOAD_FUNCTION")?),
            starter: Starter::new(&table, machine.clone()),
            end: TranscodeEnd::new(&table, TaskTokens::new(&aws)),
            failing: Failing::new(&table),
            announcer: Announcer::new(&table, Topic::new(&aws, config::text("NOTICES_TOPIC_ARN")?)),
            machine,
        })
    }

    /// The titles in one state, as far as one sweep goes.
    async fn in_state(&self, state: TitleState) -> Result<Vec<Title>, StoreError> {
        let mut titles = Vec::new();
        let mut cursor = None;
        loop {
            let request = PageRequest::new(100, cursor.as_deref())?;
            let page = self.titles.list(ListTitles::InState(state), &request).await?;
            titles.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() || titles.len() >= LOOKED_AT {
                return Ok(titles);
            }
        }
    }
}

/// The schedule says nothing.
#[derive(Debug, Deserialize)]
pub struct Sweep {}

/// What a sweep did.
#[derive(Debug, Default, Serialize)]
pub struct Swept {
    /// How many titles and uploads were looked at.
    looked_at: usize,
    /// How many were put back on their way.
    mended: usize,
    /// How many failed.
    failed: usize,
}

/// What a look at one title or upload came to.
#[derive(Clone, Copy, Debug)]
enum Found {
    /// All is well, or will be.
    Well,
    /// It was put back on its way.
    Mended,
    /// It failed.
    Failed,
}

impl Swept {
    /// Looks at all of them, several at the same time. One that cannot be looked at keeps none of the others waiting: `look` logs it.
    async fn look_at<T, L>(&mut self, items: impl IntoIterator<Item = T>, look: impl Fn(T) -> L)
    where
        L: Future<Output = Result<Found, ServiceError>>,
    {
        let mut looks = stream::iter(items).map(look).buffer_unordered(AT_ONCE);
        while let Some(found) = looks.next().await {
            self.looked_at += 1;
            match found {
                Ok(Found::Well) | Err(_) => {}
                Ok(Found::Mended) => self.mended += 1,
                Ok(Found::Failed) => self.failed += 1,
            }
        }
    }
}

/// Sweeps. What cannot be mended now does not keep the rest from being looked at.
pub async fn handle(cx: Context, _: Sweep) -> Result<Swept, runtime::Error> {
    let now = clock::now();
    let mut swept = Swept::default();

    let parts = [
        arrivals::sweep(&cx, &mut swept, now).await,
        processing::sweep(&cx, &mut swept, now).await,
        audit::sweep(&cx, &mut swept, now).await,
    ];
    tracing::info!(
        looked_at = swept.looked_at,
        mended = swept.mended,
        failed = swept.failed,
        "swept {} titles and uploads: {} mended, {} failed",
        swept.looked_at,
        swept.mended,
        swept.failed
    );

    parts.into_iter().collect::<Result<(), _>>()?;
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn many_are_looked_at_at_once_and_one_that_fails_stops_no_other() {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let mut swept = Swept::default();

        swept
            .look_at(0..100, async |number| {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                for _ in 0..AT_ONCE {
                    tokio::task::yield_now().await;
                }
                now.set(now.get() - 1);
                match number {
                    0 => Err(StoreError::Changed.into()),
                    1..=10 => Ok(Found::Mended),
                    11..=13 => Ok(Found::Failed),
                    _ => Ok(Found::Well),
                }
            })
            .await;

        assert_eq!((swept.looked_at, swept.mended, swept.failed), (100, 10, 3));
        assert_eq!(most.get(), AT_ONCE);
    }

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/sweep.json");

        runtime::event::parse::<Sweep>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
