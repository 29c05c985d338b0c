//! Titles in processing whose execution was lost, or whose job ended without an event.

use adapters::{ServiceError, dynamodb::StoreError, mediaconvert::TranscoderError};
use domain::{
    asset::Asset,
    ingest::{
        Reason, Run, RunInput, Step,
        recovery::{Action, ObservedJob, Situation},
    },
    title::{Title, TitleState},
    transcode::TranscodeJob,
};
use kernel::Timestamp;

use super::{CheckResult, Context, Swept};
use crate::{transcode::outcome, transcode_outcome::failure_reason};

pub(super) async fn sweep(cx: &Context, swept: &mut Swept, now: Timestamp) -> Result<(), ServiceError> {
    swept
        .check_titles(cx, TitleState::Processing, async |title| check(cx, title, now).await)
        .await
}

async fn check(cx: &Context, listed: &Title, now: Timestamp) -> Result<CheckResult, ServiceError> {
    // The list may be out of date.
    let Some(title) = cx.titles.find(listed.id).await? else {
        return Ok(CheckResult::Healthy);
    };
    let Some(asset_id) = title.asset_id.filter(|_| title.state == TitleState::Processing) else {
        return Ok(CheckResult::Healthy);
    };
    let Some(asset) = cx.assets.find(title.id, asset_id).await? else {
        return Ok(CheckResult::Healthy);
    };
    let (Some(run), Some(name)) = (asset.run(), asset.execution_name()) else {
        return Ok(CheckResult::Healthy);
    };

    let (execution, claim) = (cx.machine.describe(&name).await?, cx.transcodes.find(&run).await?);
    let (job_id, job) = match &claim {
        Some(claim) if claim.outcome.is_none() => job(cx, &run, claim).await?,
        _ => (None, None),
    };
    let ended = claim.as_ref().and_then(|claim| claim.outcome.as_ref());
    let action = Situation {
        asset: &asset,
        execution,
        claim: claim.as_ref(),
        failure: ended.and_then(failure_reason),
        job: job.clone(),
    }
    .action();
    if action != Action::Leave {
        tracing::warn!(title.id = %title.id, action = ?action, "title {} is stuck in {name}: {action:?}", title.id);
    }

    match action {
        Action::Leave => Ok(CheckResult::Healthy),
        Action::StartExecution => {
            cx.machine.start(&RunInput::new(run, asset.resume_from())).await?;
            Ok(CheckResult::Repaired)
        }
        Action::Report(outcome) => {
            let id = job_id
                .or_else(|| claim.and_then(|claim| claim.job_id))
                .unwrap_or_default();
            cx.outcomes.record(&run, &id, outcome, now).await?;
            Ok(CheckResult::Repaired)
        }
        Action::RunAgain(from) => {
            run_again(cx, title, asset, from, now).await?;
            Ok(CheckResult::Repaired)
        }
        Action::Fail(reason) => {
            // Otherwise the next run would be paid in addition to it.
            if let (Some(id), Some(ObservedJob::InProgress)) = (&job_id, &job) {
                cx.transcoder.cancel_job(id).await?;
            }
            fail(cx, &run, &reason, now).await?;
            Ok(CheckResult::Failed)
        }
    }
}

/// The id and the state of the claim's job at MediaConvert. It searches the job if its id was not stored.
async fn job(
    cx: &Context,
    run: &Run,
    claim: &TranscodeJob,
) -> Result<(Option<String>, Option<ObservedJob>), TranscoderError> {
    let found = match &claim.job_id {
        Some(id) => match cx.transcoder.get_job(id).await {
            Err(TranscoderError::NotFound) => return Ok((Some(id.clone()), Some(ObservedJob::Gone))),
            job => Some(job?),
        },
        None => cx.transcoder.find_job(run, claim.claimed_at).await?,
    };

    Ok(found.map_or((None, None), |job| {
        let known = outcome(&job).map_or(ObservedJob::InProgress, ObservedJob::Ended);
        (Some(job.id), Some(known))
    }))
}

async fn run_again(
    cx: &Context,
    mut title: Title,
    mut asset: Asset,
    from: Step,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let Ok(input) = asset.begin_run(from, now) else {
        return Ok(());
    };
    title.updated_at = now;

    match cx.titles.begin_run(&mut title, &mut asset).await {
        // Another caller changed the title at the same moment.
        Err(StoreError::Changed) => Ok(()),
        begun => {
            begun?;
            Ok(cx.machine.start(&input).await?)
        }
    }
}

async fn fail(cx: &Context, run: &Run, reason: &Reason, now: Timestamp) -> Result<(), ServiceError> {
    cx.failures.fail(run, |_| reason.clone(), now).await?;

    cx.notifier.notify(run, now).await
}
