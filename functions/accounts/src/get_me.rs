//! `GET /me`: the caller's account.

use axum::{Json, extract::State};
use domain::{
    account::{Account, Person, Role, creator_id},
    creators::{CreatorRequest, RequestState},
};
use kernel::{
    Timestamp,
    id::{AccountId, CreatorId},
};
use runtime::http::{Member, Now, Problem, Sample, sample};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, context::STATUS_MAX_AGE};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_me))
}

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct Me {
    account_id: AccountId,
    /// The id that others see on the account's titles.
    creator_id: CreatorId,
    #[schema(format = Email)]
    email: String,
    display_name: String,
    /// What the account may do beyond watching, at this moment.
    roles: Vec<Role>,
    /// The state of the request to become a creator, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    creator_request: Option<RequestState>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl Me {
    fn new(account: Account, person: Person, request: Option<CreatorRequest>) -> Self {
        Self {
            account_id: account.id,
            creator_id: creator_id(account.id),
            email: account.email.into(),
            display_name: account.display_name.into(),
            roles: person.roles,
            creator_request: request.map(|request| request.state),
            created_at: account.created_at,
        }
    }
}

#[utoipa::path(
    get, path = "/me", operation_id = "get_me", tag = "accounts",
    summary = "Get the caller's account",
    responses(
        (status = 200, description = "The account", body = Me),
        (status = 401, description = "The caller is not signed in, or the account is disabled or deleted"),
    ),
    security(("account" = [])),
)]
async fn get_me(Member(person): Member, Now(now): Now, State(cx): State<Context>) -> Result<Json<Me>, Problem> {
    let account = cx.existing_account(person.id, now).await?;
    let request = cx.registry.creator_request(person.id).await?;
    let person = if may_be_new_creator(&person, request.as_ref(), now) {
        cx.with_current_roles(person, now).await?
    } else {
        person
    };

    Ok(Json(Me::new(account, person, request)))
}

/// Whether a request was approved so recently that the cached roles may be older: a new creator looks here.
fn may_be_new_creator(person: &Person, request: Option<&CreatorRequest>, now: Timestamp) -> bool {
    let approved = request.filter(|request| request.state == RequestState::Approved);
    let decided_at = approved.and_then(|request| request.decided_at);

    !person.is(Role::Creator) && decided_at.is_some_and(|decided_at| now < decided_at + 2 * STATUS_MAX_AGE)
}

impl Sample for Me {
    fn samples() -> Vec<Self> {
        vec![Self {
            account_id: AccountId::from_uuid(sample::uuid()),
            creator_id: CreatorId::from_uuid(sample::uuid()),
            email: "ada@example.org".to_owned(),
            display_name: "Ada Lovelace".to_owned(),
            roles: vec![Role::Creator],
            creator_request: None,
            created_at: sample::time(),
        }]
    }
}
