//! The caller: a permission is an argument type, so that a handler cannot forget to check it.
//!
//! API Gateway's JWT authorizer has checked the access token; its claims are in the request context. They say who calls. What an
//! account may do beyond watching is looked up (ADR 22), because a token outlives the end of an account or of a role by up to
//! fifteen minutes.

use axum::extract::{FromRequestParts, Request};
use domain::{
    account::{AccountStatus, Person, Role},
    audit::AuditEntry,
};
use kernel::id::AccountId;
use lambda_http::{RequestExt, http::request::Parts, request::RequestContext};

use super::{Now, Problem, RequestOrigin};

/// A signed-in caller, identified by the access token. Admins are looked up, because they see more than others; all other viewers have
/// no roles here. For reading, and for heartbeats.
#[derive(Clone, Debug)]
pub struct Viewer(pub Person);

/// A signed-in caller whose account is active at this moment, with its current roles. For everything that changes something.
#[derive(Clone, Debug)]
pub struct Member(pub Person);

/// A [`Member`] with the role `creator`, who may create titles and upload films. The role counts as soon as it is granted, although
/// older tokens lack it.
#[derive(Clone, Debug)]
pub struct Creator(pub Person);

/// A [`Member`] with the role `admin`, which the token claims too.
#[derive(Clone, Debug)]
pub struct Admin(pub Person);

macro_rules! as_person {
    ($($caller:ident),+) => {
        $(
            impl AsRef<Person> for $caller {
                fn as_ref(&self) -> &Person {
                    &self.0
                }
            }
        )+
    };
}

as_person!(Viewer, Member, Creator, Admin);

/// A context that looks up the status of an account. Areas with routes for signed-in callers implement it.
pub trait Accounts {
    /// The current status of the account with this id.
    fn status(&self, id: AccountId) -> impl Future<Output = Result<AccountStatus, Problem>> + Send;
}

/// A context that writes the audit log. Areas with routes for admins implement it.
pub trait Audited: Accounts {
    /// Records that a caller who is not an admin tried such a route.
    fn record_refusal(&self, entry: AuditEntry) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// The status that was looked up for a request, cached in its extensions for the other arguments. A test sets its own.
#[derive(Clone, Debug)]
pub(super) struct LookedUp(pub(super) AccountStatus);

/// The claims of an access token.
struct Claims {
    id: AccountId,
    roles: Vec<Role>,
}

impl<S: Accounts + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &S) -> Result<Self, Problem> {
        let claims = claims(parts)?;
        if claims.roles.contains(&Role::Admin) {
            let mut person = member(&claims, parts, context).await?;
            person.roles.retain(|role| *role == Role::Admin);
            return Ok(Self(person));
        }

        Ok(Self(Person {
            id: claims.id,
            roles: vec![],
        }))
    }
}

impl<S: Accounts + Sync> FromRequestParts<S> for Member {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &S) -> Result<Self, Problem> {
        let claims = claims(parts)?;

        member(&claims, parts, context).await.map(Self)
    }
}

impl<S: Accounts + Sync> FromRequestParts<S> for Creator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &S) -> Result<Self, Problem> {
        let Member(person) = Member::from_request_parts(parts, context).await?;
        if !person.may_publish() {
            return Err(creator_required());
        }

        Ok(Self(person))
    }
}

impl<S: Audited + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &S) -> Result<Self, Problem> {
        let id = claims(parts)?.id;
        // Without the role in its token, a request causes no look-up in Cognito.
        let viewer = Viewer::from_request_parts(parts, context).await;
        let admin = viewer.and_then(|Viewer(person)| Self::try_from(person));

        if let Err(problem) = &admin
            && problem.is_refusal()
        {
            let Now(now) = Now::from_request_parts(parts, context).await?;
            let RequestOrigin(origin) = RequestOrigin::from_request_parts(parts, context).await?;
            // The response is the same without the record.
            if let Err(error) = context.record_refusal(AuditEntry::refused(id, origin, now)).await {
                tracing::error!(actor = %id, ?error, "the refusal of {id} could not be written to the audit log");
            }
        }

        admin
    }
}

/// For routes that need an admin for some requests only.
impl TryFrom<Person> for Admin {
    type Error = Problem;

    fn try_from(person: Person) -> Result<Self, Problem> {
        if !person.is(Role::Admin) {
            return Err(Problem::forbidden("only admins of this installation may do this"));
        }

        Ok(Self(person))
    }
}

/// The problem of a caller without the role `creator`.
#[must_use]
pub fn creator_required() -> Problem {
    Problem::forbidden("only creators may do this: choose \"Start publishing\" in the account menu to become one")
}

async fn member(claims: &Claims, parts: &mut Parts, context: &(impl Accounts + Sync)) -> Result<Person, Problem> {
    let cached = parts.extensions.get().cloned();
    let LookedUp(status) = match cached {
        Some(cached) => cached,
        None => LookedUp(context.status(claims.id).await?),
    };
    parts.extensions.insert(LookedUp(status.clone()));

    match status {
        AccountStatus::Active(roles) => Ok(Person { id: claims.id, roles }),
        AccountStatus::Disabled => Err(Problem::unauthorized(
            "this account is disabled: ask the people who run this installation",
        )),
        AccountStatus::Deleted => Err(Problem::account_deleted()),
    }
}

/// The account that a request's token names, for the log.
pub(super) fn actor(request: &Request) -> Option<String> {
    let RequestContext::ApiGatewayV2(gateway) = request.extensions().request_context_ref()? else {
        return None;
    };
    let sub = gateway.authorizer.as_ref()?.jwt.as_ref()?.claims.get("sub")?;
    let id: AccountId = sub.parse().ok()?;

    Some(id.to_string())
}

fn claims(parts: &Parts) -> Result<Claims, Problem> {
    let anonymous = || Problem::unauthorized("sign in and send the access token as `Authorization: Bearer …`");
    let RequestContext::ApiGatewayV2(gateway) = parts.extensions.request_context_ref().ok_or_else(anonymous)? else {
        return Err(anonymous());
    };
    let claims = &gateway
        .authorizer
        .as_ref()
        .and_then(|a| a.jwt.as_ref())
        .ok_or_else(anonymous)?
        .claims;
    let claim = |name: &str| claims.get(name).map(String::as_str);

    // The authorizer accepts the id token too, which is meant for the client and not for an API.
    if claim("token_use") != Some("access") {
        return Err(Problem::unauthorized("send the access token, not another one"));
    }

    let id = claim("sub").and_then(|sub| sub.parse().ok()).ok_or_else(anonymous)?;
    let roles = claim("cognito:groups").map_or_else(Vec::new, roles);

    Ok(Claims { id, roles })
}

/// API Gateway passes an array as the text `[admin creator]`.
fn roles(groups: &str) -> Vec<Role> {
    let separators = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | ',' | '"');

    groups.split(separators).filter_map(Role::from_group).collect()
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
