//! The middleware around every handler: it checks the origin secret, turns panics into problems, writes the bodies of problems with
//! the request's id, sets headers, and logs one line for each request.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
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

use tracing::Instrument as _;

use super::{Problem, ProblemKind, caller, client_address::ThroughDistribution};
use crate::telemetry::{Invocation, trace_id};

/// The header of X-Ray, in which `lambda_http` passes the trace of the invocation, whatever the caller sent.
const TRACE_HEADER: &str = "x-amzn-trace-id";

/// A problem in the extensions of a response, whose body is not written yet.
type Pending = Arc<Mutex<Option<Problem>>>;

/// The secret that the distribution adds to every request as a header. If it is set, requests without it are refused. While a secret is
/// being replaced there are two, separated by a comma, and both are accepted.
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

        // Every byte of every secret is compared, so that the duration reveals nothing about them.
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
    let info = RequestInfo::new(&request);
    let invocation = Invocation::from_request(&info.request_id, info.trace_id.as_deref());

    let mut response = if secret.admits(&request) {
        if secret.0.is_some() {
            request.extensions_mut().insert(ThroughDistribution);
        }
        AssertUnwindSafe(next.run(request))
            .catch_unwind()
            .instrument(invocation.span())
            .await
            .unwrap_or_else(|panic| problem_of_panic(&*panic).into_response())
    } else {
        Problem::forbidden("this address is not for direct use: use the web site's address").into_response()
    };

    let problem = response.extensions_mut().remove::<Pending>();
    let problem = problem.and_then(|pending| pending.lock().ok()?.take());
    info.log(&response, problem.as_ref(), &invocation);

    if let Some(problem) = problem {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = problem.into_response_for(info.request_id, info.trace_id, info.path);
        if let Some(methods) = allow {
            response.headers_mut().entry(header::ALLOW).or_insert(methods);
        }
    }
    // Responses are personal or change with every upload: no cache may store them.
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

    response
}

/// A panic in a handler is a defect that does not end the process.
fn problem_of_panic(panic: &(dyn std::any::Any + Send)) -> Problem {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));

    Problem::internal(format!("the handler panicked: {}", message.unwrap_or("no message")))
}

/// What the log says about a request, from before it is handled.
struct RequestInfo {
    method: Method,
    path: String,
    route: String,
    request_id: String,
    trace_id: Option<String>,
    /// The ids of the caller and of the target, for requests that change something.
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
        let trace_id = request
            .headers()
            .get(TRACE_HEADER)
            .and_then(|header| trace_id(header.to_str().ok()?));
        let trace_id = trace_id.map(str::to_owned);

        let writes = !matches!(*request.method(), Method::GET | Method::HEAD);

        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            route: route.to_owned(),
            request_id,
            trace_id,
            actor: writes.then(|| caller::actor(request)).flatten(),
            target: writes.then(|| target(request.uri().path())).flatten(),
        }
    }

    fn log(&self, response: &Response, problem: Option<&Problem>, invocation: &Invocation) {
        let Self {
            method,
            route,
            request_id,
            actor,
            target,
            ..
        } = self;
        let status = response.status().as_u16();
        let (milliseconds, calls) = (invocation.milliseconds(), invocation.calls());
        let _span = invocation.span().entered();
        let kind = problem.map(|problem| problem.kind().slug());

        match problem.and_then(Problem::cause) {
            Some(cause) if matches!(problem.map(Problem::kind), Some(ProblemKind::Internal)) => {
                tracing::error!(%method, route, status, milliseconds, calls, request_id, actor.id = actor, target.id = target, kind, cause, "{method} {route} failed: {cause}");
            }
            Some(cause) => {
                tracing::warn!(%method, route, status, milliseconds, calls, request_id, actor.id = actor, target.id = target, kind, cause, "{method} {route} answered {status}: {cause}");
            }
            None => {
                tracing::info!(%method, route, status, milliseconds, calls, request_id, actor.id = actor, target.id = target, kind, "{method} {route} answered {status}");
            }
        }
    }
}

/// The last id in a path. Other segments may hold anything, and are not logged.
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
    fn the_target_is_the_last_id_of_a_path() {
        let id = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

        assert_eq!(target(&format!("/api/titles/{id}/redrive")).as_deref(), Some(id));
        assert_eq!(
            target(&format!("/api/admin/accounts/{id}/roles/creator")).as_deref(),
            Some(id)
        );
        assert_eq!(target("/api/titles/ada@example.org"), None);
    }
}
