//! Codes that are mailed to an address. The person who reads the mail enters the code and decides about the account.
//!
//! No answer depends on whether an address has an account; only the mail does.

use std::str::FromStr;

use adapters::cognito::{CognitoError, SignUp, SignUpState};
use axum::{Json, http::StatusCode};
use domain::{account::Email, password::Password, rate_limit::Attempt};
use kernel::{Timestamp, id::AccountId};
use runtime::http::{ClientAddress, FieldErrors, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Context;

/// The six digits of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code(String);

/// The text is not six digits.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be the six digits in the mail")]
pub(crate) struct InvalidCode;

impl FromStr for Code {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let code = text.trim();
        let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());

        is_code.then(|| Self(code.to_owned())).ok_or(InvalidCode)
    }
}

/// The answer to every request for a code, whether one is mailed or not.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CodeAsked {}

impl Sample for CodeAsked {
    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// The address to mail a code to.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRequest {
    #[schema(format = Email, max_length = 128)]
    email: String,
}

impl Request for CodeRequest {
    type Valid = Email;

    fn parse(self) -> Result<Email, FieldErrors> {
        Email::try_from(self.email).map_err(|error| FieldErrors::one("/email", error))
    }
}

impl Sample for CodeRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            email: "ada@example.org".to_owned(),
        }]
    }
}

/// Mails a code to an address that has an account: one that confirms the address, or, if it is confirmed, one that sets a new
/// password. An address without an account gets no mail, and the caller gets the same answer.
pub(crate) async fn request(
    cx: &Context,
    email: &Email,
    client: ClientAddress,
    now: Timestamp,
) -> Result<(StatusCode, Json<CodeAsked>), Problem> {
    let _sent = cx.limits.count(Attempt::Mail, email, client, now).await?;
    let existing = cx.pool.find_by_email(email).await?;

    Ok((StatusCode::ACCEPTED, Json(mail(cx, email, existing).await?)))
}

/// Mails the code that fits the state of the registration. For an unknown address Cognito gets the same call and mails nothing.
pub(crate) async fn mail(cx: &Context, email: &Email, sign_up: Option<SignUp>) -> Result<CodeAsked, Problem> {
    let mailed = match sign_up.map(|sign_up| sign_up.state) {
        Some(SignUpState::Unconfirmed) => cx.client.resend_code(email).await,
        Some(SignUpState::Confirmed) | None => cx.client.forgot_password(email).await,
    };

    conceal(mailed)
}

/// Hides from the caller the errors that only an address with an account can have. The log gets them, without the address.
pub(crate) fn conceal(mailed: Result<(), CognitoError>) -> Result<CodeAsked, Problem> {
    match mailed {
        Ok(()) => {}
        Err(error @ CognitoError::Call(_)) => return Err(error.into()),
        Err(error) => tracing::warn!(cause = %error, "a requested code was not mailed: {error}"),
    }

    Ok(CodeAsked {})
}

/// Why a code was not accepted.
#[derive(Debug)]
pub(crate) enum RedeemError {
    /// It is wrong, used or expired, or its address has no account: the caller learns nothing more.
    WrongCode,
    /// The call of Cognito failed.
    Cognito(CognitoError),
}

impl From<CognitoError> for RedeemError {
    fn from(error: CognitoError) -> Self {
        match error {
            CognitoError::Call(_) => Self::Cognito(error),
            _ => Self::WrongCode,
        }
    }
}

impl From<RedeemError> for Problem {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::WrongCode => {
                let reason = "is not the code that was mailed last, or has expired: check it, or ask for another one";
                FieldErrors::one("/code", reason).into()
            }
            RedeemError::Cognito(error) => error.into(),
        }
    }
}

/// Takes a code and gives the account to its holder: sets the holder's password and ends all sessions.
///
/// A code can be used once. If this fails halfway, the address is confirmed with a password that no one knows; the next
/// requested code sets one.
pub(crate) async fn redeem(
    cx: &Context,
    email: &Email,
    Code(code): &Code,
    password: &Password,
) -> Result<AccountId, RedeemError> {
    let sign_up = cx.pool.find_by_email(email).await?;
    let id = match sign_up {
        Some(SignUp {
            id,
            state: SignUpState::Unconfirmed,
        }) => {
            cx.client.confirm(email, code).await?;
            cx.pool.set_password(id, password).await?;
            id
        }
        sign_up => {
            cx.client.reset_password(email, code, password).await?;
            sign_up.ok_or(RedeemError::WrongCode)?.id
        }
    };

    // Another person may have begun this sign-up with a password of their own, or may know the previous password.
    cx.pool.end_sessions(id).await?;

    Ok(id)
}

#[cfg(test)]
mod tests {
    use adapters::aws::CallError;
    use kernel::error_kind::ErrorKind;

    use super::*;

    #[test]
    fn a_code_is_six_digits() {
        assert_eq!(" 012345 ".parse(), Ok(Code("012345".to_owned())));
        for text in ["", "12345", "1234567", "12345x", "１２３４５６"] {
            assert_eq!(text.parse::<Code>(), Err(InvalidCode), "{text}");
        }
    }

    #[test]
    fn what_cognito_says_of_one_account_stays_with_us() {
        let account_errors = [
            CognitoError::TooManyForAccount,
            CognitoError::Refused("User is disabled.".to_owned()),
            CognitoError::InvalidValue("no verified email".to_owned()),
            CognitoError::NotDelivered,
            CognitoError::AddressTaken,
        ];

        assert!(account_errors.into_iter().all(|error| conceal(Err(error)).is_ok()));
        for kind in [ErrorKind::Throttled, ErrorKind::Unavailable, ErrorKind::Denied] {
            assert!(
                conceal(Err(CallError::new("Cognito", kind, "").into())).is_err(),
                "{kind:?}"
            );
        }
    }
}
