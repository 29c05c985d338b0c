//! A cached object, and the responses from it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use jiff::{Timestamp, fmt::rfc2822};

use super::range::{Range, parse};

/// `X-Cache`: the origin of a response.
pub(crate) const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// A whole object with the origin's headers.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The origin's validator; the one in `headers` is weak if the edge compressed the body.
    pub(crate) origin_etag: Option<HeaderValue>,
    pub(crate) stored: Timestamp,
    pub(crate) fresh_until: Timestamp,
}

impl Entry {
    /// Caches a response for `lifetime`.
    pub(crate) fn new(response: Response<Bytes>, lifetime: Duration, now: Timestamp) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            origin_etag: parts.headers.get(header::ETAG).cloned(),
            headers: parts.headers,
            body,
            stored: now,
            fresh_until: after(now, lifetime),
        }
    }

    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }

    /// The object after the origin has revalidated it, with the new headers.
    pub(crate) fn refreshed(&self, headers: &HeaderMap, lifetime: Duration, now: Timestamp) -> Self {
        let mut entry = self.clone();
        for name in [header::CACHE_CONTROL, header::EXPIRES, header::DATE] {
            if let Some(value) = headers.get(&name) {
                entry.headers.insert(name, value.clone());
            }
        }
        entry.stored = now;
        entry.fresh_until = after(now, lifetime);
        entry
    }

    /// The same object with a longer lifetime, because the origin fails.
    pub(crate) fn extended(&self, by: Duration, now: Timestamp) -> Self {
        Self {
            fresh_until: after(now, by),
            ..self.clone()
        }
    }

    /// Its approximate size in memory.
    pub(crate) fn size(&self) -> usize {
        self.body.len()
            + self
                .headers
                .iter()
                .map(|(name, value)| name.as_str().len() + value.len())
                .sum::<usize>()
            + 512
    }

    /// Answers a GET or HEAD from this object: whole, a part, or not modified.
    pub(crate) fn answer(
        &self,
        method: &Method,
        request: &HeaderMap,
        x_cache: &'static str,
        now: Timestamp,
    ) -> Response<Bytes> {
        let mut headers = self.headers.clone();
        headers.insert(X_CACHE, HeaderValue::from_static(x_cache));
        let age = (now - self.stored).get_seconds().max(0);
        if !x_cache.starts_with("Miss") {
            headers.insert(header::AGE, HeaderValue::from(age));
        }
        let (status, body) = self.selected(request, &mut headers);
        let mut response = Response::new(if method == Method::HEAD { Bytes::new() } else { body });
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    fn selected(&self, request: &HeaderMap, headers: &mut HeaderMap) -> (StatusCode, Bytes) {
        if self.status != StatusCode::OK {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
            return (self.status, self.body.clone());
        }
        if self.is_not_modified(request) {
            headers.remove(header::CONTENT_LENGTH);
            return (StatusCode::NOT_MODIFIED, Bytes::new());
        }

        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let length = self.body.len() as u64;
        let range = text(request, &header::RANGE).filter(|_| self.range_applies(request));
        let (status, body) = match parse(range, length) {
            Range::Whole => (StatusCode::OK, self.body.clone()),
            Range::Part { first, last } => {
                headers.insert(header::CONTENT_RANGE, content_range(&format!("{first}-{last}"), length));
                let at = |byte: u64| usize::try_from(byte).unwrap_or(self.body.len());
                (
                    StatusCode::PARTIAL_CONTENT,
                    self.body.slice(at(first)..at(last + 1).min(self.body.len())),
                )
            }
            Range::Unsatisfiable => {
                headers.insert(header::CONTENT_RANGE, content_range("*", length));
                (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new())
            }
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        (status, body)
    }

    /// `If-None-Match`, else `If-Modified-Since`.
    fn is_not_modified(&self, request: &HeaderMap) -> bool {
        if let Some(known) = text(request, &header::IF_NONE_MATCH) {
            let Some(ours) = text(&self.headers, &header::ETAG) else {
                return false;
            };
            let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
            return known.trim() == "*" || known.split(',').any(|tag| bare(tag) == bare(ours));
        }
        let since = text(request, &header::IF_MODIFIED_SINCE).and_then(date);
        let modified = text(&self.headers, &header::LAST_MODIFIED).and_then(date);
        since.zip(modified).is_some_and(|(since, modified)| modified <= since)
    }

    /// `If-Range`: whether the range is for this version.
    fn range_applies(&self, request: &HeaderMap) -> bool {
        let Some(condition) = text(request, &header::IF_RANGE) else {
            return true;
        };
        let ours = text(&self.headers, &header::ETAG);
        let modified = text(&self.headers, &header::LAST_MODIFIED);
        (ours == Some(condition) && !condition.starts_with("W/")) || modified == Some(condition)
    }
}

fn after(now: Timestamp, lifetime: Duration) -> Timestamp {
    now.checked_add(lifetime).unwrap_or(Timestamp::MAX)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn date(value: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(value).ok()
}

fn content_range(part: &str, length: u64) -> HeaderValue {
    HeaderValue::try_from(format!("bytes {part}/{length}")).unwrap_or_else(|_| HeaderValue::from_static("bytes */*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn entry() -> Entry {
        let response = Response::builder()
            .header(header::ETAG, "\"v1\"")
            .header(header::LAST_MODIFIED, "Thu, 01 Jan 2026 00:00:00 GMT")
            .header(header::CONTENT_TYPE, "video/mp2t")
            .body(Bytes::from_static(b"0123456789"));
        Entry::new(response.unwrap(), Duration::from_mins(1), at(0))
    }

    fn ask(method: &Method, headers: &[(&'static str, &'static str)]) -> Response<Bytes> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        entry().answer(method, &headers.collect(), "Hit from cloudfront", at(7))
    }

    #[test]
    fn an_object_is_fresh_for_its_lifetime_and_has_its_age() {
        assert!(entry().is_fresh(at(59)));
        assert!(!entry().is_fresh(at(60)));

        let whole = ask(&Method::GET, &[]);
        assert_eq!(
            (whole.status(), whole.body().as_ref()),
            (StatusCode::OK, b"0123456789".as_slice())
        );
        assert_eq!(whole.headers()[header::AGE], "7");
        assert_eq!(whole.headers()[X_CACHE], "Hit from cloudfront");
        assert_eq!(whole.headers()[header::CONTENT_LENGTH], "10");
    }

    #[test]
    fn head_has_the_headers_only() {
        let head = ask(&Method::HEAD, &[]);
        assert_eq!(head.headers()[header::CONTENT_LENGTH], "10");
        assert!(head.body().is_empty());
    }

    #[test]
    fn parts_are_cut_from_the_whole() {
        let part = ask(&Method::GET, &[("range", "bytes=2-4")]);
        assert_eq!(
            (part.status(), part.body().as_ref()),
            (StatusCode::PARTIAL_CONTENT, b"234".as_slice())
        );
        assert_eq!(part.headers()[header::CONTENT_RANGE], "bytes 2-4/10");
        assert_eq!(part.headers()[header::CONTENT_LENGTH], "3");

        let beyond = ask(&Method::GET, &[("range", "bytes=10-")]);
        assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(beyond.headers()[header::CONTENT_RANGE], "bytes */10");

        for condition in ["\"v1\"", "Thu, 01 Jan 2026 00:00:00 GMT"] {
            let part = ask(&Method::GET, &[("range", "bytes=0-0"), ("if-range", condition)]);
            assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{condition}");
        }
        let other_version = ask(&Method::GET, &[("range", "bytes=0-0"), ("if-range", "\"v0\"")]);
        assert_eq!(other_version.status(), StatusCode::OK);
    }

    #[test]
    fn conditional_requests_are_answered() {
        for (name, value, expected) in [
            ("if-none-match", "\"v1\"", 304),
            ("if-none-match", "\"v0\", W/\"v1\"", 304),
            ("if-none-match", "*", 304),
            ("if-none-match", "\"v0\"", 200),
            ("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT", 304),
            ("if-modified-since", "Wed, 31 Dec 2025 00:00:00 GMT", 200),
            ("if-modified-since", "whenever", 200),
        ] {
            assert_eq!(
                ask(&Method::GET, &[(name, value)]).status(),
                expected,
                "{name}: {value}"
            );
        }
        let tag_first = ask(
            &Method::GET,
            &[
                ("if-none-match", "\"v0\""),
                ("if-modified-since", "Fri, 01 Jan 2027 00:00:00 GMT"),
            ],
        );
        assert_eq!(tag_first.status(), StatusCode::OK);
    }

    #[test]
    fn an_error_is_returned_unchanged() {
        let response = Response::builder()
            .status(404)
            .body(Bytes::from_static(b"none"))
            .unwrap();
        let error = Entry::new(response, Duration::from_secs(10), at(0));
        let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=0-0"))]);

        let answer = error.answer(&Method::GET, &headers, "Error from cloudfront", at(1));

        assert_eq!(
            (answer.status(), answer.body().as_ref()),
            (StatusCode::NOT_FOUND, b"none".as_slice())
        );
    }

    #[test]
    fn a_revalidated_object_is_fresh() {
        let refreshed = entry().refreshed(&HeaderMap::new(), Duration::from_mins(1), at(100));
        assert!(refreshed.is_fresh(at(159)));
        assert_eq!(refreshed.stored, at(100));
        assert!(entry().extended(Duration::from_secs(10), at(100)).is_fresh(at(109)));
    }
}
