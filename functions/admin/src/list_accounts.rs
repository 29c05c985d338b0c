//! `GET /admin/accounts`: lists accounts.

use adapters::cognito::{CognitoError, ListAccounts};
use axum::{Json, extract::State};
use domain::account::Role;
use runtime::http::{Admin, Limit, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::AccountView};

/// In bytes.
const MAX_CURSOR: usize = 4_096;
/// Of an address, in bytes.
const MAX_PREFIX: usize = 128;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_accounts))
}

/// Which accounts, and how many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAccountsQuery {
    /// Only accounts whose address begins with this text.
    #[param(max_length = 128)]
    email: Option<String>,
    /// Only accounts with this role.
    #[param(inline)]
    role: Option<Role>,
    /// `disabled` for disabled accounts.
    #[param(inline)]
    state: Option<StateFilter>,
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Limit,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StateFilter {
    Disabled,
}

/// A page of accounts. It may be shorter than `limit` although the list continues.
#[derive(Serialize, ToSchema)]
struct AccountPage {
    items: Vec<AccountView>,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl ListAccountsQuery {
    fn filter(&self) -> Result<ListAccounts, Problem> {
        let invalid = |reason: &str| Problem::invalid_request(format!("the query is not valid: {reason}"));
        let too_long = |cursor: &String| cursor.is_empty() || cursor.len() > MAX_CURSOR;
        if self.cursor.as_ref().is_some_and(too_long) {
            return Err(invalid("`cursor` is not one of this list"));
        }

        match (&self.email, self.role, self.state) {
            (None, None, None) => Ok(ListAccounts::All),
            (Some(email), None, None) => {
                let email = email.trim().to_lowercase();
                let forbidden = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '"' | '\\');
                if email.is_empty() || email.len() > MAX_PREFIX || email.contains(forbidden) {
                    return Err(invalid("`email` must be the beginning of an address"));
                }
                Ok(ListAccounts::WithEmail(email))
            }
            (None, Some(Role::Viewer), None) => Err(invalid("everybody is a viewer: leave `role` out")),
            (None, Some(role), None) => Ok(ListAccounts::InRole(role)),
            (None, None, Some(StateFilter::Disabled)) => Ok(ListAccounts::Disabled),
            _ => Err(invalid("choose one of `email`, `role` and `state`")),
        }
    }
}

#[utoipa::path(
    get, path = "/admin/accounts", operation_id = "list_accounts", tag = "admin",
    summary = "List accounts",
    description = "All accounts, those whose address begins with a text, those with a role, or the disabled ones. For admins.",
    params(ListAccountsQuery),
    responses(
        (status = 200, description = "A page of accounts", body = AccountPage),
        (status = 400, description = "The query is not valid"),
        (status = 403, description = "Only admins may do this"),
    ),
    security(("account" = [])),
)]
async fn list_accounts(
    _admin: Admin,
    State(cx): State<Context>,
    Query(query): Query<ListAccountsQuery>,
) -> Result<Json<AccountPage>, Problem> {
    let filter = query.filter()?;
    let page = cx.pool.list(&filter, query.limit.get(), query.cursor).await;
    let (profiles, next_cursor) = page.map_err(|error| match error {
        CognitoError::InvalidValue(_) => {
            Problem::invalid_request("this cursor is not one of this list: leave it out to start from the beginning")
        }
        error => error.into(),
    })?;

    Ok(Json(AccountPage {
        items: profiles.into_iter().map(AccountView::from).collect(),
        next_cursor,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Result<ListAccounts, Problem> {
        let query: ListAccountsQuery = serde_json::from_str(query).unwrap();

        query.filter()
    }

    #[test]
    fn a_query_has_one_filter() {
        assert_eq!(filter("{}").unwrap(), ListAccounts::All);
        assert_eq!(
            filter(r#"{"email":" Ada@"}"#).unwrap(),
            ListAccounts::WithEmail("ada@".to_owned())
        );
        assert_eq!(
            filter(r#"{"role":"admin"}"#).unwrap(),
            ListAccounts::InRole(Role::Admin)
        );
        assert_eq!(filter(r#"{"state":"disabled"}"#).unwrap(), ListAccounts::Disabled);
        for bad in [
            r#"{"email":"a","role":"admin"}"#,
            r#"{"role":"viewer"}"#,
            r#"{"email":"a\" or status = \"Enabled"}"#,
            r#"{"email":" "}"#,
            r#"{"cursor":""}"#,
        ] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
