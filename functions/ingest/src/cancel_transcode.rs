//! Cancels the job of a transcode that timed out, or of a canceled run, so that it does not run and cost money alongside the next run's.

use adapters::{
    dynamodb::{Table, Transcodes},
    mediaconvert::MediaConvert,
    sfn::TaskTokens,
};
use domain::ingest::Run;
use domain::transcode::JobOutcome;
use kernel::error_kind::IgnoreConflict as _;
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::{step::StepFailure, transcode::outcome, transcode_outcome::OutcomeReporter};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    transcodes: Transcodes,
    transcoder: MediaConvert,
    outcomes: OutcomeReporter,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            transcodes: table.transcodes(),
            transcoder: MediaConvert::new(
                &aws,
                config::text("MEDIACONVERT_QUEUE_ARN")?,
                config::text("MEDIACONVERT_ROLE_ARN")?,
            ),
            outcomes: OutcomeReporter::new(&table, TaskTokens::new(&aws)),
        })
    }
}

/// Cancels the run's job, if it has one. The outcome of a job that ended just before is kept, and the next run uses its output.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let Some(claim) = cx.transcodes.find(&run).await? else {
        return Ok(());
    };
    let job = match &claim.job_id {
        Some(id) => Some(cx.transcoder.get_job(id).await?),
        None => cx.transcoder.find_job(&run, claim.claimed_at).await?,
    };
    let Some(job) = job else {
        return cancel_uncreated(&cx, &run).await;
    };

    let ended = if let Some(ended) = outcome(&job) {
        ended
    } else {
        cx.transcoder.cancel_job(&job.id).await?;
        tracing::warn!(title.id = %run.title_id, job.id = job.id, "canceled job {}", job.id);
        JobOutcome::Canceled
    };

    Ok(cx.outcomes.record(&run, &job.id, ended, clock::now()).await?)
}

/// Ends a claim without a job. `transcode` cancels a job that it is creating at this moment when it finds the claim ended.
async fn cancel_uncreated(cx: &Context, run: &Run) -> Result<(), StepFailure> {
    cx.transcodes
        .record_outcome(run, &JobOutcome::Canceled)
        .await
        .ignore_conflict()?;

    // The job's id may have been written just before.
    let claim = cx.transcodes.find(run).await?;
    if let Some(id) = claim.and_then(|claim| claim.job_id) {
        cx.transcoder.cancel_job(&id).await?;
    }

    Ok(())
}
