//! `PUT /titles/{title_id}/like`: records a like.

use api::Watchable;
use axum::{extract::State, http::StatusCode};
use kernel::id::TitleId;
use runtime::http::{Member, Now, Problem, ViewerCountry};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(like_title))
}

#[utoipa::path(
    put, path = "/titles/{title_id}/like", operation_id = "like_title", tag = "engagement",
    summary = "Like a title",
    description = "Takes a dismissal of the title back. Liking twice changes nothing.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 204, description = "Liked"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "The title is not playable"),
    ),
    security(("account" = [])),
)]
async fn like_title(
    country: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
    Watchable(film, Member(person), ()): Watchable<Member>,
) -> Result<StatusCode, Problem> {
    cx.record(&person, &film, country, now, |engagement| engagement.like(now))
        .await?;

    Ok(StatusCode::NO_CONTENT)
}
