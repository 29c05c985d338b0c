//! The access log: one line per request, without tokens, queries and headers.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body::{Frame, SizeHint};
use tracing::info;

use super::cache::X_CACHE;

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) method: Method,
    /// Without tokens.
    pub(crate) path: String,
    pub(crate) started: Instant,
}

/// The function's CPU time, for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FunctionTime(pub(crate) Duration);

impl Line {
    pub(crate) fn begin(method: &Method, path: &str) -> Self {
        Self {
            method: method.clone(),
            path: redacted(path),
            started: Instant::now(),
        }
    }

    /// Writes the line when the response's body has been sent, or the viewer has disconnected.
    pub(crate) fn end(self, response: Response<Body>) -> Response<Body> {
        let (parts, body) = response.into_parts();
        let written = Written {
            status: parts.status,
            x_cache: parts.headers.get(X_CACHE).cloned(),
            function: parts.extensions.get::<FunctionTime>().map(|time| time.0),
            bytes: 0,
            line: self,
        };
        Response::from_parts(parts, Body::new(Counted { body, written }))
    }
}

/// Replaces tokens, which are the second names of media paths.
fn redacted(path: &str) -> String {
    match path.strip_prefix("/media/").and_then(|rest| rest.split_once('/')) {
        Some((_, rest)) => format!("/media/[token]/{rest}"),
        None if path.starts_with("/media/") => "/media/[token]".to_owned(),
        None => path.to_owned(),
    }
}

struct Counted {
    body: Body,
    written: Written,
}

struct Written {
    line: Line,
    status: StatusCode,
    x_cache: Option<HeaderValue>,
    function: Option<Duration>,
    bytes: u64,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            self.written.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let Line { method, path, started } = &self.line;
        let x_cache = self.x_cache.as_ref().and_then(|value| value.to_str().ok());
        let cache = match x_cache.and_then(|text| text.split(' ').next()) {
            Some("FunctionGeneratedResponse") => "function".to_owned(),
            Some(word) => word.to_ascii_lowercase(),
            None => "-".to_owned(),
        };
        let (status, bytes, ms) = (self.status.as_u16(), self.bytes, started.elapsed().as_millis());
        let function_us = self.function.map(|time| time.as_micros());
        info!(%method, path, status, bytes, ms, cache, function_us, "{method} {path} {status} in {ms} ms, {cache}");
    }
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn tokens_are_not_logged() {
        for (path, expected) in [
            (
                "/media/k0.1.a.b.c/asset/1/hls/master.m3u8",
                "/media/[token]/asset/1/hls/master.m3u8",
            ),
            ("/media/k0.1.a.b.c", "/media/[token]"),
            ("/media/", "/media/[token]"),
            ("/api/titles", "/api/titles"),
            ("/", "/"),
        ] {
            assert_eq!(redacted(path), expected);
        }
    }
}
