//! Published titles that do not play any more: a few at each sweep, round and round.

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

use super::{Context, Found, Swept};
use crate::{proof::prove_output, step::documents, verify::refusal};

/// Titles looked at in one sweep: each costs a listing and a handful of reads.
const LOOKED_AT: u8 = 10;

pub(super) async fn sweep(cx: &Context, swept: &mut Swept, now: Timestamp) -> Result<(), ServiceError> {
    let place = cx.audit.get().await?;
    // A cursor that cannot be read any more means: from the beginning.
    let request = PageRequest::new(LOOKED_AT, place.as_deref()).unwrap_or_else(|_| PageRequest::first(LOOKED_AT));
    let page = cx
        .titles
        .list(ListTitles::InState(TitleState::Published), &request)
        .await?;

    swept
        .look_at(page.items, async |title| {
            let found = look(cx, title, now).await;
            found.inspect_err(
                |error| log_failure!(error, cause = %error, "a published title could not be looked at: {error}"),
            )
        })
        .await;

    Ok(cx.audit.set(page.next_cursor, now).await?)
}

/// Withdraws the title if its files say so. An error on the way to them says nothing about them.
async fn look(cx: &Context, title: Title, now: Timestamp) -> Result<Found, ServiceError> {
    let Some(publication) = &title.publication else {
        return Ok(Found::Well);
    };
    let run = Run {
        title_id: title.id,
        asset_id: publication.asset_id,
        attempt: publication.attempt,
    };
    let Some(found) = cx.assets.find_with_documents(run.title_id, run.asset_id).await? else {
        return Ok(Found::Well);
    };
    let Some(plan) = found.document::<Plan>(documents::PLAN)? else {
        return Ok(Found::Well);
    };

    let transcoded_ms = Some(publication.duration_ms);
    let verdict = prove_output(&cx.media, &plan, &run.output_prefix(), transcoded_ms).await?;
    let Err(faults) = verdict else { return Ok(Found::Well) };
    let failure = Failure {
        reason: refusal(&faults),
        step: Step::Verify,
        at: now,
    };

    tracing::warn!(title.id = %title.id, "title {} does not play any more: withdrawing it", title.id);
    withdraw(cx, title, found.asset, failure).await?;

    Ok(Found::Failed)
}

/// The asset first: should this process end in between, the title is found again.
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
        Some(run) => Ok(cx.announcer.announce(&run, now).await?),
        None => Ok(()),
    }
}
