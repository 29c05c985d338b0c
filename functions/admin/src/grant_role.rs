//! `PUT /admin/accounts/{account_id}/roles/{role}`: grants the role `creator` or `admin`.

use axum::{extract::State, http::StatusCode};
use domain::{
    account::Role,
    audit::{Action, AuditEntry, Target},
};
use kernel::id::AccountId;
use runtime::http::{Admin, Now, Path, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, role::AccountAndRole};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(grant_role))
}

#[utoipa::path(
    put, path = "/admin/accounts/{account_id}/roles/{role}", operation_id = "grant_role", tag = "admin",
    summary = "Grant a role",
    description = "The account has the role within ten seconds; a new admin must sign in again. Granting twice is harmless. For admins.",
    params(("account_id" = AccountId, Path), ("role" = Role, Path)),
    responses(
        (status = 204, description = "The account has the role"),
        (status = 400, description = "The role `viewer` cannot be granted, because every account has it"),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "There is no such account"),
        (status = 409, description = "The request to become a creator changes at this moment: try again"),
    ),
    security(("account" = [])),
)]
async fn grant_role(
    Admin(admin): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(AccountAndRole { account_id, role }): Path<AccountAndRole>,
) -> Result<StatusCode, Problem> {
    let (role, group) = role.grantable()?;
    cx.profile(account_id).await?;

    // The log is written first, so that no action is missing there. If the grant fails, the admin gets an error and repeats both.
    let entry = AuditEntry::new(admin.id, Action::RoleGranted, Target::Account(account_id), origin, now);
    let entry = entry.with_detail(group);
    match role {
        Role::Creator => cx.overrule_policy(account_id, true, &entry).await?,
        Role::Viewer | Role::Admin => cx.admins.record(&entry, None, None).await?,
    }
    cx.pool.grant_role(account_id, role).await?;

    Ok(StatusCode::NO_CONTENT)
}
