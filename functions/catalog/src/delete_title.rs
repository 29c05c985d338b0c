//! `DELETE /titles/{title_id}`: archives what people could see, which can be restored for a while, and deletes for good what
//! nobody ever saw: a draft, or an upload that failed.

use adapters::dynamodb::Files;
use axum::{extract::State, http::StatusCode};
use domain::{
    audit::{Action, AuditEntry, Target},
    ingest::Run,
    title::{Title, TitleState},
};
use kernel::{Timestamp, id::TitleId};
use runtime::http::{Member, Now, Path, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(delete_title))
}

#[utoipa::path(
    delete, path = "/titles/{title_id}", operation_id = "delete_title", tag = "catalog",
    summary = "Archive or delete a title",
    description = "A title that was published is archived: within seconds nobody can watch it, and until `restorable_until` it can be \
                   restored, by an administrator only if one archived it; then its files are deleted. A draft or a failed upload is deleted \
                   for good. Archiving twice is harmless.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 204, description = "The title is archived, or deleted"),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you may not see it"),
        (status = 409, description = "It is being uploaded or processed"),
    ),
    security(("account" = [])),
)]
async fn delete_title(
    Member(person): Member,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
) -> Result<StatusCode, Problem> {
    let mut title = cx.managed_title(id, &person).await?;

    if title.is_unpublished() {
        if title.owner.account_id != person.id {
            let entry = AuditEntry::new(person.id, Action::TitleDeleted, Target::Title(id), origin, now);
            cx.audit.write(&entry).await?;
        }
        cx.titles.remove(&title).await?;
        delete_files(&cx, &title, after_its_run(&title, now)).await?;
        tracing::info!(title.id = %id, "deleted {id}");
    } else if title.state == TitleState::Archived {
        // Its owner was faster than the admin, and would bring it back.
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
        delete_files(&cx, &title, until).await?;
        tracing::info!(title.id = %id, "archived {id}");
    }

    Ok(StatusCode::NO_CONTENT)
}

/// When nothing of its last run can write any more. A canceled one is stopped, but a function that was at work may end later, and so may a
/// job that could not be canceled at once.
fn after_its_run(title: &Title, now: Timestamp) -> Timestamp {
    match &title.failure {
        Some(failure) if title.is_canceled() => now.max(failure.at + Run::MAX_DURATION),
        _ => now,
    }
}

/// Has the files of a title deleted at `at`, unless they are needed then. Written after the title: should this process end
/// between the two, the files are found by the date that they have in any case.
async fn delete_files(cx: &Context, title: &Title, at: Timestamp) -> Result<(), Problem> {
    let Some(asset) = title.playable_asset() else {
        return Ok(());
    };
    if let Some(asset) = cx.assets.find(title.id, asset).await? {
        cx.retention.schedule_check(Files::from(&asset), at).await?;
    }

    Ok(())
}
