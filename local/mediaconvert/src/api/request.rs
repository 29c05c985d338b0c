//! Request bodies.

use serde_json::Value;

use super::{super::model, error::ApiError};

/// The body, if it is valid for the operation.
pub(super) fn checked(body: Value, operation: &str) -> Result<Value, ApiError> {
    let issues = model::check(operation, &body);
    if issues.is_empty() {
        Ok(body)
    } else {
        Err(ApiError::invalid(&issues))
    }
}

/// A member that is a string.
pub(super) fn text(body: &Value, name: &str) -> Option<String> {
    body[name].as_str().map(str::to_owned)
}
