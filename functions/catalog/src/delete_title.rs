//! `DELETE /titles/{title_id}`: takes a title down for good.

use axum::{extract::State, http::StatusCode};
use domain::title::TitleState;
use kernel::id::TitleId;
use runtime::http::{Member, Now, Path, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(delete_title))
}

#[utoipa::path(
    delete, path = "/titles/{title_id}", operation_id = "delete_title", tag = "catalog",
    summary = "Archive a title",
    description = "Nobody can watch it any more. Archiving twice is harmless.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 204, description = "The title is archived"),
        (status = 403, description = "Only the owner may do this"),
        (status = 404, description = "There is no such title, or you may not see it"),
        (status = 409, description = "It is being uploaded or processed"),
    ),
    security(("account" = [])),
)]
async fn delete_title(
    Member(person): Member,
    Now(now): Now,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
) -> Result<StatusCode, Problem> {
    let mut title = cx.managed_title(id, &person).await?;

    if title.state != TitleState::Archived {
        title
            .archive(now)
            .map_err(|error| Problem::conflict(error.to_string()))?;
        cx.titles.save(&mut title).await?;
        tracing::info!(title.id = %id, "archived {id}");
    }

    Ok(StatusCode::NO_CONTENT)
}
