//! What Cognito says, in the terms of accounts.

use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use kernel::error_kind::{ErrorKind, HasKind};

use crate::aws::{CallError, code_of};

const SERVICE: &str = "Cognito";

/// Why Cognito refused, in the terms of accounts.
#[derive(Debug, thiserror::Error)]
pub enum CognitoError {
    /// There is an account with this address.
    #[error("the address belongs to an account already")]
    AddressTaken,
    /// The password is too weak; Cognito says why.
    #[error("{0}")]
    WeakPassword(String),
    /// Not the mailed code.
    #[error("this is not the code that was mailed")]
    WrongCode,
    /// The code is too old.
    #[error("the code has expired")]
    ExpiredCode,
    /// Wrong password, no such user, confirmed already, or a token that is not good any more: Cognito does not tell.
    #[error("Cognito refuses: {0}")]
    Refused(String),
    /// After wrong passwords, Cognito looks at none for a while: said only of accounts that exist.
    #[error("too many wrong passwords")]
    Locked,
    /// A refresh token came back that was exchanged for another one: two have the session.
    #[error("a refresh token was used again")]
    Reused,
    /// The address was not confirmed yet.
    #[error("the address is not confirmed yet")]
    NotConfirmed,
    /// Nobody has this name.
    #[error("there is no such user")]
    NoSuchUser,
    /// Cognito wants something more than a password.
    #[error("Cognito asks for {0}")]
    Challenged(String),
    /// The mail could not be sent.
    #[error("the code could not be mailed")]
    NotDelivered,
    /// A value that Cognito does not take.
    #[error("Cognito does not take a value: {0}")]
    InvalidValue(String),
    /// Too many attempts or mails for one account: said only about accounts that exist, so that callers must not learn of it.
    #[error("too many attempts for this account")]
    TooManyForAccount,
    /// Cognito did not do what it was asked for, or gave an answer that makes no sense.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl CognitoError {
    /// An answer that makes no sense.
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
            // In AWS's list of throttles too; of an account, and not of our calls.
            Some("TooManyFailedAttemptsException" | "LimitExceededException") => Self::TooManyForAccount,
            _ => Self::Call(CallError::from_sdk(SERVICE)(error)),
        }
    }
}

impl HasKind for CognitoError {
    /// For calls that have no refusal of their own to report.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyForAccount | Self::Locked => ErrorKind::Throttled,
            Self::NotDelivered => ErrorKind::Unavailable,
            Self::Call(error) => error.kind(),
            _ => ErrorKind::Internal,
        }
    }
}
