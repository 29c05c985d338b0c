//! `POST /auth/sign-out`: ends a session.

use adapters::cognito::CognitoError;
use axum::{extract::State, http::StatusCode};
use runtime::http::{Body, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, session::RefreshTokenRequest};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_out))
}

#[utoipa::path(
    post, path = "/auth/sign-out", operation_id = "sign_out", tag = "accounts",
    summary = "Sign out",
    description = "Ends the session of a refresh token. An access token that was given before stays good for its \
                   15 minutes at most. Ending a session twice is harmless.",
    request_body = RefreshTokenRequest,
    responses(
        (status = 204, description = "The session has ended"),
        (status = 422, description = "Some fields are not valid"),
    ),
)]
async fn sign_out(State(cx): State<Context>, Body(token): Body<RefreshTokenRequest>) -> Result<StatusCode, Problem> {
    let Some(token) = token else {
        return Ok(StatusCode::NO_CONTENT);
    };

    match cx.client.revoke(&token).await {
        // A token that is good for nothing any more is what was asked for.
        Ok(()) | Err(CognitoError::Refused(_) | CognitoError::InvalidValue(_)) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(error.into()),
    }
}
