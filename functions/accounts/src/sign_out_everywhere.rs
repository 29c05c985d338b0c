//! `POST /me/sign-out-everywhere`: ends all sessions of an account.

use adapters::cognito::CognitoError;
use axum::{extract::State, http::StatusCode};
use runtime::http::{Member, Now, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_out_everywhere))
}

#[utoipa::path(
    post, path = "/me/sign-out-everywhere", operation_id = "sign_out_everywhere", tag = "accounts",
    summary = "Sign out everywhere",
    description = "Ends all sessions of the account, on every device, this one too. Their access tokens stay valid until they \
                   expire, for 15 minutes at most.",
    responses(
        (status = 204, description = "All sessions have ended"),
        (status = 401, description = "The caller is not signed in"),
    ),
    security(("account" = [])),
)]
async fn sign_out_everywhere(
    Member(person): Member,
    Now(now): Now,
    State(cx): State<Context>,
) -> Result<StatusCode, Problem> {
    cx.limits.count_pool_call(person.id, now).await?;
    match cx.pool.end_sessions(person.id).await {
        // An account that is gone has no sessions.
        Ok(()) | Err(CognitoError::NoSuchUser) => {}
        Err(error) => return Err(error.into()),
    }
    tracing::info!(account.id = %person.id, "{} signed out everywhere", person.id);

    Ok(StatusCode::NO_CONTENT)
}
