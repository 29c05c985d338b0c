//! Titles in processing: is the machine still at work, and has its job ended unheard?

use adapters::{
    ServiceError,
    dynamodb::{StoreError},
    mediaconvert::TranscoderError,
};
use domain::{transcode::{TranscodeJob}, 
    asset::Asset,
    ingest::{
        Reason, Run, RunInput, Step,
        recovery::{Action, KnownJob, Situation},
    },
    title::{Title, TitleState},
};
use kernel::Timestamp;
use runtime::log_failure;

use super::{Context, Found, Swept};
use crate::{transcode::outcome, transcode_end::reason};

pub(super) async fn sweep(cx: &Context, swept: &mut Swept, now: Timestamp) -> Result<(), ServiceError> {
    let titles = cx.in_state(TitleState::Processing).await?;
    swept
        .look_at(titles, async |title| {
            look(cx, &title, now).await.inspect_err(|error| {
                log_failure!(error, title.id = %title.id, cause = %error, "title {} could not be looked at: {error}", title.id);
            })
        })
        .await;

    Ok(())
}

async fn look(cx: &Context, listed: &Title, now: Timestamp) -> Result<Found, ServiceError> {
    // The list lags behind: what is true now is in the table.
    let Some(title) = cx.titles.find(listed.id).await? else {
        return Ok(Found::Well);
    };
    let Some(asset_id) = title.asset_id.filter(|_| title.state == TitleState::Processing) else {
        return Ok(Found::Well);
    };
    let Some(asset) = cx.assets.find(title.id, asset_id).await? else {
        return Ok(Found::Well);
    };
    let (Some(run), Some(name)) = (asset.run(), asset.execution_name()) else {
        return Ok(Found::Well);
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
        failure: ended.and_then(reason),
        job: job.clone(),
    }
    .action();
    if action != Action::Leave {
        tracing::warn!(title.id = %title.id, action = ?action, "title {} is stuck in {name}: {action:?}", title.id);
    }

    match action {
        Action::Leave => Ok(Found::Well),
        Action::StartExecution => {
            let from = asset.resume_from();
            let resume_from = (from != Step::Validate).then_some(from);
            cx.machine.start(&RunInput { run, resume_from }).await?;
            Ok(Found::Mended)
        }
        Action::Report(outcome) => {
            let id = job_id
                .or_else(|| claim.and_then(|claim| claim.job_id))
                .unwrap_or_default();
            cx.end.ended(&run, &id, outcome, now).await?;
            Ok(Found::Mended)
        }
        Action::RunAgain(from) => {
            run_again(cx, title, asset, from, now).await?;
            Ok(Found::Mended)
        }
        Action::Fail(reason) => {
            // The next run would be paid beside it.
            if let (Some(id), Some(KnownJob::InProgress)) = (&job_id, &job) {
                cx.transcoder.cancel_job(id).await?;
            }
            fail(cx, &run, &reason, now).await?;
            Ok(Found::Failed)
        }
    }
}

/// What MediaConvert says of the claim's job, and its id; a claim whose job's id was lost is looked up.
async fn job(
    cx: &Context,
    run: &Run,
    claim: &TranscodeJob,
) -> Result<(Option<String>, Option<KnownJob>), TranscoderError> {
    let found = match &claim.job_id {
        Some(id) => match cx.transcoder.get_job(id).await {
            Err(TranscoderError::NotFound) => return Ok((Some(id.clone()), Some(KnownJob::Gone))),
            job => Some(job?),
        },
        None => cx.transcoder.find_job(run, claim.claimed_at).await?,
    };

    Ok(found.map_or((None, None), |job| {
        let known = outcome(&job).map_or(KnownJob::InProgress, KnownJob::Ended);
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
        // Somebody else was faster.
        Err(StoreError::Changed) => Ok(()),
        begun => {
            begun?;
            Ok(cx.machine.start(&input).await?)
        }
    }
}

async fn fail(cx: &Context, run: &Run, reason: &Reason, now: Timestamp) -> Result<(), ServiceError> {
    cx.failing.fail(run, |_| reason.clone(), now).await?;

    cx.announcer.announce(run, now).await
}
