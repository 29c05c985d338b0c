//! Conditional writes that return the stored item if their condition fails.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{put_item::PutItemError, update_item::UpdateItemError},
    types::error::ConditionalCheckFailedException,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::{StoreError, item::Stored};

/// An error of a write with `ReturnValuesOnConditionCheckFailure::AllOld`.
pub(crate) trait MayFailCondition {
    /// The failure of the condition, with the stored item.
    fn failed_condition(&self) -> Option<&ConditionalCheckFailedException>;
}

impl MayFailCondition for PutItemError {
    fn failed_condition(&self) -> Option<&ConditionalCheckFailedException> {
        match self {
            Self::ConditionalCheckFailedException(failed) => Some(failed),
            _ => None,
        }
    }
}

impl MayFailCondition for UpdateItemError {
    fn failed_condition(&self) -> Option<&ConditionalCheckFailedException> {
        match self {
            Self::ConditionalCheckFailedException(failed) => Some(failed),
            _ => None,
        }
    }
}

/// The result of a conditional write. `Err` is the stored item if the condition failed.
pub(crate) fn written<I, T, E>(
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Result<(), Option<I>>, StoreError>
where
    I: Stored,
    E: MayFailCondition,
    StoreError: From<SdkError<E, HttpResponse>>,
{
    let Err(error) = answer else { return Ok(Ok(())) };
    let Some(failed) = error.as_service_error().and_then(MayFailCondition::failed_condition) else {
        return Err(error.into());
    };

    Ok(Err(failed.item().cloned().map(I::from_item).transpose()?))
}
