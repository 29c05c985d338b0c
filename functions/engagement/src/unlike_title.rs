//! `DELETE /titles/{title_id}/like`: takes a like back, even if the title is not visible any more.

use api::access;
use axum::{extract::State, http::StatusCode};
use domain::title::Title;
use kernel::id::TitleId;
use runtime::http::{Member, Now, Path, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(unlike_title))
}

#[utoipa::path(
    delete, path = "/titles/{title_id}/like", operation_id = "unlike_title", tag = "engagement",
    summary = "Take a like back",
    description = "Does nothing if the caller does not like the title.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 204, description = "The caller does not like the title"),
        (status = 404, description = "There is no such title, or you have no access to it"),
    ),
    security(("account" = [])),
)]
async fn unlike_title(
    Member(person): Member,
    Now(now): Now,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
) -> Result<StatusCode, Problem> {
    if let Some(existing) = cx.engagements.find(person.id, id).await? {
        cx.engagements
            .change(&existing, |engagement| engagement.unlike(now))
            .await?;
    } else {
        access::readable::<Title>(&cx.titles, id, &person).await?;
    }

    Ok(StatusCode::NO_CONTENT)
}
