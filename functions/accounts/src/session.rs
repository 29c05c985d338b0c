//! Sessions and their tokens in requests and answers: in the body for programs and devices, in a cookie for pages.

use adapters::cognito::{CognitoError, RefreshToken, Session};
use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use runtime::http::{FieldErrors, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cookie::{self, Caller};

/// Where a client keeps its refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptIn {
    /// The token is in the body, and the client stores it.
    #[default]
    Body,
    /// The token is in a cookie that no script can read. For pages of this site only.
    Cookie,
}

/// The tokens of a signed-in account.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// For the next access token; it can be used once. Absent when it is in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How many seconds the access token is valid.
    expires_in: u32,
}

/// The response with a session's tokens.
pub(crate) fn response(session: Session, kept_in: KeptIn) -> Result<Response, Problem> {
    let Session {
        access_token,
        refresh_token,
        expires_in_seconds,
    } = session;
    let mut view = SessionView {
        access_token,
        refresh_token: None,
        token_type: "Bearer",
        expires_in: expires_in_seconds,
    };

    match kept_in {
        KeptIn::Body => {
            view.refresh_token = refresh_token.map(String::from);
            Ok(Json(view).into_response())
        }
        KeptIn::Cookie => {
            let token = refresh_token.ok_or_else(|| CognitoError::unexpected("no refresh token came back"))?;
            with_cookie(Json(view), &cookie::keep(token))
        }
    }
}

/// A response that sets the cookie.
pub(crate) fn with_cookie(answer: impl IntoResponse, cookie: &str) -> Result<Response, Problem> {
    let cookie = HeaderValue::try_from(cookie).map_err(Problem::internal)?;
    let mut response = answer.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);

    Ok(response)
}

impl Sample for SessionView {
    fn samples() -> Vec<Self> {
        vec![Self {
            access_token: "eyJraWQiOiJrMSJ9.eyJzdWIiOiIwMTkyIn0.c2lnbmF0dXJl".to_owned(),
            refresh_token: Some(TOKEN.to_owned()),
            token_type: "Bearer",
            expires_in: 900,
        }]
    }
}

/// Signed with the secret of tests, which accept it.
const TOKEN: &str =
    "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11.TtlmKdsSGoLK9PGUCwuB__FmEibBTaVOJtdzATHLkuM.eyJlbmMiOiJBMjU2R0NNIn0";

/// A refresh token.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshTokenRequest {
    /// The token of the sign-in or the last refresh. Pages leave it out, because their cookie has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// How a client sent its refresh token.
#[derive(Debug)]
pub(crate) enum Presented {
    /// In the body. `None` if it does not have the form of a token; the routes treat that like any other invalid token.
    InBody(Option<RefreshToken>),
    /// In the cookie.
    InCookie,
}

impl Presented {
    /// The token, and where the client keeps it.
    pub(crate) fn token(self, caller: Caller) -> Result<(Option<RefreshToken>, KeptIn), Problem> {
        match self {
            Self::InBody(token) => Ok((token, KeptIn::Body)),
            Self::InCookie => Ok((caller.own_page()?.session(), KeptIn::Cookie)),
        }
    }
}

impl Request for RefreshTokenRequest {
    type Valid = Presented;

    fn parse(self) -> Result<Presented, FieldErrors> {
        Ok(match self.refresh_token {
            Some(token) => Presented::InBody(token.parse().ok()),
            None => Presented::InCookie,
        })
    }
}

impl Sample for RefreshTokenRequest {
    fn samples() -> Vec<Self> {
        vec![
            Self {
                refresh_token: Some(TOKEN.to_owned()),
            },
            Self { refresh_token: None },
        ]
    }
}
