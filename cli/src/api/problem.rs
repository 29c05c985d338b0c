//! The service's refusals, in one shape: its own problems (RFC 9457) and the gateway's `{"message"}`.

use std::fmt::Write as _;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Exit, Failure, Passing};

/// As much of a foreign body as is worth showing.
const EXCERPT: usize = 200;

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

/// Reads a refusal.
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
    let told = message.clone();
    // A single wrong field is often named in the sentence already.
    let untold = problem.errors.iter().filter(|error| !told.contains(&error.detail));
    for error in untold {
        _ = write!(message, "\n  {}: {}", error.pointer, error.detail);
    }

    Failure {
        exit,
        message,
        advice: advice(status, problem.request_id.as_deref()),
        problem: document.filter(|_| !problem.kind.is_empty()),
        passing: passing(status, retry_after),
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

fn advice(status: StatusCode, request_id: Option<&str>) -> String {
    match status {
        StatusCode::UNAUTHORIZED => "sign in again with `marquee sign-in`".into(),
        StatusCode::FORBIDDEN => "sign in as somebody who may do this; `marquee whoami` shows who you are".into(),
        StatusCode::NOT_FOUND => "check the id; `marquee titles --mine` lists yours".into(),
        StatusCode::CONFLICT => "look at its state with `marquee title ID`, then decide".into(),
        StatusCode::TOO_MANY_REQUESTS => "wait a minute and try again".into(),
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => "correct what is named and try again".into(),
        StatusCode::PAYLOAD_TOO_LARGE => "use a smaller file".into(),
        status if status.is_server_error() => match request_id {
            Some(id) => format!("try again later; when it stays, tell the operator this request id: {id}"),
            None => "try again later; when it stays, tell the operator".into(),
        },
        _ => "check that --url is Marquee's address".into(),
    }
}

/// Whether the same request may succeed later.
fn passing(status: StatusCode, retry_after: Option<Duration>) -> Option<Passing> {
    let refused_before_it_ran = status == StatusCode::TOO_MANY_REQUESTS;
    let passes = refused_before_it_ran || status == StatusCode::REQUEST_TIMEOUT || status.is_server_error();
    passes.then_some(Passing {
        unsent: refused_before_it_ran,
        retry_after,
    })
}

fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    // A page of HTML says nothing here.
    if text.is_empty() || text.starts_with('<') {
        return String::new();
    }
    format!(": {}", text.chars().take(EXCERPT).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Failure {
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
            assert_eq!(of(status, "").exit, exit, "{status}");
            assert!(!of(status, "").advice.is_empty(), "{status}");
        }
    }

    #[test]
    fn wrong_fields_are_named() {
        let body = r#"{"type":"/problems/invalid-fields","title":"Invalid fields","status":422,
            "detail":"the title cannot be made","errors":[{"pointer":"/name","detail":"must not be empty"}]}"#;
        let failure = of(422, body);
        assert_eq!(failure.message, "the title cannot be made\n  /name: must not be empty");
        assert_eq!(failure.problem.unwrap()["type"], "/problems/invalid-fields");
    }

    #[test]
    fn a_field_is_named_once() {
        let body =
            r#"{"detail":"`/name` must not be empty","errors":[{"pointer":"/name","detail":"must not be empty"}]}"#;
        assert_eq!(of(422, body).message, "`/name` must not be empty");
    }

    #[test]
    fn the_gateway_s_own_shape_is_understood() {
        let failure = of(401, r#"{"message":"Unauthorized"}"#);
        assert_eq!((failure.message.as_str(), failure.problem), ("Unauthorized", None));
    }

    #[test]
    fn a_foreign_page_does_not_fill_the_screen() {
        assert_eq!(of(502, "<html>…").message, "the service answered 502 Bad Gateway");
        assert!(of(502, &"x".repeat(10_000)).message.len() < 300);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert_eq!(of(422, "").passing, None);
        assert!(!of(503, "").passing.unwrap().unsent);
        assert!(of(429, "").passing.unwrap().unsent);
    }

    #[test]
    fn the_operator_gets_a_request_id() {
        assert!(
            of(500, r#"{"title":"Internal","request_id":"r-1"}"#)
                .advice
                .contains("r-1")
        );
    }
}
