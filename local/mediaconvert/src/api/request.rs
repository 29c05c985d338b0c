//! Request bodies.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use serde_json::{Map, Value};

use super::{super::model, error::ApiError};

/// A JSON object; no body is an empty one. SDKs do not agree on the content type, so it is not looked at.
#[derive(Clone, Debug)]
pub(super) struct Body(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| ApiError::BadRequest(rejection.body_text()))?;
        if bytes.is_empty() {
            return Ok(Self(Value::Object(Map::new())));
        }
        match serde_json::from_slice(&bytes) {
            Ok(body @ Value::Object(_)) => Ok(Self(body)),
            Ok(_) => Err(ApiError::BadRequest(
                "The request body must be a JSON object".to_owned(),
            )),
            Err(error) => Err(ApiError::BadRequest(format!("The request body is not JSON: {error}"))),
        }
    }
}

impl Body {
    /// The body, if the operation's model has nothing against it.
    pub(super) fn checked(self, operation: &str) -> Result<Value, ApiError> {
        let complaints = model::check(operation, &self.0);
        if complaints.is_empty() {
            Ok(self.0)
        } else {
            Err(ApiError::invalid(&complaints))
        }
    }
}

/// A member that is text.
pub(super) fn text(body: &Value, name: &str) -> Option<String> {
    body[name].as_str().map(str::to_owned)
}
