//! AWS's JSON protocol: `POST /` with `X-Amz-Target: <prefix>.<operation>`, for services whose SDK crates compile for minutes while Marquee
//! needs few of their operations. Signing, connections, timeouts and retries are those of the SDKs (ADR 17).

use std::{fmt, time::SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials as _, SharedCredentialsProvider},
};
use aws_runtime::{recursion_detection::RecursionDetectionInterceptor, retries::classifiers::AwsErrorCodeClassifier};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime::client::{
    orchestrator::operation::Operation,
    retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput},
        result::{ConnectorError, SdkError},
        runtime_plugin::StaticRuntimePlugin,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::Layer, error::ErrorMetadata, retry::RetryConfig};
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;
use tracing::{Instrument as _, debug_span};

/// A service with this protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// Its name in configuration, as in `AWS_ENDPOINT_URL_SSM`.
    pub(crate) id: &'static str,
    /// Its name in signatures.
    pub(crate) signing_name: &'static str,
    /// The start of its host name on AWS; the region follows.
    pub(crate) host: &'static str,
    /// The prefix of operations in `X-Amz-Target`.
    pub(crate) target: &'static str,
}

/// A failed call. An error response is a service error with code and message.
pub(crate) type JsonError = SdkError<ErrorMetadata, HttpResponse>;

/// A client of one service. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct JsonApi {
    service: Service,
    operation: Operation<SignedRequest, Answer, ErrorMetadata>,
    credentials: Option<SharedCredentialsProvider>,
    region: Option<String>,
    address: String,
}

/// A request with its signature. Retries send it unchanged: a signature is valid for minutes, and backoffs take seconds.
struct SignedRequest {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Hides the signature and the content from the log.
impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest").finish_non_exhaustive()
    }
}

struct Answer(Value);

/// Hides the content from the log.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl JsonApi {
    /// A service in the region of `config`, with the timeouts and retries of `config`.
    pub(crate) fn new(config: &SdkConfig, service: Service) -> Self {
        let region = config.region().map(ToString::to_string);
        // Without a region no call is signed.
        let address = address(config, service, region.as_deref().unwrap_or_default());
        let retries = config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        // The runtime logs no answer: one has the keys of playback.
        let mut hidden = Layer::new("hidden answers");
        hidden.store_put(SensitiveOutput);
        let mut operation = Operation::builder()
            .runtime_plugin(StaticRuntimePlugin::new().with_config(hidden.freeze()))
            .service_name(service.id)
            .operation_name("call")
            .endpoint_url(&address)
            // The request is signed already.
            .no_auth()
            .standard_retry(&retries)
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
            .interceptor(RecursionDetectionInterceptor::new())
            .with_connection_poisoning();
        if let Some(timeouts) = config.timeout_config() {
            operation = operation.timeout_config(timeouts.clone());
        }
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
            .deserializer(read)
            .build();

        Self {
            service,
            operation,
            credentials: config.credentials_provider(),
            region,
            address,
        }
    }

    /// Calls an operation, in a span like those of the SDKs, from which the calls of an invocation are recorded (ADR 32).
    pub(crate) async fn call(&self, operation: &str, request: &Value) -> Result<Value, JsonError> {
        let span = debug_span!(target: "aws_sdk_json", "call", rpc.service = self.service.id, rpc.method = operation);

        self.send(operation, request).instrument(span).await
    }

    async fn send(&self, operation: &str, request: &Value) -> Result<Value, JsonError> {
        // As through an SDK: the call could not be sent.
        let unsent = |error| JsonError::dispatch_failure(ConnectorError::other(error, None));
        let credentials = self.credentials().await.map_err(unsent)?;
        let signed = self.sign(credentials, operation, request);
        let signed = signed.map_err(JsonError::construction_failure)?;

        self.operation.invoke(signed).await.map(|Answer(value)| value)
    }

    async fn credentials(&self) -> Result<Credentials, BoxError> {
        let provider = self.credentials.as_ref().ok_or("there are no credentials")?;

        Ok(provider.provide_credentials().await?)
    }

    fn sign(&self, credentials: Credentials, operation: &str, request: &Value) -> Result<SignedRequest, BoxError> {
        let identity = credentials.into();
        let region = self.region.as_deref().ok_or("there is no region")?;
        let body = request.to_string().into_bytes();
        let mut headers = vec![
            ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
            (
                "x-amz-target".to_owned(),
                format!("{}.{operation}", self.service.target),
            ),
        ];

        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service.signing_name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let shown = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signature = SignableRequest::new("POST", format!("{}/", self.address), shown, SignableBody::Bytes(&body))
            .and_then(|request| sign(request, &parameters))?;
        let (instructions, _) = signature.into_parts();
        let added = instructions.headers();
        headers.extend(added.map(|(name, value)| (name.to_owned(), value.to_owned())));

        Ok(SignedRequest { headers, body })
    }
}

/// The address of a service: that of the client's configuration, that of the environment, or the one of AWS.
fn address(config: &SdkConfig, service: Service, region: &str) -> String {
    let key = ServiceConfigKey::builder()
        .service_id(service.id)
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
        format!("https://{}.{region}.{suffix}", service.host)
    };

    configured.unwrap_or_else(aws).trim_end_matches('/').to_owned()
}

fn read(response: &HttpResponse) -> Result<Answer, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        // Some operations have an empty answer. The parser's message could quote content.
        return match body {
            [] => Ok(Answer(Value::Null)),
            body => serde_json::from_slice(body)
                .map(Answer)
                .map_err(|_| OrchestratorError::other("the response is not JSON")),
        };
    }

    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: [&str; 2]| names.iter().find_map(|name| error[*name].as_str());
    let code = response
        .headers()
        .get("x-amzn-errortype")
        .or_else(|| text(["__type", "code"]))
        .map(without_namespace)
        .filter(|code| !code.is_empty());
    let message = text(["message", "Message"]).map(ToOwned::to_owned);
    let mut answered = ErrorMetadata::builder();
    if let Some(code) = code {
        answered = answered.code(code);
    }
    answered = answered.message(message.unwrap_or_else(|| format!("HTTP {}", response.status().as_u16())));

    Err(OrchestratorError::operation(answered.build()))
}

/// `ThrottlingException` of `com.amazonaws.ssm#ThrottlingException:http://internal.amazon.com/`.
fn without_namespace(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);

    code.rsplit('#').next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use std::{
        fmt::Write as _,
        sync::{Arc, Mutex},
    };

    use aws_credential_types::{credential_fn::provide_credentials_fn, provider::error::CredentialsError};
    use kernel::error_kind::ErrorKind;
    use tracing::{Subscriber, field::Field, span::Attributes, span::Id};
    use tracing_subscriber::{
        layer::{self, Context, SubscriberExt as _},
        registry,
    };

    use super::*;
    use crate::aws::{code_of, kind_of_failure};

    const PARAMETER_STORE: Service = Service {
        id: "SSM",
        signing_name: "ssm",
        host: "ssm",
        target: "AmazonSSM",
    };

    /// The operations in whose spans SDKs, or [`JsonApi`], call, each with its service.
    #[derive(Clone, Default)]
    struct Spans(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> layer::Layer<S> for Spans {
        fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
            if attributes.metadata().target().starts_with("aws_sdk_") {
                let mut fields = String::new();
                attributes.record(&mut |field: &Field, value: &dyn fmt::Debug| {
                    let _ = write!(fields, "{field} {value:?} ");
                });
                self.0.lock().unwrap().push(fields);
            }
        }
    }

    #[tokio::test]
    async fn a_call_has_a_span_like_those_of_the_sdks() {
        let spans = Spans::default();
        // Not only in this thread: the thread that is the first to come to a span decides for all whether the span is recorded.
        tracing::subscriber::set_global_default(registry().with(spans.clone())).unwrap();
        let api = JsonApi::new(&crate::aws::answered(|_| (200, String::new())), PARAMETER_STORE);
        api.call("LabelParameterVersion", &Value::Null).await.unwrap();

        // Other tests record spans too.
        let recorded = spans.0.lock().unwrap();
        let expected = r#"rpc.service "SSM" rpc.method "LabelParameterVersion" "#;
        assert_eq!(
            recorded.iter().filter(|fields| *fields == expected).count(),
            1,
            "{recorded:?}"
        );
    }

    async fn failed(config: &SdkConfig) -> JsonError {
        let api = JsonApi::new(config, PARAMETER_STORE);

        api.call("GetParameter", &Value::Null).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_call_without_credentials_was_not_sent() {
        let none = provide_credentials_fn(|| async { Err(CredentialsError::not_loaded("offline")) });
        let config = crate::aws::answered(|_| (200, String::new())).into_builder();
        let config = config
            .credentials_provider(SharedCredentialsProvider::new(none))
            .build();
        let error = failed(&config).await;
        assert_eq!(kind_of_failure(&error, code_of(&error)), ErrorKind::Unavailable);
    }

    #[tokio::test]
    async fn a_call_without_a_region_is_refused() {
        let mut config = crate::aws::answered(|_| (200, String::new())).into_builder();
        config.set_region(None::<aws_config::Region>);
        let error = failed(&config.build()).await;
        assert_eq!(kind_of_failure(&error, code_of(&error)), ErrorKind::Internal);
    }

    #[tokio::test]
    async fn an_error_without_a_code_has_the_status() {
        let error = failed(&crate::aws::answered(|_| (413, "<html>".to_owned()))).await;
        assert_eq!(code_of(&error), None);
        assert_eq!(
            error.as_service_error().and_then(ErrorMetadata::message),
            Some("HTTP 413")
        );
    }

    #[test]
    fn the_address_of_aws_follows_from_the_region() {
        let service = Service {
            id: "SageMaker",
            signing_name: "sagemaker",
            host: "api.sagemaker",
            target: "SageMaker",
        };
        let config = crate::aws::offline();
        assert_eq!(
            address(&config, service, "eu-west-1"),
            "https://api.sagemaker.eu-west-1.amazonaws.com"
        );
        let configured = config.into_builder().endpoint_url("http://127.0.0.1:4602/").build();
        assert_eq!(address(&configured, service, "eu-west-1"), "http://127.0.0.1:4602");
    }

    #[test]
    fn a_code_is_read_without_its_namespace() {
        for code in [
            "ThrottlingException",
            "com.amazonaws.ssm#ThrottlingException",
            "ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.availability/",
        ] {
            assert_eq!(without_namespace(code), "ThrottlingException");
        }
    }
}
