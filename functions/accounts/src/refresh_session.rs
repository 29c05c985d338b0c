//! `POST /auth/refresh`: a new access token for a refresh token, which can be used once.

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

/// Why there is no new access token.
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
    description = "Gives a new access token and the next refresh token. The one that was sent is good for 10 seconds more, for an \
                   answer that was lost; used later it ends the session, because two have it then. A session ends 30 days after \
                   signing in.",
    request_body = RefreshTokenRequest,
    responses(
        (status = 200, description = "New tokens", body = SessionView),
        (status = 401, description = "The session has ended"),
        (status = 403, description = "The cookie was sent by something else than a page of this site"),
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
    let token = token.ok_or(RefreshError::Ended)?;
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

    session::answer(session, kept_in)
}
