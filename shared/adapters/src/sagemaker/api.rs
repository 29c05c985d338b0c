//! SageMaker's control plane: `POST /` with `X-Amz-Target: SageMaker.<operation>`.
//!
//! Its SDK crate has 880,000 lines for about three hundred operations, more than all our other SDKs together, and Marquee needs eight
//! of them. So requests and answers are JSON here; signing, connections and timeouts are those of the SDKs (ADR 17).

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::{body::SdkBody, timeout::TimeoutConfig};
use aws_types::service_config::ServiceConfigKey;
use kernel::error_kind::{ErrorKind, HasKind};
use serde_json::Value;

use crate::aws::{CallError, cause, kind_of, kind_of_failure};

/// The name of the service in configuration.
const SERVICE_ID: &str = "SageMaker";
/// The name of the service in signatures.
const SIGNING_NAME: &str = "sagemaker";
/// No operation waits for the work that it starts.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The control plane. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    operation: Operation<SignedRequest, Answer, NoServiceError>,
    credentials: Option<SharedCredentialsProvider>,
    region: String,
    address: String,
}

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

struct SignedRequest {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Hides the signature from the log.
impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    body: Vec<u8>,
}

/// Error statuses are answers here.
#[derive(Debug)]
struct NoServiceError;

impl fmt::Display for NoServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreachable")
    }
}

impl std::error::Error for NoServiceError {}

impl Api {
    /// SageMaker in the region that `config` names.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let region = config.region().map_or("us-east-1", AsRef::as_ref).to_owned();
        let address = address(config, &region);
        let mut operation = Operation::builder()
            .service_name(SERVICE_ID)
            .operation_name("call")
            .endpoint_url(&address)
            // The request is signed already.
            .no_auth()
            // The state machine retries.
            .no_retry()
            .with_connection_poisoning()
            .timeout_config(TimeoutConfig::builder().operation_timeout(TIMEOUT).build());
        if let Some(client) = config.http_client() {
            operation = operation.http_client(client);
        }
        if let Some(sleep) = config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        let operation = operation
            .serializer(|signed: SignedRequest| {
                let mut request = HttpRequest::new(SdkBody::from(signed.body));
                request.set_method("POST")?;
                request.set_uri("/")?;
                for (name, value) in signed.headers {
                    request.headers_mut().try_insert(name, value)?;
                }
                Ok(request)
            })
            .deserializer(|response: &HttpResponse| {
                Ok(Answer {
                    status: response.status().as_u16(),
                    body: response.body().bytes().unwrap_or_default().to_vec(),
                })
            })
            .build();

        Self {
            operation,
            credentials: config.credentials_provider(),
            region,
            address,
        }
    }

    /// Calls an operation.
    pub(crate) async fn call(&self, operation: &str, request: &Value) -> Result<Value, SageMakerError> {
        let signed = self.sign(operation, request).await?;
        let answer = self.operation.invoke(signed).await;
        let answer =
            answer.map_err(|error| CallError::new(SERVICE_ID, kind_of_failure(&error, None), cause(&error)))?;

        read(&answer)
    }

    async fn sign(&self, operation: &str, request: &Value) -> Result<SignedRequest, SageMakerError> {
        let provider = self
            .credentials
            .as_ref()
            .ok_or_else(|| internal("there are no credentials"))?;
        let credentials = provider.provide_credentials().await;
        let identity = credentials.map_err(internal)?.into();
        let body = request.to_string().into_bytes();
        let mut headers = vec![
            ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target".to_owned(), format!("SageMaker.{operation}")),
        ];

        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SIGNING_NAME)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(internal)?
            .into();
        let shown = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signature = SignableRequest::new("POST", format!("{}/", self.address), shown, SignableBody::Bytes(&body))
            .and_then(|request| sign(request, &parameters))
            .map_err(internal)?;
        let (instructions, _) = signature.into_parts();
        let added = instructions.headers();
        headers.extend(added.map(|(name, value)| (name.to_owned(), value.to_owned())));

        Ok(SignedRequest { headers, body })
    }
}

fn internal(cause: impl fmt::Display) -> SageMakerError {
    SageMakerError::Call(CallError::internal(SERVICE_ID, cause))
}

/// The address of SageMaker: that of the client's configuration, that of the environment, or the one of AWS.
fn address(config: &SdkConfig, region: &str) -> String {
    let key = ServiceConfigKey::builder()
        .service_id(SERVICE_ID)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let configured = match config.endpoint_url() {
        Some(url) if config.get_origin("endpoint_url").is_client_config() => Some(url.to_owned()),
        url => config
            .service_config()
            .zip(key.ok())
            .and_then(|(settings, key)| settings.load_config(key))
            .or_else(|| url.map(ToOwned::to_owned)),
    };
    let aws = || {
        let suffix = if region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!("https://api.sagemaker.{region}.{suffix}")
    };

    configured.unwrap_or_else(aws).trim_end_matches('/').to_owned()
}

fn read(answer: &Answer) -> Result<Value, SageMakerError> {
    let parse = |body: &[u8]| serde_json::from_slice::<Value>(body);
    if (200..300).contains(&answer.status) {
        // Some operations have an empty answer.
        return match answer.body.as_slice() {
            [] => Ok(Value::Null),
            body => parse(body).map_err(internal),
        };
    }
    let error = parse(&answer.body).unwrap_or_default();
    let text = |names: [&str; 2]| names.iter().find_map(|name| error[*name].as_str()).unwrap_or_default();
    let code = text(["__type", "code"]);
    let code = code.rsplit('#').next().unwrap_or(code);

    let message = text(["message", "Message"]);
    let kind = kind_of(Some(code), Some(answer.status));
    if kind == ErrorKind::Internal && !code.is_empty() {
        return Err(SageMakerError::Rejected {
            code: code.to_owned(),
            message: message.to_owned(),
        });
    }
    let cause = format!("it answered {} {code}: {message}", answer.status);

    Err(CallError::new(SERVICE_ID, kind, cause).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Result<Value, SageMakerError> {
        read(&Answer {
            status,
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn an_answer_is_read() {
        assert_eq!(answered(200, "").unwrap(), Value::Null);
        assert_eq!(answered(200, r#"{"ModelArn":"a"}"#).unwrap()["ModelArn"], "a");
        assert_eq!(answered(200, "<html>").unwrap_err().kind(), ErrorKind::Internal);
    }

    #[test]
    fn a_rejected_request_differs_from_a_call_that_failed() {
        let rejected = answered(400, r#"{"__type":"com.amazon#ValidationException","message":"no"}"#);
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
            (500, r#"{"__type":"InternalFailure"}"#, ErrorKind::Unavailable),
            (503, "", ErrorKind::Unavailable),
            (502, "<html>", ErrorKind::Unavailable),
        ] {
            let error = answered(status, body).unwrap_err();
            assert!(matches!(error, SageMakerError::Call(_)), "{status} {body}");
            assert_eq!(error.kind(), kind, "{status} {body}");
        }
    }

    #[test]
    fn the_address_of_aws_follows_from_the_region() {
        let config = crate::aws::offline();
        assert_eq!(
            address(&config, "eu-west-1"),
            "https://api.sagemaker.eu-west-1.amazonaws.com"
        );
        let configured = config.into_builder().endpoint_url("http://127.0.0.1:4602/").build();
        assert!(address(&configured, "eu-west-1").starts_with("http://127.0.0.1:4602"));
    }
}
