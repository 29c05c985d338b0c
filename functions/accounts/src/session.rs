//! Sessions and their tokens, as several routes take and give them.

use adapters::cognito::{RefreshToken, Session};
use runtime::http::{FieldErrors, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// To be sent as `Authorization: Bearer …`.
    access_token: String,
    /// For new access tokens. A refreshed session keeps the one that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How many seconds the access token is good.
    expires_in: u32,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            access_token: session.access_token,
            refresh_token: session.refresh_token.map(String::from),
            token_type: "Bearer",
            expires_in: session.expires_in_seconds,
        }
    }
}

impl Sample for SessionView {
    fn samples() -> Vec<Self> {
        vec![Self {
            access_token: "eyJraWQiOiJrMSJ9.eyJzdWIiOiIwMTkyIn0.c2lnbmF0dXJl".to_owned(),
            refresh_token: Some("0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11.eyJjdHkiOiJKV1QifQ".to_owned()),
            token_type: "Bearer",
            expires_in: 900,
        }]
    }
}

/// A refresh token.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshTokenRequest {
    /// As signing in gave it.
    refresh_token: String,
}

impl Request for RefreshTokenRequest {
    /// Nothing if it cannot be one: that is for the routes to judge, like any other token that is good for nothing.
    type Valid = Option<RefreshToken>;

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        Ok(self.refresh_token.parse().ok())
    }
}

impl Sample for RefreshTokenRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            refresh_token: "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11.eyJjdHkiOiJKV1QifQ".to_owned(),
        }]
    }
}
