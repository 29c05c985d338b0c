//! `GET /admin/accounts/{account_id}`: one account.

use axum::{Json, extract::State};
use kernel::id::AccountId;
use runtime::http::{Admin, Path, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::AccountView};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_account))
}

#[utoipa::path(
    get, path = "/admin/accounts/{account_id}", operation_id = "get_account", tag = "admin",
    summary = "Get an account",
    params(("account_id" = AccountId, Path)),
    responses(
        (status = 200, description = "The account", body = AccountView),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "There is no such account"),
    ),
    security(("account" = [])),
)]
async fn get_account(
    _admin: Admin,
    State(cx): State<Context>,
    Path(id): Path<AccountId>,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(cx.profile(id).await?.into()))
}
