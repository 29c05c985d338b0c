//! `POST /titles/{title_id}/cancel`: stops the processing of a title.
//!
//! The title fails first, with the reason `Canceled`: from then on nothing of the run can publish it, whatever else is interrupted. Then
//! `cancel-transcode` is called for the job, which Lambda tries again for hours, and the execution is stopped. Whoever got no answer asks
//! again, and both are done again.

use adapters::dynamodb::StepOutput;
use axum::{Json, extract::State};
use domain::{
    account::Person,
    asset::Asset,
    audit::{Action, Origin},
    ingest::{Failure, IngestError},
    title::Title,
};
use kernel::{Timestamp, id::TitleId};
use runtime::{
    http::{Member, Now, Path, Problem, RequestOrigin},
    view::TitleView,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(cancel_title))
}

#[utoipa::path(
    post, path = "/titles/{title_id}/cancel", operation_id = "cancel_title", tag = "catalog",
    summary = "Cancel the processing of a title",
    description = "Stops the run and its transcode. The title has failed then, with the error `Canceled`: it takes another file, can be \
                   deleted, and an admin can run it again. Canceling twice is harmless. What was transcoded by then is paid.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 200, description = "The title, canceled", body = TitleView),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you may not see it"),
        (status = 409, description = "It is not being processed"),
    ),
    security(("account" = [])),
)]
async fn cancel_title(
    Member(person): Member,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
) -> Result<Json<TitleView>, Problem> {
    let mut title = cx.managed_title(id, &person).await?;
    let Some(asset) = asset_of(&cx, &title).await? else {
        return Err(Problem::conflict(
            "nothing is being processed: this title has no upload",
        ));
    };

    if title.is_canceled() {
        // The asset was read behind the title: a run that began between the two must not be stopped.
        if cx.managed_title(id, &person).await?.version != title.version {
            return Err(Problem::conflict("it changed at the same time: look at it, and try again"));
        }
        stop(&cx, &asset).await?;
    } else {
        let failure = fail(&cx, &mut title, &asset, &person, origin, now).await?;
        tracing::info!(title.id = %id, "canceled {id}");
        stop(&cx, &asset).await?;
        record(&cx, &asset, &failure, now).await?;
    }

    Ok(Json(TitleView::for_manager(&title)))
}

async fn asset_of(cx: &Context, title: &Title) -> Result<Option<Asset>, Problem> {
    match title.asset_id {
        Some(asset_id) => Ok(cx.assets.find(title.id, asset_id).await?),
        None => Ok(None),
    }
}

async fn fail(
    cx: &Context,
    title: &mut Title,
    asset: &Asset,
    person: &Person,
    origin: Origin,
    now: Timestamp,
) -> Result<Failure, Problem> {
    let failure = title
        .cancel(asset.current_step(), now)
        .map_err(|error| Problem::conflict(error.to_string()))?;
    cx.save(title, person, Action::TitleCanceled, origin).await?;

    Ok(failure)
}

/// The timeline shows in which step it was canceled, unless a newer run has begun.
async fn record(cx: &Context, asset: &Asset, failure: &Failure, now: Timestamp) -> Result<(), Problem> {
    let Some(run) = asset.run() else { return Ok(()) };
    let record = asset.step(failure.step).failed(failure);

    let written = cx
        .assets
        .record_unless_superseded(&run, failure.step, &record, StepOutput::none(), now);

    Ok(written.await?)
}

async fn stop(cx: &Context, asset: &Asset) -> Result<(), Problem> {
    let (Some(run), Some(name)) = (asset.run(), asset.execution_name()) else {
        return Ok(());
    };
    let (error, cause) = (IngestError::Canceled.name(), IngestError::Canceled.sentence());
    // Neither waits for the other's success: the job costs money.
    let (canceled, stopped) = futures::join!(cx.cancel_transcode.call(&run), cx.machine.stop(&name, error, cause));

    Ok(canceled.and(stopped)?)
}
