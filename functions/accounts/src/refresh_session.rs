//! `POST /auth/refresh`: a new access token for a refresh token.

use adapters::cognito::CognitoError;
use axum::{Json, extract::State};
use runtime::http::{Body, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    session::{RefreshTokenRequest, SessionView},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(refresh_session))
}

/// Why there is no new access token.
enum RefreshError {
    NoToken,
    Cognito(CognitoError),
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::NoToken
            | RefreshError::Cognito(
                CognitoError::Refused(_) | CognitoError::NoSuchUser | CognitoError::InvalidValue(_),
            ) => Self::unauthorized("this session has ended: sign in again"),
            RefreshError::Cognito(error) => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/auth/refresh", operation_id = "refresh_session", tag = "accounts",
    summary = "Refresh a session",
    description = "Gives a new access token. The refresh token stays good until it is 30 days old or the session ends.",
    request_body = RefreshTokenRequest,
    responses(
        (status = 200, description = "A new access token", body = SessionView),
        (status = 401, description = "The session has ended"),
        (status = 422, description = "Some fields are not valid"),
    ),
)]
async fn refresh_session(
    State(cx): State<Context>,
    Body(token): Body<RefreshTokenRequest>,
) -> Result<Json<SessionView>, Problem> {
    let token = token.ok_or(RefreshError::NoToken)?;
    let session = cx.client.refresh(&token).await.map_err(RefreshError::Cognito)?;

    Ok(Json(session.into()))
}
