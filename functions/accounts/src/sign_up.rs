//! `POST /auth/sign-up`: a new account, to be confirmed with the code that is mailed.

use adapters::cognito::CognitoError;
use axum::extract::State;
use domain::account::{DisplayName, Email, Role};
use kernel::id::AccountId;
use runtime::http::{Body, Created, FieldErrors, Problem, Request, Sample, sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_up))
}

/// Who wants an account.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpRequest {
    /// Where the code is mailed.
    #[schema(format = Email, max_length = 128)]
    email: String,
    /// At least 10 characters with upper case, lower case and a number.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    password: String,
    /// The name that others see.
    #[schema(min_length = 1, max_length = 64)]
    display_name: String,
    /// `creator` for people who want to upload.
    #[serde(default)]
    role: AskedRole,
}

/// What somebody may ask for. Admins are made by admins.
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AskedRole {
    #[default]
    Viewer,
    Creator,
}

/// A valid sign-up.
#[derive(Debug)]
pub struct SignUp {
    email: Email,
    password: Password,
    name: DisplayName,
    role: Role,
}

/// A password that somebody chose: never shown, never logged.
struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(hidden)")
    }
}

impl Request for SignUpRequest {
    type Valid = SignUp;

    fn parse(self) -> Result<SignUp, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = errors.check("/email", self.email.parse());
        let password = errors.check("/password", chosen(self.password));
        let name = errors.check("/display_name", self.display_name.try_into());
        let role = match self.role {
            AskedRole::Viewer => Role::Viewer,
            AskedRole::Creator => Role::Creator,
        };

        match (email, password, name) {
            (Some(email), Some(password), Some(name)) => Ok(SignUp {
                email,
                password,
                name,
                role,
            }),
            _ => Err(errors),
        }
    }
}

/// What is strong enough is Cognito's to say (the pool's policy); this only keeps out what it would not understand.
fn chosen(password: String) -> Result<Password, &'static str> {
    match password.chars().count() {
        0..10 => Err("must have at least 10 characters"),
        10..=256 if password.chars().any(char::is_control) => Err("must not contain control characters"),
        10..=256 if password.trim() != password => Err("must not begin or end with a space"),
        10..=256 => Ok(Password(password)),
        _ => Err("must have at most 256 characters"),
    }
}

/// The account waits for its code.
#[derive(Serialize, ToSchema)]
pub struct SignedUp {
    account_id: AccountId,
    delivery: Delivery,
}

/// Where the code was sent.
#[derive(Serialize, ToSchema)]
struct Delivery {
    #[schema(examples("EMAIL"))]
    medium: String,
    /// The address, masked.
    #[schema(examples("a***@e***"))]
    destination: String,
}

/// Why nobody was signed up.
struct SignUpError(CognitoError);

impl From<SignUpError> for Problem {
    fn from(SignUpError(error): SignUpError) -> Self {
        match error {
            CognitoError::AddressTaken => Self::conflict(
                "there is an account with this address already: sign in, or confirm it with the mailed code",
            ),
            CognitoError::WeakPassword(reason) => FieldErrors::one("/password", reason).into(),
            CognitoError::InvalidValue(reason) => FieldErrors::one("/email", reason).into(),
            CognitoError::TooMany => Self::too_many_requests(),
            error => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/auth/sign-up", operation_id = "sign_up", tag = "accounts",
    summary = "Sign up",
    description = "Makes an account that waits to be confirmed with the code that is mailed to its address.",
    request_body = SignUpRequest,
    responses(
        (status = 201, description = "The account waits for its code", body = SignedUp),
        (status = 409, description = "There is an account with this address already"),
        (status = 422, description = "Some fields are not valid, or the password is too weak"),
    ),
)]
async fn sign_up(State(cx): State<Context>, Body(who): Body<SignUpRequest>) -> Result<Created<SignedUp>, Problem> {
    let signed_up = cx
        .client
        .sign_up(&who.email, &who.password.0, &who.name, who.role)
        .await;
    let (account_id, delivery) = signed_up.map_err(SignUpError)?;
    tracing::info!(account.id = %account_id, "{account_id} signed up");

    let delivery = Delivery {
        medium: delivery.medium,
        destination: delivery.destination,
    };
    Ok(Created {
        at: "/me".to_owned(),
        body: SignedUp { account_id, delivery },
    })
}

impl Sample for SignUpRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            email: "ada@example.org".to_owned(),
            password: "Correct-Horse-7".to_owned(),
            display_name: "Ada Lovelace".to_owned(),
            role: AskedRole::Creator,
        }]
    }
}

impl Sample for SignedUp {
    fn samples() -> Vec<Self> {
        vec![Self {
            account_id: AccountId::from_uuid(sample::uuid()),
            delivery: Delivery {
                medium: "EMAIL".to_owned(),
                destination: "a***@e***".to_owned(),
            },
        }]
    }
}
