//! `PUT /titles/{title_id}/like`: I like it.

use axum::{extract::State, http::StatusCode};
use kernel::id::TitleId;
use runtime::http::{Member, Now, Path, Problem, ViewerCountry};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(like_title))
}

#[utoipa::path(
    put, path = "/titles/{title_id}/like", operation_id = "like_title", tag = "engagement",
    summary = "Like a title",
    description = "Liking what one likes already changes nothing; what was said against it is taken back.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 204, description = "Liked"),
        (status = 404, description = "There is no such title, or you may not see it"),
        (status = 409, description = "Nothing of it is playable"),
    ),
    security(("account" = [])),
)]
async fn like_title(
    Member(person): Member,
    whereabouts: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
) -> Result<StatusCode, Problem> {
    let film = cx.film(id, &person).await?;
    cx.record(&person, &film, whereabouts, now, |engagement| engagement.like(now))
        .await?;

    Ok(StatusCode::NO_CONTENT)
}
