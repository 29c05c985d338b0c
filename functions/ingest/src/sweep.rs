//! The sweeper: finds titles that are stuck after lost events and crashed processes, and repairs them or fails them with a
//! reason. EventBridge Scheduler calls this every few minutes.
//!
//! It finds titles in processing whose execution was lost, or whose job's or file's event was lost; uploads that were not
//! completed; and, a few at a time, published titles that do not play any more.

mod processing;
mod published;
mod uploading;

use adapters::{
    ServiceError,
    aws::SdkConfig,
    dynamodb::{
        Assets, ListTitles, PageRequest, Quotas, Retention, StoreError, SweepCursor, Table, Titles, Transcodes, Uploads,
    },
    functions::AsyncFunction,
    mediaconvert::MediaConvert,
    s3::Bucket,
    sfn::IngestMachine,
    sns::Topic,
};
use domain::title::{Title, TitleState};
use futures::{StreamExt as _, stream};
use runtime::{
    clock,
    config::{self, ConfigError},
    log_failure,
};
use serde::{Deserialize, Serialize};

use crate::{
    mark_failed::FailureRecorder, notify::Notifier, run_start::RunStarter, transcode_outcome::OutcomeReporter,
};

/// How many titles of one state a sweep checks, the newest first: far more than can be active at once.
const SCAN_LIMIT: usize = 5_000;
/// How many titles or uploads are checked at the same time. Each takes about three calls, so checking them one after another could
/// take longer than the function may run.
const CONCURRENCY: usize = 16;

/// What this function needs: more than others, because it repeats the last part of many steps.
#[derive(Clone, Debug)]
pub struct Context {
    titles: Titles,
    assets: Assets,
    uploads: Uploads,
    retention: Retention,
    quotas: Quotas,
    transcodes: Transcodes,
    published_cursor: SweepCursor,
    machine: IngestMachine,
    transcoder: MediaConvert,
    upload_bucket: Bucket,
    media: Bucket,
    finisher: AsyncFunction,
    run_starter: RunStarter,
    outcomes: OutcomeReporter,
    failures: FailureRecorder,
    notifier: Notifier,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        Self::new(&adapters::aws::config().await, config::text)
    }

    fn new(
        aws: &SdkConfig,
        setting: impl Fn(&'static str) -> Result<String, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let table = Table::new(aws, setting("TABLE_NAME")?);
        let uploads = Bucket::new(aws, setting("UPLOAD_BUCKET")?);
        let machine = IngestMachine::new(aws, setting("INGEST_STATE_MACHINE_ARN")?);

        Ok(Self {
            titles: table.titles(),
            assets: table.assets(),
            uploads: table.uploads(),
            retention: table.retention(),
            quotas: table.quotas(),
            transcodes: table.transcodes(),
            published_cursor: table.sweep_cursor(),
            transcoder: MediaConvert::new(
                aws,
                setting("MEDIACONVERT_QUEUE_ARN")?,
                setting("MEDIACONVERT_ROLE_ARN")?,
            ),
            media: uploads.another(setting("MEDIA_BUCKET")?),
            upload_bucket: uploads,
            finisher: AsyncFunction::new(aws, setting("FINISH_UPLOAD_FUNCTION")?),
            run_starter: RunStarter::new(&table, machine.clone()),
            outcomes: OutcomeReporter::new(&table, machine.task_tokens()),
            failures: FailureRecorder::new(&table),
            notifier: Notifier::new(&table, Topic::new(aws, setting("NOTICES_TOPIC_ARN")?)),
            machine,
        })
    }

    /// The titles in one state, up to `SCAN_LIMIT`.
    async fn in_state(&self, state: TitleState) -> Result<Vec<Title>, StoreError> {
        let mut titles = Vec::new();
        let mut cursor = None;
        loop {
            let request = PageRequest::new(100, cursor.as_deref())?;
            let page = self.titles.list(ListTitles::InState(state), &request).await?;
            titles.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() || titles.len() >= SCAN_LIMIT {
                return Ok(titles);
            }
        }
    }
}

/// The event of the schedule, which is empty.
#[derive(Debug, Deserialize)]
pub struct Sweep {}

/// The result of a sweep.
#[derive(Debug, Default, Serialize)]
pub struct Swept {
    /// How many titles and uploads were checked.
    checked: usize,
    /// How many were repaired.
    repaired: usize,
    /// How many failed.
    failed: usize,
}

/// The result for one title or upload.
#[derive(Clone, Copy, Debug)]
enum CheckResult {
    /// It needs nothing, at least not yet.
    Healthy,
    /// It was stuck and continues.
    Repaired,
    /// It failed.
    Failed,
}

impl Swept {
    /// Checks all items, several at the same time. `check` logs its errors, which do not stop the others.
    async fn check_all<T, C>(&mut self, items: impl IntoIterator<Item = T>, check: impl Fn(T) -> C)
    where
        C: Future<Output = Result<CheckResult, ServiceError>>,
    {
        let mut checks = stream::iter(items).map(check).buffer_unordered(CONCURRENCY);
        while let Some(result) = checks.next().await {
            self.checked += 1;
            match result {
                Ok(CheckResult::Healthy) | Err(_) => {}
                Ok(CheckResult::Repaired) => self.repaired += 1,
                Ok(CheckResult::Failed) => self.failed += 1,
            }
        }
    }

    /// Checks the titles in one state, and logs their errors.
    async fn check_titles(
        &mut self,
        cx: &Context,
        state: TitleState,
        check: impl AsyncFn(&Title) -> Result<CheckResult, ServiceError>,
    ) -> Result<(), ServiceError> {
        let titles = cx.in_state(state).await?;
        self.check_all(titles, async |title| {
            check(&title).await.inspect_err(|error| {
                log_failure!(error, title.id = %title.id, cause = %error, "title {} could not be checked: {error}", title.id);
            })
        })
        .await;

        Ok(())
    }
}

/// Sweeps uploads and titles. An error in one part does not stop the others.
pub async fn handle(cx: Context, _: Sweep) -> Result<Swept, runtime::Error> {
    let now = clock::now();
    let mut swept = Swept::default();

    let parts = [
        uploading::sweep(&cx, &mut swept, now).await,
        processing::sweep(&cx, &mut swept, now).await,
        published::sweep(&cx, &mut swept, now).await,
    ];
    tracing::info!(
        checked = swept.checked,
        repaired = swept.repaired,
        failed = swept.failed,
        "swept {} titles and uploads: {} repaired, {} failed",
        swept.checked,
        swept.repaired,
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
    async fn items_are_checked_concurrently_and_an_error_stops_no_other() {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let mut swept = Swept::default();

        swept
            .check_all(0..100, async |number| {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                for _ in 0..CONCURRENCY {
                    tokio::task::yield_now().await;
                }
                now.set(now.get() - 1);
                match number {
                    0 => Err(StoreError::Changed.into()),
                    1..=10 => Ok(CheckResult::Repaired),
                    11..=13 => Ok(CheckResult::Failed),
                    _ => Ok(CheckResult::Healthy),
                }
            })
            .await;

        assert_eq!((swept.checked, swept.repaired, swept.failed), (100, 10, 3));
        assert_eq!(most.get(), CONCURRENCY);
    }

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/sweep.json");

        runtime::event::parse::<Sweep>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
