//! Who calls: a permission is an argument type, so that a handler that needs one cannot be written without asking.
//!
//! API Gateway's JWT authorizer has already checked the access token; its claims arrive in the request context.

use axum::extract::FromRequestParts;
use domain::account::{Person, Role};
use kernel::id::AccountId;
use lambda_http::{RequestExt, http::request::Parts, request::RequestContext};

use super::Problem;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Viewer(pub Person);

/// Somebody who may upload titles.
#[derive(Clone, Debug)]
pub struct Creator(pub Person);

/// Somebody who runs this installation, and whose account still stands: a token outlives the removal of its account.
#[derive(Clone, Debug)]
pub struct Admin(pub Person);

/// A context that can look up whether an account stands. Areas with routes for admins implement it.
pub trait Accounts {
    /// Whether there is an account of this id.
    fn stands(&self, id: AccountId) -> impl Future<Output = Result<bool, Problem>> + Send;
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        person(parts).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Creator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        let person = person(parts)?;
        if !person.is(Role::Creator) && !person.is(Role::Admin) {
            return Err(Problem::forbidden(
                "only creators may do this: sign up with the role `creator`",
            ));
        }

        Ok(Self(person))
    }
}

impl<S: Accounts + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &S) -> Result<Self, Problem> {
        Self::check(person(parts)?, context).await
    }
}

impl Admin {
    /// Whether `person` is an admin whose account still stands: for routes where it depends on what is asked for.
    pub async fn check(person: Person, context: &impl Accounts) -> Result<Self, Problem> {
        if !person.is(Role::Admin) || !context.stands(person.id).await? {
            return Err(Problem::forbidden("only admins of this installation may do this"));
        }

        Ok(Self(person))
    }
}

fn person(parts: &Parts) -> Result<Person, Problem> {
    let nobody = || Problem::unauthorized("sign in and send the access token as `Authorization: Bearer …`");
    let RequestContext::ApiGatewayV2(gateway) = parts.extensions.request_context_ref().ok_or_else(nobody)? else {
        return Err(nobody());
    };
    let claims = &gateway
        .authorizer
        .as_ref()
        .and_then(|a| a.jwt.as_ref())
        .ok_or_else(nobody)?
        .claims;
    let claim = |name: &str| claims.get(name).map(String::as_str);

    // The id token passes the authorizer too, but it is for the client that asked for it, not for us.
    if claim("token_use") != Some("access") {
        return Err(Problem::unauthorized("send the access token, not another one"));
    }

    let id = claim("sub").and_then(|sub| sub.parse().ok()).ok_or_else(nobody)?;
    let roles = claim("cognito:groups").map_or_else(Vec::new, roles);

    Ok(Person { id, roles })
}

/// API Gateway hands an array over as the text `[admin creator]`.
fn roles(groups: &str) -> Vec<Role> {
    let separators = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | ',' | '"');

    groups.split(separators).filter_map(Role::of_group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_api_gateway_writes_them() {
        assert_eq!(roles("[admin creator]"), [Role::Admin, Role::Creator]);
        assert_eq!(roles("[beta-testers]"), []);
        assert_eq!(roles(""), []);
    }
}
