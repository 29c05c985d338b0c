//! Codes: mailed to an address, entered by whoever reads its mail. That person decides about the account.
//!
//! Nothing here tells a caller whether an address has an account: what is mailed differs, what is answered does not.

use std::str::FromStr;

use adapters::cognito::{CognitoError, SignUp, SignUpState};
use axum::{Json, http::StatusCode};
use domain::{account::Email, password::Password, rate_limit::Attempt};
use kernel::{Timestamp, id::AccountId};
use runtime::http::{ClientAddress, FieldErrors, Problem, Request, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Context;

/// Six digits out of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code(String);

/// The text cannot be a code.
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

/// The answer to everybody who asks for a code, whether one is mailed or not.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CodeAsked {}

impl Sample for CodeAsked {
    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// The address that a code is asked for.
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

/// Answers somebody who asks for a code. It is mailed to an address that has an account: one that confirms the address, or, if
/// it is confirmed, one that sets a new password. Nothing is mailed to an address that has none.
pub(crate) async fn mail(
    cx: &Context,
    email: &Email,
    client: ClientAddress,
    now: Timestamp,
) -> Result<(StatusCode, Json<CodeAsked>), Problem> {
    let _sent = cx.limits.count(Attempt::Mail, email, client, now).await?;
    let known = cx.pool.find_by_email(email).await?;

    Ok((StatusCode::ACCEPTED, Json(mail_to(cx, email, known).await?)))
}

/// Mails a code to an address that is known this way. An unknown one costs the same call, which mails nothing.
pub(crate) async fn mail_to(cx: &Context, email: &Email, known: Option<SignUp>) -> Result<CodeAsked, Problem> {
    let mailed = match known.map(|known| known.state) {
        Some(SignUpState::Unconfirmed) => cx.client.resend_code(email).await,
        Some(SignUpState::Confirmed) | None => cx.client.forgot_password(email).await,
    };

    unseen(mailed)
}

/// Keeps from the caller what is said only of addresses that have an account; our log has it, without the address.
pub(crate) fn unseen(mailed: Result<(), CognitoError>) -> Result<CodeAsked, Problem> {
    match mailed {
        Ok(()) => {}
        Err(error @ CognitoError::Call(_)) => return Err(error.into()),
        Err(error) => tracing::warn!(cause = %error, "a code was asked for and not mailed: {error}"),
    }

    Ok(CodeAsked {})
}

/// Why a code was not taken.
#[derive(Debug)]
pub(crate) enum RedeemError {
    /// It is wrong, used or too old, or its address has no account: the caller learns nothing more.
    NotTheCode,
    /// Cognito's fault.
    Cognito(CognitoError),
}

impl From<CognitoError> for RedeemError {
    fn from(error: CognitoError) -> Self {
        match error {
            CognitoError::Call(_) => Self::Cognito(error),
            _ => Self::NotTheCode,
        }
    }
}

impl From<RedeemError> for Problem {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::NotTheCode => {
                let reason = "is not the code that was mailed last, or has expired: check it, or ask for another one";
                FieldErrors::one("/code", reason).into()
            }
            RedeemError::Cognito(error) => error.into(),
        }
    }
}

/// Takes a code, and gives the account to its holder: the password is theirs, and whoever was signed in no longer is.
///
/// A code is good once. If this ends halfway, the address is confirmed with a password that nobody knows; the next code that
/// is asked for sets one.
pub(crate) async fn redeem(
    cx: &Context,
    email: &Email,
    Code(code): &Code,
    password: &Password,
) -> Result<AccountId, RedeemError> {
    let known = cx.pool.find_by_email(email).await?;
    let id = match known {
        Some(SignUp {
            id,
            state: SignUpState::Unconfirmed,
        }) => {
            cx.client.confirm(email, code).await?;
            cx.pool.set_password(id, password).await?;
            id
        }
        known => {
            cx.client.reset_password(email, code, password).await?;
            known.ok_or(RedeemError::NotTheCode)?.id
        }
    };

    // Another person may have begun this sign-up with a password of their own, or may know the one before.
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
        let of_an_account = [
            CognitoError::TooManyForAccount,
            CognitoError::Refused("User is disabled.".to_owned()),
            CognitoError::InvalidValue("no verified email".to_owned()),
            CognitoError::NotDelivered,
            CognitoError::AddressTaken,
        ];

        assert!(of_an_account.into_iter().all(|error| unseen(Err(error)).is_ok()));
        for kind in [ErrorKind::Throttled, ErrorKind::Unavailable, ErrorKind::Denied] {
            assert!(
                unseen(Err(CallError::new("Cognito", kind, "").into())).is_err(),
                "{kind:?}"
            );
        }
    }
}
