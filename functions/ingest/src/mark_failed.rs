//! Marks a title as failed after an error of the machine, with a reason that its owner understands.
//!
//! Steps after publishing are optional: if one fails, it is marked as skipped and the title stays published.

use adapters::dynamodb::{Assets, Decision, StepOutput, StoreError, Table, Titles};
use domain::{
    ingest::{ADVICE_TO_RUN_AGAIN, Failure, IngestError, Reason, Run, Step, document::FailedRun},
    machine::{CaughtError, ErrorClass},
    title::TitleState,
};
use kernel::Timestamp;
use runtime::{
    clock,
    config::{self, ConfigError},
    log_at, task,
};

use crate::step::StepFailure;

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    failures: FailureRecorder,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            failures: FailureRecorder::new(&table),
        })
    }
}

/// Writes the failure of the run.
pub async fn handle(cx: Context, failed: FailedRun) -> Result<(), StepFailure> {
    let now = clock::now();
    // The errors of Step Functions and Lambda are not in our list.
    let class = failed
        .error
        .error
        .parse()
        .map_or(ErrorClass::Failed, IngestError::class);
    log_at!(
        task::level(class), title.id = %failed.run.title_id, error = failed.error.error, cause = failed.error.cause,
        "the run {} failed with {}", failed.run.execution_name(), failed.error.error
    );

    match failed.step.filter(|step| step.is_optional()) {
        Some(step) => {
            let reason = reason(&failed.error, step);
            Ok(cx.failures.skip(&failed.run, step, reason, now).await?)
        }
        None => Ok(cx
            .failures
            .fail(&failed.run, |step| reason(&failed.error, step), now)
            .await?),
    }
}

/// The reason for a person. The errors of Step Functions and Lambda have other names, and their causes are only logged.
fn reason(caught: &CaughtError, step: Step) -> Reason {
    match caught.error.parse::<IngestError>() {
        Ok(error) => match caught.sentence() {
            sentence if sentence.is_empty() => error.into(),
            sentence => Reason::new(error, sentence),
        },
        Err(_) if caught.is_timeout() && step == Step::Transcode => IngestError::TranscodeTimedOut.into(),
        Err(_) if caught.is_timeout() => Reason::new(
            IngestError::Interrupted,
            format!("The step {step} did not end in time. {ADVICE_TO_RUN_AGAIN}"),
        ),
        Err(_) if caught.is_crash() => Reason::new(
            IngestError::Interrupted,
            format!("The step {step} was interrupted. {ADVICE_TO_RUN_AGAIN}"),
        ),
        Err(_) => IngestError::Internal.into(),
    }
}

/// Writes failures, for this function and for the sweeper.
#[derive(Clone, Debug)]
pub(crate) struct FailureRecorder {
    titles: Titles,
    assets: Assets,
}

impl FailureRecorder {
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            titles: table.titles(),
            assets: table.assets(),
        }
    }

    /// Writes that the run failed, with a reason that depends on its step. Does nothing if the run is not the newest one, or its
    /// title is not in processing any more.
    pub(crate) async fn fail(
        &self,
        run: &Run,
        reason: impl Fn(Step) -> Reason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(asset) = self.assets.find(run.title_id, run.asset_id).await? else {
            return Ok(());
        };
        if asset.attempt != Some(run.attempt) {
            return Ok(());
        }
        let step = asset.current_step();
        let failure = Failure {
            reason: reason(step),
            step,
            at: now,
        }
        .after(asset.failed_before.as_ref());

        if let Some(written) = self.fail_title(run, failure).await? {
            let record = asset.step(written.step).failed(&written);
            self.assets
                .record_unless_superseded(run, written.step, &record, StepOutput::none(), now)
                .await?;
        }

        Ok(())
    }

    /// Returns the failure that the title has afterwards: this one, or an earlier one of the same run. Nothing if the title cannot
    /// fail any more.
    async fn fail_title(&self, run: &Run, failure: Failure) -> Result<Option<Failure>, StoreError> {
        let decided = self.titles.update_with(run.title_id, async |title| {
            if title.asset_id != Some(run.asset_id) {
                return Ok::<_, StoreError>(Decision::Leave(None));
            }
            if title.state == TitleState::Failed {
                return Ok(Decision::Leave(title.failure.clone()));
            }

            Ok(match title.fail(failure.clone(), failure.at) {
                Ok(()) => Decision::Write(Some(failure.clone())),
                Err(_) => Decision::Leave(None),
            })
        });

        Ok(decided.await?.flatten())
    }

    async fn skip(&self, run: &Run, step: Step, reason: Reason, now: Timestamp) -> Result<(), StoreError> {
        let Some(asset) = self.assets.find(run.title_id, run.asset_id).await? else {
            return Ok(());
        };
        let record = asset.step(step).skipped(reason, now);

        self.assets
            .record_unless_superseded(run, step, &record, StepOutput::none(), now)
            .await
    }
}

#[cfg(test)]
#[path = "mark_failed_tests.rs"]
mod tests;
