//! The errors of Cognito, in the terms of accounts.

use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use kernel::error_kind::{ErrorKind, HasKind};

use crate::aws::{CallError, code_of};

const SERVICE: &str = "Cognito";

/// An error of Cognito, in the terms of accounts.
#[derive(Debug, thiserror::Error)]
pub enum CognitoError {
    /// Another account has this address.
    #[error("the address belongs to an account already")]
    AddressTaken,
    /// The password is too weak; Cognito says why.
    #[error("{0}")]
    WeakPassword(String),
    /// The code is not the mailed one.
    #[error("this is not the code that was mailed")]
    WrongCode,
    /// The code is too old.
    #[error("the code has expired")]
    ExpiredCode,
    /// A wrong password, an unknown user, an address that is confirmed already, or an invalid token: Cognito does not say which.
    #[error("Cognito refuses: {0}")]
    Refused(String),
    /// After several wrong passwords Cognito checks none for a while. Only accounts that exist cause this error.
    #[error("too many wrong passwords")]
    Locked,
    /// A refresh token was used a second time: two clients have the session.
    #[error("a refresh token was used again")]
    Reused,
    /// The address is not confirmed yet.
    #[error("the address is not confirmed yet")]
    NotConfirmed,
    /// No user has this id or address.
    #[error("there is no such user")]
    NoSuchUser,
    /// Cognito requires more than a password.
    #[error("Cognito asks for {0}")]
    Challenged(String),
    /// The mail could not be sent.
    #[error("the code could not be mailed")]
    NotDelivered,
    /// Cognito does not accept a value.
    #[error("Cognito does not accept a value: {0}")]
    InvalidValue(String),
    /// Too many attempts or mails for one account. Only accounts that exist cause this error, so that callers must not see it.
    #[error("too many attempts for this account")]
    TooManyForAccount,
    /// Another failed call, or an unexpected response.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl CognitoError {
    /// An unexpected response.
    pub fn unexpected(error: impl std::fmt::Display) -> Self {
        Self::Call(CallError::internal(SERVICE, error))
    }
}

impl<E> From<SdkError<E, HttpResponse>> for CognitoError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let service = error.as_service_error();
        let sentence = || {
            service
                .and_then(ProvideErrorMetadata::message)
                .unwrap_or_default()
                .to_owned()
        };

        match code_of(&error) {
            Some("UsernameExistsException" | "AliasExistsException") => Self::AddressTaken,
            Some("InvalidPasswordException") => Self::WeakPassword(sentence()),
            Some("CodeMismatchException") => Self::WrongCode,
            Some("ExpiredCodeException") => Self::ExpiredCode,
            Some("NotAuthorizedException") if sentence().contains("attempts exceeded") => Self::Locked,
            Some("NotAuthorizedException" | "PasswordResetRequiredException") => Self::Refused(sentence()),
            Some("RefreshTokenReuseException") => Self::Reused,
            Some("UserNotConfirmedException") => Self::NotConfirmed,
            Some("UserNotFoundException") => Self::NoSuchUser,
            Some("CodeDeliveryFailureException") => Self::NotDelivered,
            Some("InvalidParameterException" | "UserLambdaValidationException") => Self::InvalidValue(sentence()),
            // AWS lists these as throttling too, but they limit an account and not our calls.
            Some("TooManyFailedAttemptsException" | "LimitExceededException") => Self::TooManyForAccount,
            _ => Self::Call(CallError::from_sdk(SERVICE)(error)),
        }
    }
}

impl HasKind for CognitoError {
    /// For callers that do not handle the errors of accounts.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyForAccount | Self::Locked => ErrorKind::Throttled,
            Self::NotDelivered => ErrorKind::Unavailable,
            Self::Call(error) => error.kind(),
            _ => ErrorKind::Internal,
        }
    }
}
