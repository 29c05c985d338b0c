//! The settings that all clients share, built once per cold start.

/// The settings that all clients share.
pub use aws_config::SdkConfig;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
#[cfg(feature = "testing")]
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use kernel::outage::{Outage, OutageKind};

/// Region, credentials and endpoints as the Lambda environment gives them, with one HTTP and TLS stack for all clients.
pub async fn config() -> SdkConfig {
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();

    // Boxed: it is large, and every function holds it while it starts.
    Box::pin(aws_config::from_env().http_client(http).load()).await
}

/// Settings that lead nowhere, for tests of what happens before a call or when none gets through.
#[cfg(feature = "testing")]
#[must_use]
pub fn nowhere() -> SdkConfig {
    let credentials = aws_sdk_ssm::config::Credentials::new("nobody", "nothing", None, None, "nowhere");

    SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::from_static("us-east-1"))
        .credentials_provider(aws_sdk_ssm::config::SharedCredentialsProvider::new(credentials))
        .build()
}

/// Settings that lead to `url` whatever is asked, for tests of how answers are read.
#[cfg(feature = "testing")]
#[must_use]
pub fn at(url: impl Into<String>) -> SdkConfig {
    nowhere()
        .into_builder()
        .endpoint_url(url)
        .http_client(Builder::new().build_http())
        .build()
}

/// Settings whose calls are answered at once by `answer`, which gets their bodies: for tests that call ten thousand times.
#[cfg(feature = "testing")]
pub fn answered(answer: impl Fn(&[u8]) -> (u16, String) + Send + Sync + 'static) -> SdkConfig {
    let connector = SharedHttpConnector::new(Answering(answer));

    nowhere()
        .into_builder()
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build()
}

#[cfg(feature = "testing")]
struct Answering<F>(F);

#[cfg(feature = "testing")]
impl<F> std::fmt::Debug for Answering<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answering")
    }
}

#[cfg(feature = "testing")]
impl<F> HttpConnector for Answering<F>
where
    F: Fn(&[u8]) -> (u16, String) + Send + Sync + 'static,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, text) = (self.0)(request.body().bytes().unwrap_or_default());
        let answer = status
            .try_into()
            .map(|status| HttpResponse::new(status, text.into()))
            .map_err(|error| ConnectorError::other(Box::new(error), None));

        HttpConnectorFuture::ready(answer)
    }
}

/// A call that did not work out, for services whose refusals no rule has to tell apart.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service is busy.
    #[error("{0} asks us to slow down")]
    Throttled(&'static str),
    /// The service will not do it, however often it is asked: what is asked for does not exist, or makes no sense.
    #[error("{service} refuses: {cause}")]
    Refused {
        /// Which service.
        service: &'static str,
        /// What it said.
        cause: String,
    },
    /// The service answered, with nothing that can be used.
    #[error("{service} answers what makes no sense: {cause}")]
    Nonsense {
        /// Which service.
        service: &'static str,
        /// What is wrong with the answer.
        cause: String,
    },
    /// The service did not answer, or refused the call.
    #[error("{service} did not do its part: {cause}")]
    Failed {
        /// Which service.
        service: &'static str,
        /// What it said.
        cause: String,
    },
}

impl CallError {
    /// What went wrong with a call of `service`.
    pub(crate) fn of<E, R>(service: &'static str) -> impl Fn(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |error| match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some("SlowDown" | "ThrottlingException" | "TooManyRequestsException") => Self::Throttled(service),
            Some("ValidationError") => Self::Refused {
                service,
                cause: cause(&error),
            },
            // The model's container answered SageMaker with an error.
            Some("ModelError") => Self::Nonsense {
                service,
                cause: cause(&error),
            },
            _ => Self::Failed {
                service,
                cause: cause(&error),
            },
        }
    }

    /// An answer that makes no sense, or a request that cannot be built.
    pub(crate) fn odd(service: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Failed {
            service,
            cause: cause.to_string(),
        }
    }
}

/// An error with everything below it, as one sentence for the log. Without the request, which may hold what people typed.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |error| error.source());

    below.fold(error.to_string(), |sentence, error| format!("{sentence}: {error}"))
}

impl Outage for CallError {
    fn kind(&self) -> OutageKind {
        match self {
            Self::Throttled(_) => OutageKind::Busy,
            Self::Refused { .. } | Self::Nonsense { .. } | Self::Failed { .. } => OutageKind::Down,
        }
    }
}
