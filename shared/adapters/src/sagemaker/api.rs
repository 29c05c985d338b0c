//! SageMaker's control plane. Its SDK crate has 880,000 lines for about three hundred operations, more than all our other SDKs together,
//! and Marquee needs nine of them (ADR 17).

use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_types::{error::ErrorMetadata, retry::RetryConfig, timeout::TimeoutConfig};
use kernel::error_kind::{ErrorKind, HasKind};
use serde_json::Value;

use crate::aws::{CallError, JsonApi, JsonError, Service, code_of, kind_of_failure};

const SAGEMAKER: Service = Service {
    id: "SageMaker",
    signing_name: "sagemaker",
    host: "api.sagemaker",
    target: "SageMaker",
};
/// No operation waits for the work that it starts.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The control plane. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api(JsonApi);

/// Why a call of SageMaker failed.
#[derive(Debug, thiserror::Error)]
pub enum SageMakerError {
    /// SageMaker rejects the request: the same request would be rejected again.
    #[error("SageMaker refuses with {code}: {message}")]
    Rejected {
        /// SageMaker's name of the reason.
        code: String,
        /// SageMaker's message.
        message: String,
    },
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl HasKind for SageMakerError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Rejected { .. } => ErrorKind::Internal,
            Self::Call(error) => error.kind(),
        }
    }
}

impl From<JsonError> for SageMakerError {
    fn from(error: JsonError) -> Self {
        match (kind_of_failure(&error, code_of(&error)), code_of(&error)) {
            (ErrorKind::Internal, Some(code)) => {
                let message = error.as_service_error().and_then(ErrorMetadata::message);
                Self::Rejected {
                    code: code.to_owned(),
                    message: message.unwrap_or_default().to_owned(),
                }
            }
            _ => Self::Call(CallError::from_sdk(SAGEMAKER.id)(error)),
        }
    }
}

impl Api {
    /// SageMaker in the region that `config` names.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(TIMEOUT).build();
        let config = config.to_builder().timeout_config(timeouts);
        // The state machine retries.
        let config = config.retry_config(RetryConfig::disabled()).build();

        Self(JsonApi::new(&config, SAGEMAKER))
    }

    /// Calls an operation.
    pub(crate) async fn call(&self, operation: &str, request: &Value) -> Result<Value, SageMakerError> {
        Ok(self.0.call(operation, request).await?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn answered(status: u16, body: &'static str) -> Result<Value, SageMakerError> {
        let config = crate::aws::answered(move |_| (status, body.to_owned()));

        Api::new(&config).call("DescribeEndpoint", &json!({})).await
    }

    #[tokio::test]
    async fn an_answer_is_read() {
        assert_eq!(answered(200, "").await.unwrap(), Value::Null);
        assert_eq!(answered(200, r#"{"ModelArn":"a"}"#).await.unwrap()["ModelArn"], "a");
        assert_eq!(answered(200, "<html>").await.unwrap_err().kind(), ErrorKind::Internal);
    }

    #[tokio::test]
    async fn a_rejected_request_differs_from_a_call_that_failed() {
        let rejected = answered(400, r#"{"__type":"com.amazon#ValidationException","message":"no"}"#).await;
        assert!(matches!(
            rejected,
            Err(SageMakerError::Rejected { code, message }) if code == "ValidationException" && message == "no"
        ));
        for (status, body, kind) in [
            (
                400,
                r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
                ErrorKind::Throttled,
            ),
            (
                400,
                r#"{"__type":"AccessDeniedException","message":"no"}"#,
                ErrorKind::Denied,
            ),
            (403, "", ErrorKind::Denied),
            (400, "", ErrorKind::Internal),
            (400, r#"{"__type":""}"#, ErrorKind::Internal),
            (500, r#"{"__type":"InternalFailure"}"#, ErrorKind::Unavailable),
            (503, "", ErrorKind::Unavailable),
            (502, "<html>", ErrorKind::Unavailable),
        ] {
            let error = answered(status, body).await.unwrap_err();
            assert!(matches!(error, SageMakerError::Call(_)), "{status} {body}");
            assert_eq!(error.kind(), kind, "{status} {body}");
        }
    }
}
