//! `DELETE /admin/accounts/{account_id}/roles/{role}`: takes a role away.

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
    OpenApiRouter::new().routes(routes!(take_role))
}

#[utoipa::path(
    delete, path = "/admin/accounts/{account_id}/roles/{role}", operation_id = "take_role", tag = "admin",
    summary = "Take a role away",
    description = "The account loses the role within ten seconds, even with tokens that name it, and an admin's links to films end. \
                   The last admin cannot lose the role. If the installation takes requests, a former creator can ask \
                   again in a week, and an admin decides. Taking twice is harmless. For admins.",
    params(("account_id" = AccountId, Path), ("role" = Role, Path)),
    responses(
        (status = 204, description = "The account does not have the role"),
        (status = 400, description = "The role `viewer` cannot be taken, because every account has it"),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "There is no such account"),
        (status = 409, description = "There would be no admin left, or another admin changes roles at this moment"),
    ),
    security(("account" = [])),
)]
async fn take_role(
    Admin(admin): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(AccountAndRole { account_id, role }): Path<AccountAndRole>,
) -> Result<StatusCode, Problem> {
    let (role, group) = role.grantable()?;
    let profile = cx.profile(account_id).await?;
    let entry =
        AuditEntry::new(admin.id, Action::RoleTaken, Target::Account(account_id), origin, now).with_detail(group);
    match role {
        Role::Admin => {
            let roster = cx.leaving(account_id, now).await?;
            cx.admins.record(&entry, Some(&roster), None).await?;
        }
        Role::Creator if profile.roles.contains(&role) => cx.overrule_policy(account_id, false, &entry).await?,
        // A request that waits is declined, not taken.
        Role::Creator | Role::Viewer => cx.admins.record(&entry, None, None).await?,
    }
    cx.pool.take_role(account_id, role).await?;
    // An admin may have links to films that only admins and their owners may see.
    if role == Role::Admin {
        cx.revoke_links(account_id, now).await?;
    }

    Ok(StatusCode::NO_CONTENT)
}
