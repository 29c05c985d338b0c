//! `POST /auth/reset-password`: sets a new password with a mailed code.

use axum::{extract::State, http::StatusCode};
use domain::{
    account::Email,
    password::{Owner, Password},
    rate_limit::Attempt,
};
use runtime::http::{Body, ClientAddress, FieldErrors, Now, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    code::{self, Code},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(reset_password))
}

/// The code that was mailed to an address, and the password that its holder wants.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordRequest {
    #[schema(format = Email, max_length = 128)]
    email: String,
    /// The digits in the mail.
    #[schema(pattern = "^[0-9]{6}$")]
    code: String,
    /// At least 12 characters of any kind; not one of the common ones, and without the address.
    #[schema(format = Password, min_length = 12, max_length = 256)]
    password: String,
}

/// A valid reset.
#[derive(Debug)]
pub struct Reset {
    email: Email,
    code: Code,
    password: Password,
}

impl Request for ResetPasswordRequest {
    type Valid = Reset;

    fn parse(self) -> Result<Reset, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email: Option<Email> = errors.check("/email", self.email.try_into());
        let code = errors.check("/code", self.code.parse());
        let owner = Owner {
            email: email.as_ref(),
            name: None,
        };
        let password = errors.check("/password", Password::choose(self.password, owner));

        match (email, code, password) {
            (Some(email), Some(code), Some(password)) => Ok(Reset { email, code, password }),
            _ => Err(errors),
        }
    }
}

#[utoipa::path(
    post, path = "/auth/reset-password", operation_id = "reset_password", tag = "accounts",
    summary = "Set a new password with a code",
    description = "Takes the code that was mailed and sets the password. All sessions of the account end.",
    request_body = ResetPasswordRequest,
    responses(
        (status = 204, description = "The account can sign in with this password"),
        (status = 422, description = "Some fields are not valid, or the code is wrong or has expired"),
        (status = 429, description = "Too many codes were tried: `Retry-After` says when to try again"),
    ),
)]
async fn reset_password(
    State(cx): State<Context>,
    client: ClientAddress,
    Now(now): Now,
    Body(reset): Body<ResetPasswordRequest>,
) -> Result<StatusCode, Problem> {
    let attempt = cx.limits.count(Attempt::Code, &reset.email, client, now).await?;
    let id = code::redeem(&cx, &reset.email, &reset.code, &reset.password).await?;
    cx.limits.give_back(attempt).await;
    tracing::info!(account.id = %id, "{id} set a new password with a code");

    Ok(StatusCode::NO_CONTENT)
}

impl Sample for ResetPasswordRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            email: "ada@example.org".to_owned(),
            code: "271828".to_owned(),
            password: "correct horse battery staple".to_owned(),
        }]
    }
}
