//! `POST /auth/sign-out`: ends a session.

use adapters::cognito::CognitoError;
use axum::{extract::State, http::StatusCode, response::IntoResponse, response::Response};
use runtime::http::{Body, Now, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    cookie::{self, Caller},
    session::{KeptIn, RefreshTokenRequest, with_cookie},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_out))
}

#[utoipa::path(
    post, path = "/auth/sign-out", operation_id = "sign_out", tag = "accounts",
    summary = "Sign out",
    description = "Ends the session of a refresh token. Its last access token stays valid until it expires, for 15 minutes at most. \
                   Ending a session twice is harmless.",
    request_body = RefreshTokenRequest,
    responses(
        (status = 204, description = "The session has ended"),
        (status = 403, description = "The cookie was not sent by a page of this site"),
        (status = 422, description = "Some fields are not valid"),
    ),
)]
async fn sign_out(
    State(cx): State<Context>,
    caller: Caller,
    Now(now): Now,
    Body(presented): Body<RefreshTokenRequest>,
) -> Result<Response, Problem> {
    let (token, kept_in) = presented.token(caller)?;
    // A token that is not ours is invalid already.
    if let Some(token) = token.filter(|token| cx.client.issued(token)) {
        cx.ended_sessions.add(token.session(), now).await?;
        match cx.client.revoke(&token).await {
            Ok(()) | Err(CognitoError::Refused(_) | CognitoError::InvalidValue(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }

    match kept_in {
        KeptIn::Body => Ok(StatusCode::NO_CONTENT.into_response()),
        KeptIn::Cookie => with_cookie(StatusCode::NO_CONTENT, &cookie::forget()),
    }
}
