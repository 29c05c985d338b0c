//! Answers of the API, and assertions on them.

use std::time::Duration;

use reqwest::{
    Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    request: String,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn read(request: String, response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("the body arrives").to_vec();

        Self {
            request,
            status,
            headers,
            body,
        }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON of a known shape, after a success.
    #[must_use]
    pub fn ok<T: DeserializeOwned>(self) -> T {
        assert!(
            self.status.is_success(),
            "{}: {} {}",
            self.request,
            self.status,
            self.text()
        );

        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.request, self.text()))
    }

    /// The body as JSON, after a success.
    #[must_use]
    pub fn json(self) -> Value {
        self.ok()
    }

    /// The pause before the next attempt, if this answer is 429.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        if self.status != StatusCode::TOO_MANY_REQUESTS {
            return None;
        }
        let header = self.headers.get(RETRY_AFTER);
        let seconds: Option<u64> = header.and_then(|value| value.to_str().ok()?.parse().ok());

        Some(Duration::from_secs(seconds.unwrap_or(1)))
    }

    /// Asserts that this is a success with a status.
    pub fn done(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.request, self.text());
    }

    /// Asserts that this is a refusal with a status.
    pub fn refused(&self, status: u16) {
        let _ = self.problem(status);
    }

    /// Asserts that this is a refusal with a status, and returns its body. Our functions answer problem documents, the gateway
    /// answers messages.
    #[must_use]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.request, self.text());
        let body: Value = serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.request, self.text()));
        let problem = body["type"].is_string() && body["title"].is_string() && body["status"] == status;

        assert!(problem || body["message"].is_string(), "{}: {body}", self.request);

        body
    }
}
