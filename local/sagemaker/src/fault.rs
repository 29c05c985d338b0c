//! Errors in the shapes of the two protocols: json-1.1 for the control plane, rest-json for the runtime.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderName, StatusCode};
use serde_json::json;

use marquee_standin::authorize::Refusal;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Why a call of the control plane is refused.
#[derive(Debug)]
pub(super) struct Fault {
    kind: &'static str,
    status: StatusCode,
    message: String,
}

impl Fault {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self {
            kind: "ValidationException",
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }

    pub(super) fn in_use(message: impl Into<String>) -> Self {
        Self {
            kind: "ResourceInUse",
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }

    pub(super) fn serialization(error: &serde_json::Error) -> Self {
        Self {
            kind: "SerializationException",
            status: StatusCode::BAD_REQUEST,
            message: format!("the request is not JSON: {error}"),
        }
    }

    pub(super) fn unknown_operation(name: &str) -> Self {
        let message = format!("the local SageMaker has no operation {name}");
        Self {
            kind: "UnknownOperationException",
            status: StatusCode::BAD_REQUEST,
            message,
        }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn internal(error: &anyhow::Error) -> Self {
        tracing::error!("{error:#}");
        Self {
            kind: "InternalFailure",
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: error.to_string(),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let (kind, status) = match &refusal {
            Refusal::Unsigned => ("MissingAuthenticationTokenException", StatusCode::FORBIDDEN),
            Refusal::Denied { .. } => ("AccessDeniedException", StatusCode::BAD_REQUEST),
            Refusal::Credentials { code, .. } => (credentials_error(code), StatusCode::FORBIDDEN),
            Refusal::Undecided { .. } => ("InternalFailure", StatusCode::INTERNAL_SERVER_ERROR),
        };
        Self {
            kind,
            status,
            message: refusal.to_string(),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let body = json!({ "__type": self.kind, "message": self.message });
        (self.status, [(ERROR_TYPE, self.kind)], Json(body)).into_response()
    }
}

/// SageMaker's name for the emulator's reason to refuse credentials.
fn credentials_error(code: &str) -> &'static str {
    match code {
        "ExpiredTokenException" => "ExpiredTokenException",
        "InvalidSignatureException" | "SignatureDoesNotMatch" => "InvalidSignatureException",
        "InvalidClientTokenId" => "InvalidClientTokenId",
        _ => "UnrecognizedClientException",
    }
}

/// Why an invocation failed.
#[derive(Debug)]
pub(super) enum InvocationFault {
    Validation(String),
    /// 413: the request or the response exceeds the limit of serverless endpoints.
    TooLarge(String),
    /// The container answered with an error.
    Model {
        status: StatusCode,
        message: String,
    },
    /// The container did not answer in time.
    TimedOut,
    /// The endpoint's `MaxConcurrency` is exceeded.
    Throttled,
    NotReady(String),
    Refused(Refusal),
}

impl From<Refusal> for InvocationFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl IntoResponse for InvocationFault {
    fn into_response(self) -> Response {
        let (kind, status, body) = match self {
            Self::Validation(message) => (
                "ValidationError",
                StatusCode::BAD_REQUEST,
                json!({ "Message": message }),
            ),
            Self::TooLarge(message) => (
                "ValidationError",
                StatusCode::PAYLOAD_TOO_LARGE,
                json!({ "Message": message }),
            ),
            Self::NotReady(message) => (
                "ModelNotReadyException",
                StatusCode::TOO_MANY_REQUESTS,
                json!({ "Message": message }),
            ),
            // Without a message, as on AWS.
            Self::Throttled => (
                "ThrottlingException",
                StatusCode::BAD_REQUEST,
                json!({ "message": null }),
            ),
            Self::Model { status, message } => (
                "ModelError",
                StatusCode::FAILED_DEPENDENCY,
                model_error(status, &message),
            ),
            Self::TimedOut => {
                let message = "Your invocation timed out while waiting for a response from container primary.";
                (
                    "ModelError",
                    StatusCode::FAILED_DEPENDENCY,
                    model_error(StatusCode::INTERNAL_SERVER_ERROR, message),
                )
            }
            Self::Refused(refusal) => {
                let fault = Fault::from(refusal);
                let status = match fault.kind {
                    "AccessDeniedException" => StatusCode::FORBIDDEN,
                    _ => fault.status,
                };
                (fault.kind, status, json!({ "Message": fault.message }))
            }
        };
        (status, [(ERROR_TYPE, kind)], Json(body)).into_response()
    }
}

fn model_error(status: StatusCode, message: &str) -> serde_json::Value {
    let (side, code) = if status.is_client_error() {
        ("client", "CLIENT_ERROR_FROM_MODEL")
    } else {
        ("server", "INTERNAL_FAILURE_FROM_MODEL")
    };
    json!({
        "ErrorCode": code,
        "LogStreamArn": "",
        "Message": format!("Received {side} error ({}) from primary with message \"{message}\".", status.as_u16()),
        "OriginalMessage": message,
        "OriginalStatusCode": status.as_u16(),
    })
}
