//! `PUT /me/password`: another password, for a caller who knows the current one.

use std::time::Duration;

use adapters::cognito::CognitoError;
use axum::{extract::State, http::StatusCode};
use domain::password::{Owner, Password};
use runtime::http::{Body, FieldErrors, Member, Now, Problem, ProblemKind, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(change_password))
}

/// The current password and the new one.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    #[schema(format = Password, max_length = 256)]
    current_password: String,
    /// At least 12 characters of any kind; not one of the common ones, and without the address or the name.
    #[schema(format = Password, min_length = 12, max_length = 256)]
    new_password: String,
}

/// A valid change. The new password is still a text, because the account's address and name decide whether it may be chosen.
pub struct PasswordChange {
    current: String,
    new: String,
}

impl Request for ChangePasswordRequest {
    type Valid = PasswordChange;

    fn parse(self) -> Result<PasswordChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        if !(1..=Password::MAX).contains(&self.current_password.chars().count()) {
            errors.refuse("/current_password", "must have 1 to 256 characters");
        }
        if self.current_password == self.new_password {
            errors.refuse("/new_password", "must differ from the current password");
        }
        let unknown_owner = Owner {
            email: None,
            name: None,
        };
        errors.check(
            "/new_password",
            Password::choose(self.new_password.clone(), unknown_owner),
        );

        if errors.is_empty() {
            Ok(PasswordChange {
                current: self.current_password,
                new: self.new_password,
            })
        } else {
            Err(errors)
        }
    }
}

/// Why the current password was not accepted.
struct CurrentPasswordError(CognitoError);

impl From<CurrentPasswordError> for Problem {
    fn from(CurrentPasswordError(error): CurrentPasswordError) -> Self {
        match error {
            CognitoError::Call(_) => error.into(),
            // After wrong guesses for this address Cognito checks no password for a while, not even the right one: for up to
            // 15 minutes ("Lockout behavior for failed sign-in attempts", Amazon Cognito Developer Guide).
            CognitoError::Locked | CognitoError::TooManyForAccount => {
                let detail = "too many wrong passwords were tried for your address, by you or by another person: \
                    try again in a minute; after further wrong passwords it takes up to 15 minutes";
                Self::new(ProblemKind::TooManyRequests, detail).retry_after(Duration::from_mins(1))
            }
            _ => FieldErrors::one("/current_password", "is not your password").into(),
        }
    }
}

#[utoipa::path(
    put, path = "/me/password", operation_id = "change_password", tag = "accounts",
    summary = "Change the password",
    description = "Sets another password and ends all sessions of the account, this one too. Sign in with the new password.",
    request_body = ChangePasswordRequest,
    responses(
        (status = 204, description = "The new password is set"),
        (status = 401, description = "The caller is not signed in, or the account does not exist any more"),
        (status = 422, description = "The current password is wrong, or the new one may not be chosen"),
        (status = 429, description = "Too many passwords were tried: `Retry-After` says when to try again"),
    ),
    security(("account" = [])),
)]
async fn change_password(
    Member(person): Member,
    State(cx): State<Context>,
    Now(now): Now,
    Body(change): Body<ChangePasswordRequest>,
) -> Result<StatusCode, Problem> {
    // Before the first call of the user pool, which all accounts share.
    cx.limits.count_pool_call(person.id, now).await?;
    // The pool's address, not the table's: a person can change it at Cognito itself.
    let user = cx.pool.find(person.id).await?;
    let account = user.ok_or_else(Problem::account_deleted)?.account;
    let owner = Owner {
        email: Some(&account.email),
        name: Some(account.display_name.as_str()),
    };
    let new = Password::choose(change.new, owner).map_err(|error| FieldErrors::one("/new_password", error))?;

    // Counted apart from sign-ins: a stranger's guesses do not block a caller who is signed in.
    let attempt = cx.limits.count_own_password(account.id, now).await?;
    match cx.client.sign_in(&account.email, &change.current).await {
        // Cognito asks for a second factor only after a right password.
        Ok(_) | Err(CognitoError::Challenged(_)) => {}
        Err(error) => return Err(CurrentPasswordError(error).into()),
    }
    cx.limits.give_back(attempt).await;
    cx.pool.set_password(account.id, &new).await?;
    cx.pool.end_sessions(account.id).await?;
    tracing::info!(account.id = %account.id, "{} changed the password", account.id);

    Ok(StatusCode::NO_CONTENT)
}

impl Sample for ChangePasswordRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            current_password: "correct horse battery staple".to_owned(),
            new_password: "another horse, another battery".to_owned(),
        }]
    }
}
