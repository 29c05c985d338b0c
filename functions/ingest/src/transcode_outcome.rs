//! How a transcode ends: the job's outcome is written once, then the run that waits for it is told. Everything here may
//! happen again: after a lost answer, a second event, or when the sweeper looks.

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

/// All that ending a transcode needs.
#[derive(Clone, Debug)]
pub(crate) struct TranscodeEnd {
    transcodes: Transcodes,
    assets: Assets,
    tokens: TaskTokens,
}

impl TranscodeEnd {
    pub(crate) fn new(table: &Table, tokens: TaskTokens) -> Self {
        Self {
            transcodes: table.transcodes(),
            assets: table.assets(),
            tokens,
        }
    }

    /// The run's job ended like this.
    pub(crate) async fn ended(
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

        // What was written first counts, and is told again: its teller may have died in between.
        let outcome = match self.transcodes.record_outcome(run, &outcome).await {
            Ok(()) => outcome,
            Err(StoreError::Changed) => claim.outcome.clone().unwrap_or(outcome),
            Err(error) => return Err(error.into()),
        };

        self.tell(run, &claim, &outcome, now).await
    }

    /// Tells the run that waits for `claim` how its job ended.
    pub(crate) async fn tell(
        &self,
        run: &Run,
        claim: &TranscodeJob,
        outcome: &JobOutcome,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        match reason(outcome) {
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

    /// Writes that this run's output is the finished one, unless that is written or another run took over.
    async fn record_done(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let Some(asset) = self.assets.find(run.title_id, run.asset_id).await? else {
            return Ok(());
        };
        // A step that began again after its job's end says `running` until this.
        if asset.transcoded == Some(run.attempt) && asset.step(Step::Transcode).state == StepState::Done {
            return Ok(());
        }

        let record = asset.step(Step::Transcode).done(now);
        let legacy = StepOutput::none().with_output_of(run.attempt);

        self.assets
            .record_unless_superseded(run, Step::Transcode, &record, legacy, now)
            .await
    }
}

/// Why the run cannot go on; nothing if it can.
pub(crate) fn reason(outcome: &JobOutcome) -> Option<Reason> {
    match outcome {
        JobOutcome::Complete { .. } => None,
        JobOutcome::Canceled => Some(IngestError::TranscodeCanceled.into()),
        JobOutcome::Error { code, .. } => {
            let verdict = classify(*code);
            Some(Reason::new(verdict.error, verdict.sentence))
        }
    }
}
