//! `DELETE /titles/{title_id}`: archives a title that was published, which can be restored for a while, and deletes for good a
//! title that was never published: a draft, or a failed upload.

use adapters::dynamodb::Files;
use api::Managed;
use axum::{extract::State, http::StatusCode};
use domain::{
    audit::{Action, AuditEntry, Target},
    ingest::Run,
    title::{Title, TitleState},
};
use kernel::{Timestamp, id::TitleId};
use runtime::http::{Member, Now, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(delete_title))
}

#[utoipa::path(
    delete, path = "/titles/{title_id}", operation_id = "delete_title", tag = "catalog",
    summary = "Archive or delete a title",
    description = "Archives a title that was published. Within seconds it cannot be watched any more. It can be restored until \
                   `restorable_until`, by admins only if an admin archived it; then its files are deleted. A draft or a failed upload is \
                   deleted for good. Archiving twice is harmless.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 204, description = "The title is archived, or deleted"),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "It is being uploaded or processed"),
    ),
    security(("account" = [])),
)]
async fn delete_title(
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Managed(mut title, Member(person), ()): Managed<Title, Member>,
) -> Result<StatusCode, Problem> {
    let id = title.id;
    if title.is_unpublished() {
        if title.owner.account_id == person.id {
            cx.titles.remove(&title).await?;
        } else {
            let entry = AuditEntry::new(person.id, Action::TitleDeleted, Target::Title(id), origin, now);
            cx.titles.remove_audited(&title, &entry).await?;
        }
        schedule_deletion(&cx, &title, end_of_writes(&title, now)).await?;
        tracing::info!(title.id = %id, "deleted {id}");
    } else if title.state == TitleState::Archived {
        // The owner archived it first, and could restore it.
        if title.archive_again(&person, now) {
            cx.save(&mut title, &person, Action::TitleArchived, origin).await?;
        }
    } else {
        title
            .archive(&person, now)
            .map_err(|error| Problem::conflict(error.to_string()))?;
        let until = now + cx.restorable;
        title.keep_until(until);
        cx.save(&mut title, &person, Action::TitleArchived, origin).await?;
        schedule_deletion(&cx, &title, until).await?;
        tracing::info!(title.id = %id, "archived {id}");
    }

    Ok(StatusCode::NO_CONTENT)
}

/// When the last run cannot write files any more. A canceled run is stopped, but an active function, or a job that could not be
/// canceled at once, may end later.
fn end_of_writes(title: &Title, now: Timestamp) -> Timestamp {
    match &title.failure {
        Some(failure) if title.is_canceled() => now.max(failure.at + Run::MAX_DURATION),
        _ => now,
    }
}

/// Schedules the check that deletes a title's files, unless they are needed then. It is written after the title: if this process
/// ends between the two writes, the regular check of the files deletes them.
async fn schedule_deletion(cx: &Context, title: &Title, at: Timestamp) -> Result<(), Problem> {
    let Some(asset) = title.playable_asset() else {
        return Ok(());
    };
    if let Some(asset) = cx.assets.find(title.id, asset).await? {
        cx.retention.schedule_check(Files::from(&asset), at).await?;
    }

    Ok(())
}
