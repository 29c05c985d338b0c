//! Settings for tests: for services that are offline, or that a test replaces.

use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};

/// Settings without a network, for tests of the code before a call, or of calls that fail.
#[must_use]
pub fn offline() -> SdkConfig {
    let credentials = Credentials::new("id", "secret", None, None, "tests");

    SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Offline)))
        .build()
}

#[derive(Debug)]
struct Offline;

impl HttpConnector for Offline {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::other("there is no network".into(), None)))
    }
}

/// Settings that send all calls to `url`, for tests of how responses are parsed.
#[must_use]
pub fn at(url: impl Into<String>) -> SdkConfig {
    offline()
        .into_builder()
        .endpoint_url(url)
        .http_client(Builder::new().build_http())
        .build()
}

/// Settings whose calls are answered in memory by `answer`, which gets their bodies: for tests with thousands of calls.
pub fn answered(answer: impl Fn(&[u8]) -> (u16, String) + Send + Sync + 'static) -> SdkConfig {
    let connector = SharedHttpConnector::new(Answering(answer));

    offline()
        .into_builder()
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build()
}

struct Answering<F>(F);

impl<F> std::fmt::Debug for Answering<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answering")
    }
}

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
