//! Request bodies.

use serde_json::Value;

use super::{super::model, error::ApiError};

/// The body, if it is valid for the operation.
pub(super) fn checked(body: Value, operation: &str) -> Result<Value, ApiError> {
    let complaints = model::check(operation, &body);
    if complaints.is_empty() {
        Ok(body)
    } else {
        Err(ApiError::invalid(&complaints))
    }
}

/// A member that is text.
pub(super) fn text(body: &Value, name: &str) -> Option<String> {
    body[name].as_str().map(str::to_owned)
}
