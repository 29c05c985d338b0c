//! A viewer's request from arrival to answer: behaviour, methods, function, cache, origin.

use std::{net::SocketAddr, ptr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use marquee_standin::clock::now;
use tracing::{info, warn};
use uuid::Uuid;

use super::{
    Edge,
    behaviours::{Behaviour, Distribution, Selection},
    cache::{self, X_CACHE},
    functions::{Call, Context, Function, FunctionError, Store, Verdict, ViewerRequest, event, verdict},
    limits,
    log::{FunctionTime, Line},
    origin::{FUNCTIONS_DONE, OriginError},
    pretence::Viewer,
};

/// API Gateway takes no more; uploads go to their bucket directly.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// Answers a request, and writes a line about it.
pub(super) async fn handle(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let line = Line::begin(request.method(), request.uri().path());
    let (parts, body) = request.into_parts();
    let mut request = ViewerRequest {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
    };
    request.headers.remove(FUNCTIONS_DONE);
    let viewer = edge.pretence.viewer(&mut request.headers, peer);

    let response = answer(&edge, &viewer, request, body).await.unwrap_or_else(|error| {
        warn!("{} {}: {error}", line.method, line.path);
        match error {
            OriginError::Slow => page(StatusCode::GATEWAY_TIMEOUT, "The emulator did not answer in time."),
            OriginError::Malformed => page(StatusCode::BAD_REQUEST, "This address is malformed."),
            OriginError::Unreachable(_) | OriginError::Failed(_) => page(
                StatusCode::BAD_GATEWAY,
                "The emulator behind this address cannot be reached. It may be starting: try again, or run `make up`.",
            ),
        }
    });
    line.end(response)
}

async fn answer(
    edge: &Edge,
    viewer: &Viewer,
    mut request: ViewerRequest,
    body: Body,
) -> Result<Response<Body>, OriginError> {
    if let Err((status, text)) = limits::check(&request) {
        return Ok(page(status, text));
    }
    let Some(distribution) = edge.distribution().await else {
        return Ok(page(
            StatusCode::SERVICE_UNAVAILABLE,
            "Marquee is not deployed yet: run `make up`.",
        ));
    };
    let Some(behaviour) = distribution.behaviour(&request.path) else {
        return Ok(page(
            StatusCode::NOT_FOUND,
            "No behaviour of the distribution matches this address.",
        ));
    };
    if !behaviour.allows(&request.method) {
        let text = format!("This address does not take {} requests.", request.method);
        return Ok(page(StatusCode::FORBIDDEN, &text));
    }
    viewer.tell(&mut request.headers, &behaviour.forwarding.added);

    let Some(function) = &behaviour.viewer_request else {
        return forward(edge, &distribution, behaviour, request, body).await;
    };
    let (verdict, took) = decide(edge, &distribution, function, viewer.address, request).await;
    let mut response = match verdict {
        Ok(Verdict::Continue(request)) => forward(edge, &distribution, behaviour, request, body).await?,
        Ok(Verdict::Respond(response)) => {
            let mut response = response.map(Body::from);
            let x_cache = HeaderValue::from_static("FunctionGeneratedResponse from cloudfront");
            response.headers_mut().insert(X_CACHE, x_cache);
            response
        }
        Err(error) => {
            warn!("function {}: {error}", function.name);
            let status = match error {
                FunctionError::Invalid(_) => StatusCode::BAD_GATEWAY,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            page(
                status,
                "The function of this address failed; the log of the edge says why.",
            )
        }
    };
    response.extensions_mut().insert(FunctionTime(took));
    Ok(response)
}

async fn decide(
    edge: &Edge,
    distribution: &Distribution,
    function: &Function,
    viewer: SocketAddr,
    request: ViewerRequest,
) -> (Result<Verdict, FunctionError>, Duration) {
    let store = match &function.store_arn {
        Some(arn) => edge.stores.get(arn).await,
        None => Arc::<Store>::default(),
    };
    let now = now();
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let request_id = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds)).to_string();
    let context = Context {
        distribution_domain: &distribution.domain,
        distribution_id: &distribution.id,
        request_id: &request_id,
        viewer: viewer.ip(),
    };
    let sent = event(&request, context);
    let run = function
        .engine
        .run(Call {
            event: sent.to_string(),
            store,
            now_ms: now.as_millisecond(),
        })
        .await;
    for line in &run.log {
        info!(function = function.name, "{line}");
    }
    (run.answer.and_then(|answer| verdict(request, &sent, &answer)), run.took)
}

/// To the cache, or past it to the origin.
async fn forward(
    edge: &Edge,
    distribution: &Distribution,
    behaviour: &Behaviour,
    request: ViewerRequest,
    body: Body,
) -> Result<Response<Body>, OriginError> {
    // The origin chooses by the path that a function leaves: nothing gets past another behaviour's function that way.
    if !distribution
        .behaviour(&request.path)
        .is_some_and(|other| ptr::eq(other, behaviour))
    {
        return Ok(page(StatusCode::FORBIDDEN, "This address leads elsewhere."));
    }
    let mut response = if behaviour.policy.caches() && matches!(request.method, Method::GET | Method::HEAD) {
        edge.cache
            .serve(&edge.origin, distribution, behaviour, &request)
            .await?
    } else {
        let body = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return Ok(too_large()),
        };
        let response = edge.origin.fetch(&distribution.domain, &request, body).await?;
        cache::streamed(response)
    };
    if let Some(policy) = &behaviour.response_headers {
        policy.apply(response.headers_mut(), request.headers.get(header::ORIGIN));
    }
    // A cookie of one viewer must not reach the next one with the same object.
    if behaviour.forwarding.cookies == Selection::None {
        response.headers_mut().remove(header::SET_COOKIE);
    }
    Ok(response)
}

/// As API Gateway says it.
fn too_large() -> Response<Body> {
    let body = Bytes::from_static(br#"{"message":"Request Entity Too Large"}"#);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The edge's own word to a person.
fn page(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CACHE, HeaderValue::from_static("Error from cloudfront"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}
