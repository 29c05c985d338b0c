//! What surrounds every handler: the request's id in the answer, problems written out, a panic turned into a problem,
//! one line of log.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use lambda_http::{
    RequestExt,
    http::{HeaderValue, Method, header},
};

use super::{Problem, ProblemKind, caller, client_address::ThroughDistribution};

/// Where a problem waits in the extensions of a response for its body to be written.
type Waiting = Arc<Mutex<Option<Problem>>>;

/// Which requests get in: with a secret set, only those that come through the distribution, which adds it as a header. There
/// may be several, with commas between them: while a secret is replaced, the old one still counts.
#[derive(Clone)]
pub(super) struct OriginSecret(Option<Arc<str>>);

impl OriginSecret {
    /// The header that the distribution adds.
    const HEADER: &str = "x-marquee-origin-secret";

    pub(super) fn new(secret: Option<String>) -> Self {
        Self(secret.map(Into::into))
    }

    fn admits(&self, request: &Request) -> bool {
        let Some(secrets) = &self.0 else { return true };
        let given = request
            .headers()
            .get(Self::HEADER)
            .map_or(&b""[..], HeaderValue::as_bytes);

        // Every byte is looked at, so that the time taken tells nothing about a secret.
        secrets
            .split(',')
            .filter(|secret| !secret.is_empty())
            .fold(false, |admitted, secret| admitted | equal(given, secret.as_bytes()))
    }
}

fn equal(given: &[u8], secret: &[u8]) -> bool {
    given.len() == secret.len() && given.iter().zip(secret).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

pub(super) async fn handle(State(secret): State<OriginSecret>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let info = RequestInfo::new(&request);

    let mut response = if secret.admits(&request) {
        if secret.0.is_some() {
            request.extensions_mut().insert(ThroughDistribution);
        }
        AssertUnwindSafe(next.run(request))
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| defect(&*panic).into_response())
    } else {
        Problem::forbidden("this address is not for direct use: ask through the web site's address").into_response()
    };

    let problem = response.extensions_mut().remove::<Waiting>();
    let problem = problem.and_then(|waiting| waiting.lock().ok()?.take());
    info.log(&response, problem.as_ref(), started);

    if let Some(problem) = problem {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = problem.answer(info.request_id, info.path);
        if let Some(methods) = allow {
            response.headers_mut().entry(header::ALLOW).or_insert(methods);
        }
    }
    // Answers are about one person or change with every upload: nothing on the way may keep them.
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

    response
}

/// A panic in a handler is a defect, but not one that ends the process.
fn defect(panic: &(dyn std::any::Any + Send)) -> Problem {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));

    Problem::internal(format!("the handler panicked: {}", said.unwrap_or("without a word")))
}

/// What is known of a request before it is handled.
struct RequestInfo {
    method: Method,
    path: String,
    route: String,
    request_id: String,
    /// Who calls and what about, of requests that change something: ids only.
    actor: Option<String>,
    target: Option<String>,
}

impl RequestInfo {
    fn new(request: &Request) -> Self {
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or("(no route)", MatchedPath::as_str);
        let request_id = request
            .lambda_context_ref()
            .map_or_else(String::new, |lambda| lambda.request_id.clone());

        let writes = !matches!(*request.method(), Method::GET | Method::HEAD);

        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            route: route.to_owned(),
            request_id,
            actor: writes.then(|| caller::actor(request)).flatten(),
            target: writes.then(|| target(request.uri().path())).flatten(),
        }
    }

    fn log(&self, response: &Response, problem: Option<&Problem>, started: Instant) {
        let Self {
            method,
            route,
            request_id,
            actor,
            target,
            ..
        } = self;
        let status = response.status().as_u16();
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let kind = problem.map(|problem| problem.kind().slug());

        match problem.and_then(Problem::cause) {
            Some(cause) if matches!(problem.map(Problem::kind), Some(ProblemKind::Internal)) => {
                tracing::error!(%method, route, status, milliseconds, request_id, actor, target, kind, cause, "{method} {route} failed: {cause}");
            }
            Some(cause) => {
                tracing::warn!(%method, route, status, milliseconds, request_id, actor, target, kind, cause, "{method} {route} answered {status}: {cause}");
            }
            None => {
                tracing::info!(%method, route, status, milliseconds, request_id, actor, target, kind, "{method} {route} answered {status}");
            }
        }
    }
}

/// The innermost thing that a path names by its id. Whatever else is in it may be anything.
fn target(path: &str) -> Option<String> {
    let ids = path
        .rsplit('/')
        .filter_map(|segment| uuid::Uuid::try_parse(segment).ok());

    ids.map(|id| id.to_string()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_is_taken_out_of_a_path() {
        let id = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

        assert_eq!(target(&format!("/api/titles/{id}/redrive")).as_deref(), Some(id));
        assert_eq!(
            target(&format!("/api/admin/accounts/{id}/roles/creator")).as_deref(),
            Some(id)
        );
        assert_eq!(target("/api/titles/ada@example.org"), None);
    }
}
