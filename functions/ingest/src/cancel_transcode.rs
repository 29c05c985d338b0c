//! After a transcode that did not end in time, or a run that was canceled: nothing of it may go on, or be paid, beside the next run.

use adapters::{
    dynamodb::{Table, Transcodes},
    mediaconvert::MediaConvert,
    sfn::TaskTokens,
};
use domain::transcode::{JobOutcome};
use domain::ingest::Run;
use kernel::error_kind::IgnoreConflict as _;
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::{step::StepFailure, transcode::outcome, transcode_end::TranscodeEnd};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    transcodes: Transcodes,
    transcoder: MediaConvert,
    end: TranscodeEnd,
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
            end: TranscodeEnd::new(&table, TaskTokens::new(&aws)),
        })
    }
}

/// Cancels the run's job, if it has one. A job that was done at the last moment is kept: the next run begins behind it.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let Some(claim) = cx.transcodes.find(&run).await? else {
        return Ok(());
    };
    let job = match &claim.job_id {
        Some(id) => Some(cx.transcoder.get_job(id).await?),
        None => cx.transcoder.find_job(&run, claim.claimed_at).await?,
    };
    let Some(job) = job else {
        return cancel_to_come(&cx, &run).await;
    };

    let ended = if let Some(ended) = outcome(&job) {
        ended
    } else {
        cx.transcoder.cancel_job(&job.id).await?;
        tracing::warn!(title.id = %run.title_id, job.id = job.id, "canceled job {}", job.id);
        JobOutcome::Canceled
    };

    Ok(cx.end.ended(&run, &job.id, ended, clock::now()).await?)
}

/// No job is there yet. One that is being created at this moment finds the claim ended, and is canceled by its maker.
async fn cancel_to_come(cx: &Context, run: &Run) -> Result<(), StepFailure> {
    cx.transcodes
        .ended(run, &JobOutcome::Canceled)
        .await
        .ignore_conflict()?;

    // Or its id was written just before.
    let claim = cx.transcodes.find(run).await?;
    if let Some(id) = claim.and_then(|claim| claim.job_id) {
        cx.transcoder.cancel_job(&id).await?;
    }

    Ok(())
}
