//! What is behind the edge: the emulator's CloudFront, which has the origins, their policies and the bucket permissions.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use marquee_standin::emulator::Emulator;

use super::functions::ViewerRequest;

/// Tells the emulator that the functions have run. No viewer may say so.
pub(crate) const FUNCTIONS_DONE: HeaderName = HeaderName::from_static("x-marquee-edge-functions");

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// How long a restarting emulator is waited for.
const RESTART: Duration = Duration::from_secs(5);
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
/// CloudFront waits 30 s for an origin; the emulator does so itself and needs a moment more.
const SLOWEST: Duration = Duration::from_secs(35);
/// Shorter than the emulator keeps idle connections.
const IDLE: Duration = Duration::from_secs(3);

/// Headers of a connection, not of a message.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OriginError {
    /// Nobody listens, or the connection broke: 502.
    #[error("the emulator cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time: 504.
    #[error("the emulator did not answer in {} s", SLOWEST.as_secs())]
    Slow,
    /// It answered that it is ill.
    #[error("the emulator answered {0}")]
    Failed(StatusCode),
    /// The path cannot be forwarded: 400.
    #[error("the address is malformed")]
    Malformed,
}

/// The way to the emulator; connections are kept.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    authority: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Origin {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build_http();
        Self {
            authority: emulator.authority().to_owned(),
            client,
        }
    }

    /// Sends a request to a distribution. The response's body has not been read yet.
    pub(crate) async fn fetch(
        &self,
        domain: &str,
        request: &ViewerRequest,
        body: Bytes,
    ) -> Result<Response<Incoming>, OriginError> {
        let query = if request.query.is_empty() {
            String::new()
        } else {
            format!("?{}", request.query)
        };
        let uri = format!("http://{}{}{query}", self.authority, request.path);
        let uri: Uri = uri.parse().map_err(|_| OriginError::Malformed)?;
        let headers = forwarded(&request.headers, domain).ok_or(OriginError::Malformed)?;

        let since = Instant::now();
        loop {
            let mut attempt = Request::new(Full::new(body.clone()));
            *attempt.method_mut() = request.method.clone();
            *attempt.uri_mut() = uri.clone();
            *attempt.headers_mut() = headers.clone();
            let error = match tokio::time::timeout(SLOWEST, self.client.request(attempt)).await {
                Ok(Ok(response)) => return Ok(received(response)),
                Ok(Err(error)) => error,
                Err(_) => return Err(OriginError::Slow),
            };
            // What was never sent may be sent again, and so may what changes nothing.
            if !(error.is_connect() || request.method.is_safe()) || since.elapsed() > RESTART {
                return Err(OriginError::Unreachable(told(&error)));
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }
}

fn forwarded(headers: &HeaderMap, domain: &str) -> Option<HeaderMap> {
    let mut headers = headers.clone();
    remove_hop_by_hop(&mut headers);
    // The body is here already, and the client writes its length.
    headers.remove(header::EXPECT);
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::HOST, HeaderValue::try_from(domain).ok()?);
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
    headers.insert(FUNCTIONS_DONE, HeaderValue::from_static("done"));
    Some(headers)
}

fn received(mut response: Response<Incoming>) -> Response<Incoming> {
    remove_hop_by_hop(response.headers_mut());
    response
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

fn told(error: &dyn std::error::Error) -> String {
    let deepest = std::iter::successors(Some(error), |error| error.source()).last();
    deepest.map_or_else(String::new, ToString::to_string)
}
