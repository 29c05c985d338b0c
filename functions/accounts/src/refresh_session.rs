//! `POST /auth/refresh`: exchanges a refresh token, which can be used once, for a new access token.

use adapters::cognito::CognitoError;
use axum::{extract::State, response::Response};
use runtime::http::{Body, Now, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    cookie::Caller,
    session::{self, RefreshTokenRequest, SessionView},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(refresh_session))
}

/// Why a session was not refreshed.
enum RefreshError {
    Ended,
    Cognito(CognitoError),
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Ended
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
    description = "Gives a new access token and the next refresh token. The token that was sent can be used again for 10 seconds, \
                   in case the answer was lost. Used later it ends the session, because two clients have it then. A session ends \
                   30 days after the sign-in.",
    request_body = RefreshTokenRequest,
    responses(
        (status = 200, description = "New tokens", body = SessionView),
        (status = 401, description = "The session has ended"),
        (status = 403, description = "The cookie was not sent by a page of this site"),
        (status = 422, description = "Some fields are not valid"),
    ),
)]
async fn refresh_session(
    State(cx): State<Context>,
    caller: Caller,
    Now(now): Now,
    Body(presented): Body<RefreshTokenRequest>,
) -> Result<Response, Problem> {
    let (token, kept_in) = presented.token(caller)?;
    // A token that is not ours has no session.
    let token = token
        .filter(|token| cx.client.issued(token))
        .ok_or(RefreshError::Ended)?;
    if cx.ended_sessions.contains(token.session()).await? {
        return Err(RefreshError::Ended.into());
    }

    let session = match cx.client.refresh(&token).await {
        Err(CognitoError::Reused) => {
            tracing::warn!(
                session = token.session(),
                "a refresh token came back after it was used: its session ends"
            );
            cx.ended_sessions.add(token.session(), now).await?;
            return Err(RefreshError::Ended.into());
        }
        refreshed => refreshed.map_err(RefreshError::Cognito)?,
    };

    session::response(session, kept_in)
}
