//! `POST /auth/confirm`: the mailed code proves the address.

use adapters::cognito::CognitoError;
use axum::{extract::State, http::StatusCode};
use domain::account::Email;
use runtime::http::{Body, FieldErrors, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(confirm_sign_up))
}

/// An address and the code that was mailed to it.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSignUpRequest {
    #[schema(format = Email)]
    email: String,
    /// The digits in the mail.
    #[schema(pattern = "^[0-9]{6}$")]
    code: String,
}

impl Request for ConfirmSignUpRequest {
    type Valid = (Email, String);

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = errors.check("/email", self.email.parse());
        let code = self.code.trim();
        let six_digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        if !six_digits {
            errors.refuse("/code", "must be the six digits in the mail");
        }

        email
            .filter(|_| six_digits)
            .map(|email| (email, code.to_owned()))
            .ok_or(errors)
    }
}

/// Why an address was not confirmed.
struct ConfirmError(CognitoError);

impl From<ConfirmError> for Problem {
    fn from(ConfirmError(error): ConfirmError) -> Self {
        match error {
            // The same for an unknown address, so that nobody can find out which addresses have accounts.
            CognitoError::WrongCode | CognitoError::NoSuchUser => {
                FieldErrors::one("/code", "is not the code that was mailed to this address").into()
            }
            CognitoError::ExpiredCode => FieldErrors::one("/code", "has expired: it was good for a day").into(),
            CognitoError::Refused(_) => Self::conflict("this address is confirmed already: sign in"),
            CognitoError::AddressTaken => Self::conflict("this address belongs to another account by now"),
            CognitoError::TooMany => Self::too_many_requests(),
            error => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/auth/confirm", operation_id = "confirm_sign_up", tag = "accounts",
    summary = "Confirm an address",
    description = "Takes the code that was mailed when signing up. From then on the account can sign in.",
    request_body = ConfirmSignUpRequest,
    responses(
        (status = 204, description = "The address is confirmed"),
        (status = 409, description = "It is confirmed already"),
        (status = 422, description = "This is not the code, or it has expired"),
    ),
)]
async fn confirm_sign_up(
    State(cx): State<Context>,
    Body((email, code)): Body<ConfirmSignUpRequest>,
) -> Result<StatusCode, Problem> {
    cx.client.confirm(&email, &code).await.map_err(ConfirmError)?;

    Ok(StatusCode::NO_CONTENT)
}

impl Sample for ConfirmSignUpRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            email: "ada@example.org".to_owned(),
            code: "123456".to_owned(),
        }]
    }
}
