//! The settings that all clients share, built once per cold start, and the classification of their errors.

mod error;
mod json_api;
#[cfg(any(test, feature = "testing"))]
mod testing;
mod tls;

use std::env;

/// The settings that all clients share.
pub use aws_config::SdkConfig;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

pub use self::error::CallError;
#[cfg(any(test, feature = "testing"))]
pub use self::testing::{answered, at, offline};
pub(crate) use self::{
    error::{cause, code_of, kind_of, kind_of_failure},
    json_api::{JsonApi, JsonError, Service},
};

/// Region, credentials and endpoints of the Lambda environment, with one HTTP and TLS stack for all clients.
#[expect(
    clippy::disallowed_methods,
    reason = "what aws-config reads, the clients' trust store reads too"
)]
pub async fn config() -> SdkConfig {
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls::context(|name| env::var(name).ok()))
        .build_https();

    // Boxed: the future is large, and every function holds it while it starts.
    Box::pin(aws_config::from_env().http_client(http).load()).await
}
