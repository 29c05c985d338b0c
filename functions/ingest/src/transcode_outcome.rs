//! The end of a transcode: the job's outcome is written once, and then reported to the waiting run. Everything here may be
//! repeated: after a lost answer, by a second event, or by the sweeper.

use adapters::{
    ServiceError,
    dynamodb::{Assets, StepOutput, StoreError, Table, Transcodes},
    sfn::TaskTokens,
};
use domain::{
    asset::StepState,
    ingest::{IngestError, Reason, Run, Step},
    transcode::{JobOutcome, TranscodeJob},
};
use kernel::Timestamp;
use media::job_errors::classify;

/// Writes and reports the outcomes of transcodes.
#[derive(Clone, Debug)]
pub(crate) struct OutcomeReporter {
    transcodes: Transcodes,
    assets: Assets,
    tokens: TaskTokens,
}

impl OutcomeReporter {
    pub(crate) fn new(table: &Table, tokens: TaskTokens) -> Self {
        Self {
            transcodes: table.transcodes(),
            assets: table.assets(),
            tokens,
        }
    }

    /// Writes the outcome of the run's job and reports it.
    pub(crate) async fn record(
        &self,
        run: &Run,
        job_id: &str,
        outcome: JobOutcome,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let Some(claim) = self.transcodes.find(run).await? else {
            tracing::warn!(job.id = job_id, "job {job_id} ended and no run claims it");
            return Ok(());
        };
        if claim.job_id.as_deref().is_some_and(|claimed| claimed != job_id) {
            tracing::warn!(job.id = job_id, "job {job_id} ended and its run has another one");
            return Ok(());
        }

        // The first written outcome counts. It is reported again, because the process that wrote it may have died before its report.
        let outcome = match self.transcodes.record_outcome(run, &outcome).await {
            Ok(()) => outcome,
            Err(StoreError::Changed) => claim.outcome.clone().unwrap_or(outcome),
            Err(error) => return Err(error.into()),
        };

        self.report(run, &claim, &outcome, now).await
    }

    /// Returns the task token of `claim` to the run that waits for it, with the outcome of its job.
    pub(crate) async fn report(
        &self,
        run: &Run,
        claim: &TranscodeJob,
        outcome: &JobOutcome,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        match failure_reason(outcome) {
            None => {
                self.record_done(run, now).await?;
                self.tokens.succeed(&claim.task_token).await?;
            }
            Some(reason) => {
                let (token, error) = (&claim.task_token, reason.error.name());
                self.tokens.fail(token, error, &reason.sentence).await?;
            }
        }
        tracing::info!(title.id = %run.title_id, asset.id = %run.asset_id, "the transcode of {} ended", run.execution_name());

        Ok(())
    }

    /// Records this run's output as the current one, unless it is recorded already or a newer run superseded this one.
    async fn record_done(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let Some(asset) = self.assets.find(run.title_id, run.asset_id).await? else {
            return Ok(());
        };
        // A step that was retried after its job's end is `running` until now.
        if asset.transcoded == Some(run.attempt) && asset.step(Step::Transcode).state == StepState::Done {
            return Ok(());
        }

        let record = asset.step(Step::Transcode).done(now);
        let output = StepOutput::none().with_output_of(run.attempt);

        self.assets
            .record_unless_superseded(run, Step::Transcode, &record, output, now)
            .await
    }
}

/// Why the run fails after this outcome; nothing if it continues.
pub(crate) fn failure_reason(outcome: &JobOutcome) -> Option<Reason> {
    match outcome {
        JobOutcome::Complete { .. } => None,
        JobOutcome::Canceled => Some(IngestError::TranscodeCanceled.into()),
        JobOutcome::Error { code, .. } => {
            let verdict = classify(*code);
            Some(Reason::new(verdict.error, verdict.sentence))
        }
    }
}
