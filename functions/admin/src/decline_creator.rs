//! `POST /admin/creator-requests/{account_id}/decline`: declines a request to become a creator.

use axum::{extract::State, http::StatusCode};
use domain::audit::{Action, AuditEntry, Target};
use kernel::id::AccountId;
use runtime::http::{Admin, Now, Path, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(decline_creator))
}

#[utoipa::path(
    post, path = "/admin/creator-requests/{account_id}/decline", operation_id = "decline_creator", tag = "admin",
    summary = "Decline a request to become a creator",
    description = "The account can ask again in a week. Declining twice is harmless. For admins.",
    params(("account_id" = AccountId, Path)),
    responses(
        (status = 204, description = "The request is declined"),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "This account has not asked"),
        (status = 409, description = "It was approved already, or another admin decides at this moment"),
    ),
    security(("account" = [])),
)]
async fn decline_creator(
    Admin(admin): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(account_id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    let mut request = cx.request(account_id).await?;
    request
        .decline(now)
        .map_err(|error| Problem::conflict(error.to_string()))?;

    let entry = AuditEntry::new(
        admin.id,
        Action::CreatorDeclined,
        Target::Account(account_id),
        origin,
        now,
    );
    cx.requests.decide(&request, &entry).await?;

    Ok(StatusCode::NO_CONTENT)
}
