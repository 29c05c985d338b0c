//! Error answers as failures: the service's problems (RFC 9457) and the gateway's `{"message"}`.

use std::fmt::Write as _;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Exit, Failure, Transient};

/// Characters of a foreign body that are shown.
const MAX_EXCERPT: usize = 200;

#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Debug, Deserialize)]
struct FieldProblem {
    #[serde(default)]
    pointer: String,
    detail: String,
}

/// Reads an error answer.
pub(super) fn failure(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Failure {
    let document: Option<Value> = serde_json::from_slice(body).ok();
    let problem: Problem = document
        .as_ref()
        .and_then(|document| Problem::deserialize(document).ok())
        .unwrap_or_default();
    let exit = exit(status);
    let mut message = problem
        .detail
        .or(problem.message)
        .or(problem.title)
        .unwrap_or_else(|| format!("the service answered {status}{}", excerpt(body)));
    // Below, all fields are listed.
    message = message.replace(": see `errors`", "");
    let sentence = message.clone();
    // The sentence often names a single wrong field already.
    let unnamed = problem.errors.iter().filter(|error| !sentence.contains(&error.detail));
    for error in unnamed {
        _ = write!(message, "\n  {}: {}", error.pointer, error.detail);
    }

    Failure {
        exit,
        message,
        advice: advice(status, retry_after, problem.request_id.as_deref()),
        problem: document.filter(|_| !problem.kind.is_empty()),
        transient: transient(status, retry_after),
        status: Some(status.as_u16()),
    }
}

/// The exit code for a status.
fn exit(status: StatusCode) -> Exit {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::Forbidden,
        StatusCode::NOT_FOUND => Exit::NotFound,
        StatusCode::TOO_MANY_REQUESTS => Exit::Unavailable,
        status if status.is_client_error() => Exit::Refused,
        _ => Exit::Unavailable,
    }
}

fn advice(status: StatusCode, retry_after: Option<Duration>, request_id: Option<&str>) -> String {
    match status {
        StatusCode::UNAUTHORIZED => "sign in again with `marquee sign-in`".into(),
        StatusCode::FORBIDDEN => {
            "sign in with an account that may do this; `marquee whoami` shows the current one".into()
        }
        StatusCode::NOT_FOUND => "check the id; `marquee titles --mine` lists yours".into(),
        StatusCode::CONFLICT => "check its state with `marquee title ID`".into(),
        StatusCode::TOO_MANY_REQUESTS => match retry_after {
            Some(wait) => format!("try again in {}", in_words(wait)),
            None => "wait a minute and try again".into(),
        },
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => "correct it and try again".into(),
        StatusCode::PAYLOAD_TOO_LARGE => "use a smaller file".into(),
        status if status.is_server_error() => match request_id {
            Some(id) => format!("try again later; if it keeps happening, give the operator this request id: {id}"),
            None => "try again later; if it keeps happening, contact the operator".into(),
        },
        _ => "check that --url is the address of Marquee".into(),
    }
}

/// Whether the same request may succeed later.
fn transient(status: StatusCode, retry_after: Option<Duration>) -> Option<Transient> {
    let not_executed = status == StatusCode::TOO_MANY_REQUESTS;
    let is_transient = not_executed || status == StatusCode::REQUEST_TIMEOUT || status.is_server_error();
    is_transient.then_some(Transient {
        unsent: not_executed,
        retry_after,
    })
}

/// A time to wait, rounded up: `60 s`, `3 min`, `24 h`.
fn in_words(wait: Duration) -> String {
    match wait.as_secs() {
        seconds @ 0..=120 => format!("{seconds} s"),
        seconds @ 121..=7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    // A page of HTML does not help on a terminal.
    if text.is_empty() || text.starts_with('<') {
        return String::new();
    }
    format!(": {}", text.chars().take(MAX_EXCERPT).collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::failure::tests::entry;

    /// An answer with a problem of the service: its kind, status and body.
    fn problem<'a>(status: u16, kind: &'a str, detail: &str, errors: &[(&str, &str)]) -> (&'a str, u16, String) {
        let errors: Vec<_> = errors
            .iter()
            .map(|(pointer, detail)| json!({ "pointer": pointer, "detail": detail }))
            .collect();
        let document = json!({
            "type": format!("/problems/{kind}"),
            "title": "The kind in a few words",
            "status": status,
            "detail": detail,
            "instance": "/api/titles",
            "request_id": "r-1",
            "errors": errors,
        });
        (kind, status, document.to_string())
    }

    #[test]
    fn problems_read_as_in_the_snapshot() {
        let two_fields = [("/name", "must not be empty"), ("/genres/0", "is not a genre")];
        let answers = [
            problem(400, "invalid-request", "the query has an unknown parameter", &[]),
            problem(401, "unauthorized", "the email address or the password is wrong", &[]),
            problem(403, "forbidden", "only creators may do this", &[]),
            problem(404, "not-found", "there is no such title", &[]),
            problem(405, "method-not-allowed", "this address answers to GET", &[]),
            problem(409, "conflict", "the title is not published", &[]),
            problem(413, "payload-too-large", "the body is too large", &[]),
            problem(422, "invalid-fields", "`/name` must not be empty", &two_fields[..1]),
            problem(
                422,
                "invalid-fields",
                "2 fields are not valid: see `errors`",
                &two_fields,
            ),
            problem(429, "too-many-requests", "too many attempts", &[]),
            problem(500, "internal", "this is a defect of the service", &[]),
            problem(503, "unavailable", "a service does not answer", &[]),
            ("of the gateway", 401, r#"{"message":"Unauthorized"}"#.into()),
            ("without a body", 302, String::new()),
            ("without a body", 403, String::new()),
            ("with a page", 502, "<html><body>Bad gateway</body></html>".into()),
            ("with a text", 504, "upstream timed out".into()),
        ];
        let texts = answers
            .iter()
            .map(|(name, status, body)| entry(&format!("{status} {name}"), &failure_of(*status, body)));
        insta::assert_snapshot!("problems", texts.collect::<Vec<_>>().join("\n"));
    }

    fn failure_of(status: u16, body: &str) -> Failure {
        failure(StatusCode::from_u16(status).unwrap(), None, body.as_bytes())
    }

    #[test]
    fn every_status_has_its_exit_code() {
        let codes = [
            (400, Exit::Refused),
            (401, Exit::Forbidden),
            (403, Exit::Forbidden),
            (404, Exit::NotFound),
            (409, Exit::Refused),
            (413, Exit::Refused),
            (422, Exit::Refused),
            (429, Exit::Unavailable),
            (500, Exit::Unavailable),
            (503, Exit::Unavailable),
            (302, Exit::Unavailable),
        ];
        for (status, exit) in codes {
            assert_eq!(failure_of(status, "").exit, exit, "{status}");
            assert!(!failure_of(status, "").advice.is_empty(), "{status}");
        }
    }

    #[test]
    fn wrong_fields_are_named() {
        let body = r#"{"type":"/problems/invalid-fields","title":"Invalid fields","status":422,
            "detail":"the title cannot be made","errors":[{"pointer":"/name","detail":"must not be empty"}]}"#;
        let failure = failure_of(422, body);
        assert_eq!(failure.message, "the title cannot be made\n  /name: must not be empty");
        assert_eq!(failure.problem.unwrap()["type"], "/problems/invalid-fields");
    }

    #[test]
    fn a_field_is_named_once() {
        let body =
            r#"{"detail":"`/name` must not be empty","errors":[{"pointer":"/name","detail":"must not be empty"}]}"#;
        assert_eq!(failure_of(422, body).message, "`/name` must not be empty");
    }

    #[test]
    fn the_gateway_s_own_shape_is_understood() {
        let failure = failure_of(401, r#"{"message":"Unauthorized"}"#);
        assert_eq!((failure.message.as_str(), failure.problem), ("Unauthorized", None));
    }

    #[test]
    fn a_foreign_page_is_cut() {
        assert_eq!(
            failure_of(502, "<html>…").message,
            "the service answered 502 Bad Gateway"
        );
        assert!(failure_of(502, &"x".repeat(10_000)).message.len() < 300);
    }

    #[test]
    fn only_transient_failures_are_retried() {
        assert_eq!(failure_of(422, "").transient, None);
        assert!(!failure_of(503, "").transient.unwrap().unsent);
        assert!(failure_of(429, "").transient.unwrap().unsent);
    }

    #[test]
    fn the_service_says_how_long_to_wait() {
        for (seconds, words) in [(60, "60 s"), (121, "3 min"), (86_400, "24 h")] {
            let failure = failure(StatusCode::TOO_MANY_REQUESTS, Some(Duration::from_secs(seconds)), b"");
            assert_eq!(failure.advice, format!("try again in {words}"));
        }
    }

    #[test]
    fn the_operator_gets_a_request_id() {
        assert!(
            failure_of(500, r#"{"title":"Internal","request_id":"r-1"}"#)
                .advice
                .contains("r-1")
        );
    }
}
