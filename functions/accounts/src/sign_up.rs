//! `POST /auth/sign-up`: mails a code that creates an account.

use adapters::cognito::CognitoError;
use axum::{Json, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{account::Email, rate_limit::Attempt};
use runtime::http::{Body, ClientAddress, FieldErrors, Now, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    code::{self, CodeAsked},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_up))
}

/// The address of a new account. The holder of the code decides everything else.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpRequest {
    /// Where the code is mailed.
    #[schema(format = Email, max_length = 128)]
    email: String,
}

impl Request for SignUpRequest {
    type Valid = Email;

    fn parse(self) -> Result<Email, FieldErrors> {
        self.email.parse().map_err(|error| FieldErrors::one("/email", error))
    }
}

#[utoipa::path(
    post, path = "/auth/sign-up", operation_id = "sign_up", tag = "accounts",
    summary = "Sign up",
    description = "Mails a code to an address. The holder of the code chooses the password, the name and the role. The answer is \
                   the same for an address that has an account already; its owner is mailed a code that sets a new password. A \
                   sign-up that is not confirmed within two days is deleted.",
    request_body = SignUpRequest,
    responses(
        (status = 202, description = "A code is on its way to this address", body = CodeAsked),
        (status = 422, description = "The address is not valid"),
        (status = 429, description = "Too many codes were requested: `Retry-After` says when to try again"),
    ),
)]
async fn sign_up(
    State(cx): State<Context>,
    client: ClientAddress,
    Now(now): Now,
    Body(email): Body<SignUpRequest>,
) -> Result<(StatusCode, Json<CodeAsked>), Problem> {
    let _sent = cx.limits.count(Attempt::Mail, &email, client, now).await?;

    let asked = match cx.pool.find_by_email(&email).await? {
        None => match cx.client.sign_up(&email, &random_password()).await {
            Err(CognitoError::InvalidValue(reason)) => return Err(FieldErrors::one("/email", reason).into()),
            signed_up => code::conceal(signed_up)?,
        },
        existing => code::mail(&cx, &email, existing).await?,
    };

    Ok((StatusCode::ACCEPTED, Json(asked)))
}

/// 256 random bits, which only Cognito keeps.
fn random_password() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

impl Sample for SignUpRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            email: "ada@example.org".to_owned(),
        }]
    }
}
