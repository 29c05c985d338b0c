//! The origin of the edge: the emulator's CloudFront, which has the real origins, their policies and the bucket permissions.

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

/// Marks requests whose functions have run. It is removed from viewers' requests.
pub(crate) const FUNCTIONS_DONE: HeaderName = HeaderName::from_static("x-marquee-edge-functions");

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// How long a request waits for a restart of the emulator.
const RESTART_TIMEOUT: Duration = Duration::from_secs(5);
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// More than the emulator's own timeout of 30 s for an origin, which is CloudFront's.
const TIMEOUT: Duration = Duration::from_secs(35);
/// Shorter than the emulator's timeout of idle connections.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3);

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
    /// The connection failed: 502.
    #[error("the emulator cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time: 504.
    #[error("the emulator did not answer in {} s", TIMEOUT.as_secs())]
    Timeout,
    /// It answered with a server error.
    #[error("the emulator answered {0}")]
    Failed(StatusCode),
    /// The path cannot be forwarded: 400.
    #[error("the address is malformed")]
    Malformed,
}

/// A client of the emulator, with a pool of connections.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Origin {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build_http();
        Self {
            url: emulator.url(),
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
        let uri = format!("{}{}{query}", self.url, request.path);
        let uri: Uri = uri.parse().map_err(|_| OriginError::Malformed)?;
        let headers = forwarded(&request.headers, domain).ok_or(OriginError::Malformed)?;

        let started = Instant::now();
        loop {
            let mut attempt = Request::new(Full::new(body.clone()));
            *attempt.method_mut() = request.method.clone();
            *attempt.uri_mut() = uri.clone();
            *attempt.headers_mut() = headers.clone();
            let error = match tokio::time::timeout(TIMEOUT, self.client.request(attempt)).await {
                Ok(Ok(response)) => return Ok(received(response)),
                Ok(Err(error)) => error,
                Err(_) => return Err(OriginError::Timeout),
            };
            // A request can be repeated if it was not sent, or if its method is safe.
            if !(error.is_connect() || request.method.is_safe()) || started.elapsed() > RESTART_TIMEOUT {
                return Err(OriginError::Unreachable(root_cause(&error)));
            }
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }
}

fn forwarded(headers: &HeaderMap, domain: &str) -> Option<HeaderMap> {
    let mut headers = headers.clone();
    remove_hop_by_hop(&mut headers);
    // The body has been read, and the client writes its length.
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

fn root_cause(error: &dyn std::error::Error) -> String {
    let deepest = std::iter::successors(Some(error), |error| error.source()).last();
    deepest.map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpSocket},
        time::sleep,
    };

    use super::*;

    fn request(method: Method) -> ViewerRequest {
        ViewerRequest {
            method,
            path: "/api/titles".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
        }
    }

    /// Answers one request with 200.
    async fn answer_one(listener: TcpListener) {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_request_waits_until_the_emulator_runs_again() {
        // Connections are refused until it listens. No other program gets the port: it is bound.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let port = socket.local_addr().unwrap().port();
        let origin = Origin::new(&Emulator::new(port, "root".to_owned()));
        let restart = async {
            sleep(3 * RETRY_DELAY).await;
            answer_one(socket.listen(1).unwrap()).await;
        };

        // Even one that is not safe: no attempt before was sent.
        let request = request(Method::POST);
        let (response, ()) = tokio::join!(origin.fetch("d.example", &request, Bytes::new()), restart);

        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }
}
