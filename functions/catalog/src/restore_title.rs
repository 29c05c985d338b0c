//! `POST /titles/{title_id}/restore`: restores an archived title while its files exist.

use api::{Managed, TitleView};
use axum::{Json, extract::State};
use domain::{audit::Action, title::Title};
use kernel::id::TitleId;
use runtime::http::{Member, Now, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, context::change_problem};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(restore_title))
}

#[utoipa::path(
    post, path = "/titles/{title_id}/restore", operation_id = "restore_title", tag = "catalog",
    summary = "Restore an archived title",
    description = "Gives the title the state that it had before: if it was published, its links play again within seconds. Possible \
                   until `restorable_until`. Only admins can restore a title that an admin archived.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 200, description = "The restored title", body = TitleView),
        (status = 403, description = "Only the owner may do this, as long as they are a creator; or an admin archived the title"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "It is not archived, or its files are deleted"),
        (status = 429, description = "This account has changed titles as often as it may in a day"),
    ),
    security(("account" = [])),
)]
async fn restore_title(
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Managed(mut title, Member(person), ()): Managed<Title, Member>,
) -> Result<Json<TitleView>, Problem> {
    title.restore(&person, now).map_err(change_problem)?;
    cx.count_change(&person, now).await?;
    cx.save(&mut title, &person, Action::TitleRestored, origin).await?;
    tracing::info!(title.id = %title.id, "restored {}", title.id);

    Ok(Json(TitleView::for_manager(&title)))
}
