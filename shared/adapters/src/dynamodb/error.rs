//! What can go wrong with the table.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};
use kernel::{
    cursor::InvalidCursor,
    outage::{Outage, OutageKind},
};

use crate::aws::cause;

/// What can go wrong with the table.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The item is not as it was when it was read: read again and decide again.
    #[error("the item changed in the meantime")]
    Changed,
    /// The table is busy.
    #[error("the table asks us to slow down")]
    Throttled,
    /// The table did not answer, or refused the call.
    #[error("the table did not answer: {0}")]
    Unavailable(String),
    /// A cursor of another list, or of none.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// An item cannot be read as what its key says it is.
    #[error("an item of kind {kind} cannot be read: {cause}")]
    Corrupt {
        /// What was expected.
        kind: &'static str,
        /// What the parser said.
        cause: String,
    },
}

impl Outage for StoreError {
    fn kind(&self) -> OutageKind {
        match self {
            Self::Changed => OutageKind::Overtaken,
            Self::Throttled => OutageKind::Busy,
            Self::Unavailable(_) => OutageKind::Down,
            Self::Cursor(_) => OutageKind::Refused,
            Self::Corrupt { .. } => OutageKind::Defect,
        }
    }
}

const THROTTLES: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
];

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some("ConditionalCheckFailedException" | "TransactionConflictException") => Self::Changed,
            Some(code) if THROTTLES.contains(&code) => Self::Throttled,
            _ => Self::Unavailable(cause(&error)),
        }
    }
}

/// A transaction names its reasons one by one; a failed condition or a conflict among them means that somebody was faster.
pub(crate) fn of_transaction<R>(error: SdkError<TransactWriteItemsError, R>) -> StoreError
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let codes: Vec<&str> = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled
            .cancellation_reasons()
            .iter()
            .filter_map(|reason| reason.code())
            .collect(),
        _ => vec![],
    };

    if codes
        .iter()
        .any(|code| matches!(*code, "ConditionalCheckFailed" | "TransactionConflict"))
    {
        StoreError::Changed
    } else if codes
        .iter()
        .any(|code| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded"))
    {
        StoreError::Throttled
    } else {
        error.into()
    }
}
