//! The caller of an operation: the signed request, and the rights of its signer.

use axum::{
    body::Bytes,
    extract::{FromRequest, OriginalUri, Request},
    http::{HeaderMap, Method, Uri},
};
use marquee_standin::authorize::SignedRequest;
use serde_json::{Map, Value};

use super::{
    super::service::{PRINCIPAL, Service},
    error::ApiError,
};

/// A request with the parts that its signature covers.
#[derive(Debug)]
pub(super) struct Caller {
    method: Method,
    /// As sent, with the prefix that the router strips.
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Caller {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let sent = request.extensions().get::<OriginalUri>().map(|uri| uri.0.clone());
        let uri = sent.unwrap_or_else(|| request.uri().clone());
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| ApiError::BadRequest(rejection.body_text()))?;
        Ok(Self {
            method,
            uri,
            headers,
            body,
        })
    }
}

impl Caller {
    /// Checks the signature, and that the caller may do `action` on `resource`.
    pub(super) async fn require(&self, service: &Service, action: &str, resource: &str) -> Result<(), ApiError> {
        let request = SignedRequest {
            method: &self.method,
            uri: &self.uri,
            headers: &self.headers,
            body: &self.body,
        };
        service.authorizer.authorize_signed(request, action, resource).await?;
        Ok(())
    }

    /// Checks that the caller may read an object.
    pub(super) async fn require_object(&self, service: &Service, bucket: &str, key: &str) -> Result<(), ApiError> {
        let object = format!("arn:aws:s3:::{bucket}/{key}");
        let authorizer = &service.authorizer;
        authorizer.authorize(&self.headers, "s3:GetObject", &object).await?;
        Ok(())
    }

    /// Checks that the caller may pass `role` to MediaConvert.
    pub(super) async fn require_passing(&self, service: &Service, role: &str) -> Result<(), ApiError> {
        let authorizer = &service.authorizer;
        authorizer.authorize_passing(&self.headers, role, PRINCIPAL).await?;
        Ok(())
    }

    /// The body, a JSON object; no body is an empty object. SDKs send different content types, so that is not checked.
    pub(super) fn body(&self) -> Result<Value, ApiError> {
        if self.body.is_empty() {
            return Ok(Value::Object(Map::new()));
        }
        match serde_json::from_slice(&self.body) {
            Ok(body @ Value::Object(_)) => Ok(body),
            Ok(_) => Err(ApiError::BadRequest(
                "The request body must be a JSON object".to_owned(),
            )),
            Err(error) => Err(ApiError::BadRequest(format!("The request body is not JSON: {error}"))),
        }
    }
}
