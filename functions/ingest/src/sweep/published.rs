//! Published titles that do not play any more. Each sweep checks a few, and begins again after the last one.

use adapters::{
    ServiceError,
    dynamodb::{ListTitles, PageRequest},
};
use domain::{
    ingest::{Failure, Run, Step},
    title::{Title, TitleState},
};
use kernel::Timestamp;
use media::plan::Plan;
use runtime::log_failure;

use super::{CheckResult, Context, Swept};
use crate::{output_check::check_output, verify::refusal};

/// How many titles one sweep checks: each costs a listing and a handful of reads.
const SCAN_LIMIT: u8 = 10;

pub(super) async fn sweep(cx: &Context, swept: &mut Swept, now: Timestamp) -> Result<(), ServiceError> {
    let cursor = cx.published_cursor.get().await?;
    // A cursor that cannot be read any more starts from the beginning.
    let request = PageRequest::new(SCAN_LIMIT, cursor.as_deref()).unwrap_or_else(|_| PageRequest::first(SCAN_LIMIT));
    let page = cx
        .titles
        .list(ListTitles::InState(TitleState::Published), &request)
        .await?;

    swept
        .check_all(page.items, async |title| {
            let result = check(cx, title, now).await;
            result.inspect_err(
                |error| log_failure!(error, cause = %error, "a published title could not be checked: {error}"),
            )
        })
        .await;

    Ok(cx.published_cursor.set(page.next_cursor, now).await?)
}

/// Withdraws the title if its output does not play. An error of a service says nothing about the output.
async fn check(cx: &Context, title: Title, now: Timestamp) -> Result<CheckResult, ServiceError> {
    let Some(publication) = &title.publication else {
        return Ok(CheckResult::Healthy);
    };
    let run = Run {
        title_id: title.id,
        asset_id: publication.asset_id,
        attempt: publication.attempt,
    };
    let Some(found) = cx.assets.find_with_documents(run.title_id, run.asset_id).await? else {
        return Ok(CheckResult::Healthy);
    };
    let Some(plan) = found.document::<Plan>()? else {
        return Ok(CheckResult::Healthy);
    };

    let transcoded_ms = Some(publication.duration_ms);
    let verdict = check_output(&cx.media, &plan, &run.output_prefix(), transcoded_ms).await?;
    let Err(faults) = verdict else {
        return Ok(CheckResult::Healthy);
    };
    let failure = Failure {
        reason: refusal(&faults),
        step: Step::Verify,
        at: now,
    };

    tracing::warn!(title.id = %title.id, "title {} does not play any more: withdrawing it", title.id);
    withdraw(cx, title, found.asset, failure).await?;

    Ok(CheckResult::Failed)
}

/// Writes the asset first: if this process ends in between, the next sweeps find the title again.
async fn withdraw(
    cx: &Context,
    mut title: Title,
    mut asset: domain::asset::Asset,
    failure: Failure,
) -> Result<(), ServiceError> {
    let now = failure.at;
    asset.invalidate_output(&failure);
    if title.withdraw(failure, now).is_err() {
        return Ok(());
    }
    cx.assets.save(&mut asset).await?;
    cx.titles.save(&mut title).await?;

    match asset.run() {
        Some(run) => Ok(cx.notifier.notify(&run, now).await?),
        None => Ok(()),
    }
}
