//! Compression as on CloudFront: of some types and sizes, once per object. Only gzip, which every browser supports.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// The sizes of objects that CloudFront compresses.
const SIZES: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

/// The types that CloudFront compresses, without those of fonts and programs that Marquee does not use.
const TYPES: [&str; 22] = [
    "application/dash+xml",
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/vnd.api+json",
    "application/vnd.apple.mpegurl",
    "application/wasm",
    "application/x-javascript",
    "application/x-mpegurl",
    "application/xhtml+xml",
    "application/xml",
    "font/otf",
    "font/ttf",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/markdown",
    "text/plain",
    "text/vtt",
    "text/xml",
];

/// The compressed variant; `None` when CloudFront would not compress this.
pub(crate) fn gzip(response: Response<Bytes>) -> Option<Response<Bytes>> {
    let (mut parts, body) = response.into_parts();
    if parts.status != StatusCode::OK || !SIZES.contains(&body.len()) || !is_of_a_type(&parts.headers) {
        return None;
    }

    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::default());
    encoder.write_all(&body).ok()?;
    let compressed = encoder.finish().ok()?;

    parts
        .headers
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(compressed.len()));
    parts
        .headers
        .append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    // The bytes differ from the origin's: its strong validator becomes weak.
    let weaker = parts
        .headers
        .get(header::ETAG)
        .and_then(|etag| etag.to_str().ok())
        .map(|etag| match etag {
            etag if etag.starts_with("W/") => etag.to_owned(),
            etag => format!("W/{etag}"),
        });
    if let Some(etag) = weaker.and_then(|etag| HeaderValue::try_from(etag).ok()) {
        parts.headers.insert(header::ETAG, etag);
    }
    Some(Response::from_parts(parts, compressed.into()))
}

fn is_of_a_type(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    TYPES.contains(&essence.as_str()) && !headers.contains_key(header::CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn response(content_type: &str, size: usize) -> Response<Bytes> {
        let response = Response::builder()
            .header("content-type", content_type)
            .header("etag", "\"v1\"");
        response.body(Bytes::from(vec![b'a'; size])).unwrap()
    }

    #[test]
    fn text_is_compressed() {
        let compressed = gzip(response("text/html; charset=utf-8", 5_000)).unwrap();

        assert_eq!(compressed.headers()["content-encoding"], "gzip");
        assert_eq!(compressed.headers()["etag"], "W/\"v1\"");
        assert_eq!(compressed.headers()["vary"], "Accept-Encoding");
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(compressed.body().as_ref())
            .read_to_end(&mut text)
            .unwrap();
        assert_eq!(text, vec![b'a'; 5_000]);
    }

    #[test]
    fn other_responses_are_not_compressed() {
        assert!(gzip(response("video/mp4", 5_000)).is_none());
        assert!(gzip(response("text/html", 999)).is_none());
        let mut done = response("text/html", 5_000);
        done.headers_mut()
            .insert("content-encoding", HeaderValue::from_static("br"));
        assert!(gzip(done).is_none());
        let mut part = response("text/html", 5_000);
        *part.status_mut() = StatusCode::NOT_FOUND;
        assert!(gzip(part).is_none());
    }
}
