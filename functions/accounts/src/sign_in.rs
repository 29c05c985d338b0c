//! `POST /auth/sign-in`: exchanges an address and a password for tokens.

use adapters::cognito::CognitoError;
use axum::{extract::State, response::Response};
use domain::{account::Email, rate_limit::Attempt};
use runtime::http::{Body, ClientAddress, FieldErrors, Now, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    cookie::Caller,
    session::{self, KeptIn, SessionView},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_in))
}

/// The address and the password of an account.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    #[schema(format = Email)]
    email: String,
    #[schema(format = Password, max_length = 256)]
    password: String,
    /// `cookie` for pages of this site: the refresh token goes into a cookie that no script can read.
    #[serde(default)]
    session: KeptIn,
}

/// A valid sign-in.
pub struct SignIn {
    email: Email,
    password: String,
    kept_in: KeptIn,
}

impl Request for SignInRequest {
    type Valid = SignIn;

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email: Option<Email> = errors.check("/email", self.email.try_into());
        let usable = (1..=256).contains(&self.password.chars().count());
        if !usable {
            errors.refuse("/password", "must have 1 to 256 characters");
        }

        email
            .filter(|_| usable)
            .map(|email| SignIn {
                email,
                password: self.password,
                kept_in: self.session,
            })
            .ok_or(errors)
    }
}

/// Why the sign-in failed.
struct SignInError(CognitoError);

impl From<SignInError> for Problem {
    fn from(SignInError(error): SignInError) -> Self {
        match error {
            // The same for an address that is unknown, not confirmed or disabled: the answer must not show which addresses have accounts.
            CognitoError::Refused(_)
            | CognitoError::Locked
            | CognitoError::NoSuchUser
            | CognitoError::NotConfirmed
            | CognitoError::TooManyForAccount
            | CognitoError::InvalidValue(_) => Self::unauthorized(
                "the address or the password is wrong, or the account is not confirmed or was disabled by an admin",
            ),
            CognitoError::Challenged(challenge) => Self::conflict(
                "this account requires more than a password, which Marquee does not support: ask an operator to reset it",
            )
            .because(challenge),
            error => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/auth/sign-in", operation_id = "sign_in", tag = "accounts",
    summary = "Sign in",
    description = "Gives an access token, valid for 15 minutes, and a refresh token for the next ones.",
    request_body = SignInRequest,
    responses(
        (status = 200, description = "Signed in", body = SessionView),
        (status = 403, description = "A cookie was requested, but not by a page of this site"),
        (status = 401, description = "The address or the password is wrong, or the account is not confirmed, or is disabled"),
        (status = 409, description = "The account requires more than a password"),
        (status = 422, description = "Some fields are not valid"),
        (status = 429, description = "Too many passwords were tried: `Retry-After` says when to try again"),
    ),
)]
async fn sign_in(
    State(cx): State<Context>,
    caller: Caller,
    client: ClientAddress,
    Now(now): Now,
    Body(credentials): Body<SignInRequest>,
) -> Result<Response, Problem> {
    if credentials.kept_in == KeptIn::Cookie {
        caller.own_page()?;
    }
    let attempt = cx
        .limits
        .count(Attempt::Password, &credentials.email, client, now)
        .await?;
    let session = cx
        .client
        .sign_in(&credentials.email, &credentials.password)
        .await
        .map_err(SignInError)?;
    cx.limits.give_back(attempt).await;

    session::response(session, credentials.kept_in)
}

impl Sample for SignInRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            email: "ada@example.org".to_owned(),
            password: "correct horse battery staple".to_owned(),
            session: KeptIn::Body,
        }]
    }
}
