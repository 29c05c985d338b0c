//! `POST /admin/accounts/{account_id}/disable`: disables an account until it is enabled again.

use adapters::dynamodb::DisabledFlag;
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
    OpenApiRouter::new().routes(routes!(disable_account))
}

#[utoipa::path(
    post, path = "/admin/accounts/{account_id}/disable", operation_id = "disable_account", tag = "admin",
    summary = "Disable an account",
    description = "The account cannot sign in and all its sessions end. Within ten seconds it can change nothing, and its playbacks \
                   end. Its titles stay. Admins cannot disable their own account or the last admin's. Disabling twice is harmless. \
                   For admins.",
    params(("account_id" = AccountId, Path)),
    responses(
        (status = 204, description = "The account is disabled"),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "There is no such account"),
        (status = 409, description = "It is your own, or there would be no admin left, or another admin is leaving or changes the account at this moment"),
    ),
    security(("account" = [])),
)]
async fn disable_account(
    Admin(admin): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(account_id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    if account_id == admin.id {
        return Err(Problem::conflict(
            "this is your own account: another admin can disable it",
        ));
    }
    let profile = cx.profile(account_id).await?;
    let roster = if profile.roles.contains(&Role::Admin) {
        Some(cx.leaving(account_id, now).await?)
    } else {
        None
    };

    let entry = AuditEntry::new(
        admin.id,
        Action::AccountDisabled,
        Target::Account(account_id),
        origin,
        now,
    );
    let flag = DisabledFlag::Set(account_id, now);
    cx.admins.record(&entry, roster.as_ref(), Some(flag)).await?;
    cx.pool.disable(account_id).await?;
    cx.revoke_links(account_id, now).await?;
    cx.require_flag(account_id, true).await?;

    Ok(StatusCode::NO_CONTENT)
}
