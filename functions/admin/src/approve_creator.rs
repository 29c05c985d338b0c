//! `POST /admin/creator-requests/{account_id}/approve`: gives an account that asked the role `creator`.

use axum::{extract::State, http::StatusCode};
use domain::{
    account::Role,
    audit::{Action, AuditEntry, Target},
};
use kernel::id::AccountId;
use runtime::http::{Admin, Now, Path, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(approve_creator))
}

#[utoipa::path(
    post, path = "/admin/creator-requests/{account_id}/approve", operation_id = "approve_creator", tag = "admin",
    summary = "Approve a request to become a creator",
    description = "The account is a creator within ten seconds. Approving twice is harmless. For admins.",
    params(("account_id" = AccountId, Path)),
    responses(
        (status = 204, description = "The account is a creator"),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "This account has not asked"),
        (status = 409, description = "It was declined already, or another admin decides at this moment"),
    ),
    security(("account" = [])),
)]
async fn approve_creator(
    Admin(admin): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(account_id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    let mut request = cx.request(account_id).await?;
    request
        .approve(now)
        .map_err(|error| Problem::conflict(error.to_string()))?;

    let entry = AuditEntry::new(
        admin.id,
        Action::CreatorApproved,
        Target::Account(account_id),
        origin,
        now,
    );
    cx.requests.decide(&request, &entry).await?;
    // Also for a request that is approved already: the role may not have been granted the last time.
    cx.pool.grant_role(account_id, Role::Creator).await?;

    Ok(StatusCode::NO_CONTENT)
}
