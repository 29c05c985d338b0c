//! Sends the parts of a file: several at a time, streamed from the disk, checked by SHA-256 and retried after transient
//! failures. Memory does not grow with the size of the file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use reqwest::{Body, StatusCode, header};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::parts::{PartRange, cut};
use super::source::Source;
use crate::api::types::{Part, SignedPart, SignedParts, Upload};
use crate::api::{Api, Retry, unreachable, with_retries};
use crate::failure::{Exit, Failure, Transient};
use crate::output::parsed;

const BLOCK: usize = 128 * 1024;
/// Bytes per second of the slowest connection, which determines the timeout of a part.
const MIN_RATE: u64 = 32 * 1024;

pub(super) struct Transfer<'a> {
    pub(super) api: &'a Api,
    pub(super) source: &'a Source,
    pub(super) upload: &'a Upload,
    pub(super) parallel: usize,
    pub(super) bar: &'a ProgressBar,
}

impl Transfer<'_> {
    /// Sends the missing parts; returns all parts in order.
    pub(super) async fn run(&self) -> Result<Vec<Part>, Failure> {
        let arrived: HashMap<u32, &Part> = self.upload.parts.iter().map(|part| (part.part_number, part)).collect();
        let mut parts: Vec<Part> = stream::iter(cut(self.upload.size_bytes, self.upload.part_size))
            .map(|range| self.part(range, arrived.get(&range.number).copied()))
            .buffer_unordered(self.parallel)
            .try_collect()
            .await?;
        parts.sort_by_key(|part| part.part_number);
        Ok(parts)
    }

    async fn part(&self, range: PartRange, arrived: Option<&Part>) -> Result<Part, Failure> {
        let checksum = self.checksum(range).await?;
        if let Some(part) = arrived.filter(|part| part.checksum_sha256 == checksum) {
            self.bar.inc(range.length);
            return Ok(part.clone());
        }
        // Signed for each attempt, because an expired address is one of the transient failures.
        let etag = with_retries(Retry::Always, async || {
            let signed = self.sign(range.number, &checksum).await.map_err(|failure| Failure {
                transient: None,
                ..failure
            })?;
            self.put(&signed, range).await
        })
        .await?;
        Ok(Part {
            part_number: range.number,
            etag,
            checksum_sha256: checksum,
        })
    }

    async fn checksum(&self, range: PartRange) -> Result<String, Failure> {
        let path = self.source.path.clone();
        let hashing = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(range.offset))?;
            let mut rest = file.take(range.length);
            let mut sha256 = Sha256::new();
            let mut block = vec![0; BLOCK];
            loop {
                match rest.read(&mut block)? {
                    0 => return Ok(STANDARD.encode(sha256.finalize())),
                    read => sha256.update(&block[..read]),
                }
            }
        });
        hashing
            .await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| self.unreadable(&error))
    }

    async fn sign(&self, number: u32, checksum: &str) -> Result<SignedPart, Failure> {
        let path = format!("api/uploads/{}/parts", self.upload.upload_id);
        let body = json!({ "parts": [{ "part_number": number, "checksum_sha256": checksum }] });
        let answer: SignedParts = parsed(&self.api.post(&path, &body, Retry::Always).await?)?;
        answer
            .parts
            .into_iter()
            .find(|part| part.part_number == number)
            .ok_or_else(|| {
                Failure::new(
                    Exit::Unavailable,
                    format!("the service answered without an address for part {number}"),
                    "try again later",
                )
            })
    }

    /// Sends one part; returns its ETag.
    async fn put(&self, signed: &SignedPart, range: PartRange) -> Result<String, Failure> {
        let mut file = tokio::fs::File::open(&self.source.path)
            .await
            .map_err(|error| self.unreadable(&error))?;
        file.seek(SeekFrom::Start(range.offset))
            .await
            .map_err(|error| self.unreadable(&error))?;
        let sent = Arc::new(AtomicU64::new(0));
        let (bar, counter) = (self.bar.clone(), Arc::clone(&sent));
        let blocks = ReaderStream::with_capacity(file.take(range.length), BLOCK).inspect_ok(move |block| {
            let length = block.len() as u64;
            counter.fetch_add(length, Ordering::Relaxed);
            bar.inc(length);
        });

        let mut request = self
            .api
            .http()
            .put(&signed.url)
            .timeout(Duration::from_secs(60 + range.length / MIN_RATE))
            .header(header::CONTENT_LENGTH, range.length)
            .body(Body::wrap_stream(blocks));
        for (name, value) in signed
            .headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
        {
            request = request.header(name, value);
        }
        let answered = match request.send().await {
            Ok(response) => read_etag(response, range.number).await,
            Err(error) => Err(unreachable("the upload bucket", &error.without_url())),
        };
        if answered.is_err() {
            // Takes back what this attempt added to the bar.
            self.bar.dec(sent.load(Ordering::Relaxed));
        }
        answered
    }

    fn unreadable(&self, error: &std::io::Error) -> Failure {
        Failure::usage(
            format!("{} cannot be read: {error}", self.source.path.display()),
            "check the file and the disk",
        )
    }
}

async fn read_etag(response: reqwest::Response, number: u32) -> Result<String, Failure> {
    let status = response.status();
    if status.is_success() {
        let etag = response
            .headers()
            .get(header::ETAG)
            .and_then(|etag| etag.to_str().ok())
            .map(str::to_owned);
        return etag.ok_or_else(|| {
            Failure::new(
                Exit::Unavailable,
                format!("the bucket answered without an ETag for part {number}"),
                "try again later",
            )
        });
    }
    let body = response.text().await.unwrap_or_default();
    Err(refused(status, &body, number))
}

/// S3's refusal of a part. Its body is XML with a code, and may contain the signed address: only the code is shown.
fn refused(status: StatusCode, body: &str, number: u32) -> Failure {
    let code = body
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"))
        .map_or("", |(code, _)| code);
    let message = format!("part {number} was refused: {status} {code}");
    match code {
        "BadDigest" | "XAmzContentChecksumMismatch" | "XAmzContentSHA256Mismatch" => Failure::usage(
            format!("part {number} does not match its checksum: the file changed during the upload"),
            "wait until no program writes to it, then upload it again with --restart",
        ),
        "NoSuchUpload" => Failure::new(
            Exit::Refused,
            "the upload has ended: it expired or was aborted",
            "upload the file again with --restart",
        ),
        _ => {
            let mut failure = Failure::new(
                Exit::Unavailable,
                message,
                "run the same command again: it resumes the upload",
            );
            // A 403 is most often an expired address; the next attempt signs a new one.
            let is_transient = status == StatusCode::FORBIDDEN
                || status == StatusCode::REQUEST_TIMEOUT
                || status == StatusCode::TOO_MANY_REQUESTS
                || status.is_server_error()
                || code == "RequestTimeout";
            failure.transient = is_transient.then_some(Transient {
                unsent: false,
                retry_after: None,
            });
            failure
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(status: u16, code: &str) -> Failure {
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Resource>secret</Resource></Error>");
        refused(StatusCode::from_u16(status).unwrap(), &body, 3)
    }

    #[test]
    fn transient_refusals_are_retried() {
        assert!(refusal_of(403, "AccessDenied").transient.is_some());
        assert!(refusal_of(503, "SlowDown").transient.is_some());
        assert!(refusal_of(400, "RequestTimeout").transient.is_some());
        assert!(refusal_of(400, "BadDigest").transient.is_none());
        assert!(refusal_of(404, "NoSuchUpload").transient.is_none());
        assert_eq!(refusal_of(404, "NoSuchUpload").exit, Exit::Refused);
    }

    #[test]
    fn a_refusal_shows_the_code_and_no_address() {
        let failure = refusal_of(403, "AccessDenied");
        assert_eq!(failure.message, "part 3 was refused: 403 Forbidden AccessDenied");
        assert_eq!(failure.exit, Exit::Unavailable);
    }

    #[test]
    fn an_answer_without_xml_is_handled() {
        assert_eq!(
            refused(StatusCode::BAD_GATEWAY, "<Code>", 1).message,
            "part 1 was refused: 502 Bad Gateway "
        );
    }
}
