//! `POST /me/creator-request`: asks for the role `creator`.

use axum::{Json, extract::State};
use domain::{
    account::Role,
    creators::{CannotAsk, CreatorRequest, RequestState},
};
use kernel::Timestamp;
use runtime::http::{Member, Now, Problem, Sample, sample};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(request_creator))
}

/// The result of asking to become a creator.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatorRequest)]
pub struct CreatorRequestView {
    /// `approved`: you are a creator; `pending`: an admin decides.
    state: RequestState,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
}

impl From<CreatorRequest> for CreatorRequestView {
    fn from(request: CreatorRequest) -> Self {
        Self {
            state: request.state,
            asked_at: request.asked_at,
        }
    }
}

/// Why the account cannot ask.
struct RequestCreatorError(CannotAsk);

impl From<RequestCreatorError> for Problem {
    fn from(RequestCreatorError(error): RequestCreatorError) -> Self {
        match error {
            CannotAsk::ByInvitation => Self::forbidden(error.to_string()),
            CannotAsk::TooSoon(_) => Self::conflict(error.to_string()),
        }
    }
}

#[utoipa::path(
    post, path = "/me/creator-request", operation_id = "request_creator", tag = "accounts",
    summary = "Ask to become a creator",
    description = "If the installation lets everyone publish, the account is a creator at once; otherwise an admin decides. Asking \
                   twice is harmless.",
    responses(
        (status = 200, description = "The account is a creator, or an admin decides", body = CreatorRequestView),
        (status = 403, description = "This installation invites its creators"),
        (status = 409, description = "An admin declined a request, or took the role away, not long ago"),
    ),
    security(("account" = [])),
)]
async fn request_creator(
    Member(person): Member,
    Now(now): Now,
    State(cx): State<Context>,
) -> Result<Json<CreatorRequestView>, Problem> {
    // A viewer's cached roles may be older than an approval, which must not become a new request.
    let person = if person.may_publish() {
        person
    } else {
        cx.with_current_roles(person, now).await?
    };
    if person.may_publish() {
        return Ok(Json(CreatorRequestView {
            state: RequestState::Approved,
            asked_at: now,
        }));
    }

    let asked = cx.registry.request_creator_role(person.id, now).await?;
    let request = asked.map_err(RequestCreatorError)?;
    if request.state == RequestState::Approved {
        // An admin may have taken the role away after the request was written and before the role was granted.
        let current = cx.registry.creator_request(person.id).await?;
        if current.is_some_and(|current| current.state == RequestState::Declined) {
            cx.pool.take_role(person.id, Role::Creator).await?;
            return Err(Problem::conflict("an admin took the role away at this moment"));
        }
    }
    tracing::info!(account.id = %person.id, state = ?request.state, "{} asked to become a creator", person.id);

    Ok(Json(request.into()))
}

impl Sample for CreatorRequestView {
    fn samples() -> Vec<Self> {
        vec![Self {
            state: RequestState::Pending,
            asked_at: sample::time(),
        }]
    }
}
