//! `POST /auth/confirm`: the holder of a mailed code creates the account.

use adapters::cognito::PoolUser;
use axum::{extract::State, http::StatusCode};
use domain::{
    account::{Account, DisplayName, Email, Role},
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
    OpenApiRouter::new().routes(routes!(confirm_sign_up))
}

/// The code that was mailed to an address, and the account that its holder wants.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSignUpRequest {
    #[schema(format = Email, max_length = 128)]
    email: String,
    /// The digits in the mail.
    #[schema(pattern = "^[0-9]{6}$")]
    code: String,
    /// At least 12 characters of any kind; not one of the common ones, and without the address or the name.
    #[schema(format = Password, min_length = 12, max_length = 256)]
    password: String,
    /// The name that others see.
    #[schema(min_length = 1, max_length = 64)]
    display_name: String,
    /// `creator` for people who want to upload. Whether the account becomes one at once is the installation's policy.
    #[serde(default)]
    role: AskedRole,
}

/// The roles that a person may ask for. Only admins grant the role of admins.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AskedRole {
    #[default]
    Viewer,
    Creator,
}

/// A valid confirmation.
#[derive(Debug)]
pub struct Confirmation {
    email: Email,
    code: Code,
    password: Password,
    name: DisplayName,
    role: AskedRole,
}

impl Request for ConfirmSignUpRequest {
    type Valid = Confirmation;

    /// Checks everything before the code is used, because it can be used only once.
    fn parse(self) -> Result<Confirmation, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email: Option<Email> = errors.check("/email", self.email.try_into());
        let code = errors.check("/code", self.code.parse());
        let owner = Owner {
            email: email.as_ref(),
            name: Some(&self.display_name),
        };
        let password = errors.check("/password", Password::choose(self.password, owner));
        let name = errors.check("/display_name", DisplayName::chosen(self.display_name));

        match (email, code, password, name) {
            (Some(email), Some(code), Some(password), Some(name)) => Ok(Confirmation {
                email,
                code,
                password,
                name,
                role: self.role,
            }),
            _ => Err(errors),
        }
    }
}

#[utoipa::path(
    post, path = "/auth/confirm", operation_id = "confirm_sign_up", tag = "accounts",
    summary = "Confirm an address",
    description = "Takes the code that was mailed at sign-up, and creates the account with this password, name and role. It can \
                   then sign in. If the address has an account already, the code sets its password, and its name and role stay.",
    request_body = ConfirmSignUpRequest,
    responses(
        (status = 204, description = "The account can sign in with this password"),
        (status = 422, description = "Some fields are not valid, or the code is wrong or has expired"),
        (status = 429, description = "Too many codes were tried: `Retry-After` says when to try again"),
    ),
)]
async fn confirm_sign_up(
    State(cx): State<Context>,
    client: ClientAddress,
    Now(now): Now,
    Body(confirmation): Body<ConfirmSignUpRequest>,
) -> Result<StatusCode, Problem> {
    let attempt = cx.limits.count(Attempt::Code, &confirmation.email, client, now).await?;
    let id = code::redeem(&cx, &confirmation.email, &confirmation.code, &confirmation.password).await?;
    cx.limits.give_back(attempt).await;

    // Read instead of assumed: the next code completes a confirmation that failed halfway.
    if cx.accounts.find(id).await?.is_none() {
        cx.pool.set_name(id, &confirmation.name).await?;
        let user = PoolUser {
            account: Account {
                id,
                email: confirmation.email,
                display_name: confirmation.name,
                created_at: now,
            },
            requested_role: match confirmation.role {
                AskedRole::Viewer => None,
                AskedRole::Creator => Some(Role::Creator),
            },
        };
        cx.registry.register(&user, now).await?;
        tracing::info!(account.id = %id, "{id} confirmed the address");
    }

    Ok(StatusCode::NO_CONTENT)
}

impl Sample for ConfirmSignUpRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            email: "ada@example.org".to_owned(),
            code: "271828".to_owned(),
            password: "correct horse battery staple".to_owned(),
            display_name: "Ada Lovelace".to_owned(),
            role: AskedRole::Creator,
        }]
    }
}
