//! `POST /titles/{title_id}/cancel`: stops the processing of a title.
//!
//! First the title fails with the reason `Canceled`: the run cannot publish it any more, even if this function is interrupted. Then
//! the function calls `cancel-transcode` for the job, which Lambda retries for hours, and stops the execution. A caller who got no
//! answer repeats the request, which repeats both calls.

use adapters::dynamodb::StepOutput;
use api::{Managed, TitleView, access};
use axum::{Json, extract::State};
use domain::{
    account::Person,
    asset::Asset,
    audit::{Action, Origin},
    ingest::{Failure, IngestError},
    title::Title,
};
use kernel::{Timestamp, id::TitleId};
use runtime::http::{Member, Now, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(cancel_title))
}

#[utoipa::path(
    post, path = "/titles/{title_id}/cancel", operation_id = "cancel_title", tag = "catalog",
    summary = "Cancel the processing of a title",
    description = "Stops the run and its transcode. The title fails with the error `Canceled`: it accepts another file, can be deleted, \
                   and an admin can run it again. Canceling twice is harmless. The installation pays for what is transcoded already.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 200, description = "The title, canceled", body = TitleView),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "It is not being processed"),
    ),
    security(("account" = [])),
)]
async fn cancel_title(
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Managed(mut title, Member(person), ()): Managed<Title, Member>,
) -> Result<Json<TitleView>, Problem> {
    let Some(asset) = cx.assets.newest(&title).await? else {
        return Err(Problem::conflict(
            "nothing is being processed: this title has no upload",
        ));
    };

    if title.is_canceled() {
        // The asset was read after the title: a run that began between the two must not be stopped.
        let current: Title = access::managed(&cx.titles, title.id, &person).await?;
        if current.version != title.version {
            return Err(Problem::conflict("this title changed in the meantime: read it again"));
        }
        stop(&cx, &asset).await?;
    } else {
        let failure = fail(&cx, &mut title, &asset, &person, origin, now).await?;
        tracing::info!(title.id = %title.id, "canceled {}", title.id);
        stop(&cx, &asset).await?;
        record(&cx, &asset, &failure, now).await?;
    }

    Ok(Json(TitleView::for_manager(&title)))
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

/// Records the canceled step for the timeline, unless a newer run has begun.
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
    // At the same time: the job costs money even if the execution cannot be stopped.
    let (canceled, stopped) = futures::join!(cx.cancel_transcode.call(&run), cx.machine.stop(&name, error, cause));

    Ok(canceled.and(stopped)?)
}
