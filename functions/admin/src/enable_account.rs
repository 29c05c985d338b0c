//! `POST /admin/accounts/{account_id}/enable`: enables a disabled account.

use adapters::dynamodb::DisabledFlag;
use axum::{extract::State, http::StatusCode};
use domain::audit::{Action, AuditEntry, Target};
use kernel::id::AccountId;
use runtime::http::{Admin, Now, Path, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(enable_account))
}

#[utoipa::path(
    post, path = "/admin/accounts/{account_id}/enable", operation_id = "enable_account", tag = "admin",
    summary = "Enable an account",
    description = "The account can sign in again and has its roles as before. Enabling twice is harmless. For admins.",
    params(("account_id" = AccountId, Path)),
    responses(
        (status = 204, description = "The account is enabled"),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "There is no such account"),
        (status = 409, description = "Another admin changes the account at this moment"),
    ),
    security(("account" = [])),
)]
async fn enable_account(
    Admin(admin): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(account_id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    cx.profile(account_id).await?;

    let entry = AuditEntry::new(
        admin.id,
        Action::AccountEnabled,
        Target::Account(account_id),
        origin,
        now,
    );
    cx.admins
        .record(&entry, None, Some(DisabledFlag::Clear(account_id)))
        .await?;
    cx.pool.enable(account_id).await?;
    cx.require_flag(account_id, false).await?;

    Ok(StatusCode::NO_CONTENT)
}
