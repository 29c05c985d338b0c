//! The errors of the table.

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

/// An error of the table.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The item has changed since it was read: read again and decide again.
    #[error("the item changed in the meantime")]
    Changed,
    /// Another writer was faster at every attempt.
    #[error("other writers of the item were faster at every attempt")]
    Contended,
    /// A cursor of another list, or an invalid one.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// An item cannot be parsed as the kind that its key implies.
    #[error("an item of kind {kind} cannot be read: {cause}")]
    Corrupt {
        /// The expected kind.
        kind: &'static str,
        /// The parser's message.
        cause: String,
    },
    /// The call failed.
    #[error(transparent)]
    Call(CallError),
}

impl StoreError {
    /// The table left keys of a batch over at every attempt.
    pub(crate) fn throttled() -> Self {
        Self::Call(CallError::new(
            SERVICE,
            ErrorKind::Throttled,
            "keys of a batch are left over",
        ))
    }

    /// A request that cannot be built.
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

/// A canceled transaction has one reason for each write, with codes of their own. A failed condition or a conflict among them means that
/// another writer was faster; throttling cancels a transaction too.
pub(crate) fn from_transaction(error: SdkError<TransactWriteItemsError, HttpResponse>) -> StoreError {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{aws, dynamodb::Table};

    /// The kind of the error of a transaction that is canceled with this code among its reasons.
    async fn canceled_with(code: &str) -> ErrorKind {
        let answer = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
            "CancellationReasons": [{ "Code": "None" }, { "Code": code, "Message": "no" }],
        });
        let table = Table::new(&aws::answered(move |_| (400, answer.to_string())), "marquee");

        table.write_together(Vec::new()).await.unwrap_err().kind()
    }

    #[tokio::test]
    async fn the_reasons_of_a_canceled_transaction_decide_its_kind() {
        for (code, kind) in [
            ("ConditionalCheckFailed", ErrorKind::Conflict),
            ("TransactionConflict", ErrorKind::Conflict),
            ("ThrottlingError", ErrorKind::Throttled),
            ("ProvisionedThroughputExceeded", ErrorKind::Throttled),
            ("ValidationError", ErrorKind::Internal),
        ] {
            assert_eq!(canceled_with(code).await, kind, "{code}");
        }
    }
}
