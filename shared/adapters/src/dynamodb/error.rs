//! What can go wrong with the table.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use kernel::{
    cursor::InvalidCursor,
    error_kind::{ErrorKind, HasKind},
};

use crate::aws::{CallError, cause};

const SERVICE: &str = "the table";

/// What can go wrong with the table.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The item is not as it was when it was read: read again and decide again.
    #[error("the item changed in the meantime")]
    Changed,
    /// Others write the item all the time: at every attempt, another writer was faster.
    #[error("other writers of the item were faster at every attempt")]
    Contended,
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
    /// The table did not do what it was asked for.
    #[error(transparent)]
    Call(CallError),
}

impl StoreError {
    /// The table gave less than was asked for, again and again.
    pub(crate) fn throttled() -> Self {
        Self::Call(CallError::new(
            SERVICE,
            ErrorKind::Throttled,
            "keys of a batch are left over",
        ))
    }

    /// A request of ours that cannot be built.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Call(CallError::internal(SERVICE, cause))
    }
}

impl HasKind for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Changed => ErrorKind::Conflict,
            Self::Contended => ErrorKind::Throttled,
            Self::Cursor(_) => ErrorKind::Invalid,
            Self::Corrupt { .. } => ErrorKind::Internal,
            Self::Call(error) => error.kind(),
        }
    }
}

impl From<CallError> for StoreError {
    fn from(error: CallError) -> Self {
        match error.kind() {
            ErrorKind::Conflict => Self::Changed,
            _ => Self::Call(error),
        }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        CallError::from_sdk(SERVICE)(error).into()
    }
}

/// A transaction names its reasons one by one, by codes of their own. A failed condition or a conflict among them means that another
/// writer was faster; a busy table cancels it too.
pub(crate) fn of_transaction(error: SdkError<TransactWriteItemsError, HttpResponse>) -> StoreError {
    let reasons = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled.cancellation_reasons(),
        _ => &[],
    };
    let is_among = |codes: &[&str]| {
        reasons
            .iter()
            .any(|reason| codes.contains(&reason.code().unwrap_or_default()))
    };

    if is_among(&["ConditionalCheckFailed", "TransactionConflict"]) {
        StoreError::Changed
    } else if is_among(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        StoreError::Call(CallError::new(SERVICE, ErrorKind::Throttled, cause(&error)))
    } else {
        error.into()
    }
}
