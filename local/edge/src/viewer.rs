//! The handling of a viewer's request: behaviour, methods, function, cache, origin.

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
    functions::{Call, Context, Function, FunctionError, FunctionResult, Store, ViewerRequest, event, parse_result},
    limits,
    log::{FunctionTime, Line},
    origin::{FUNCTIONS_DONE, OriginError},
    viewer_override::Viewer,
};

/// API Gateway's limit; uploads go directly to their bucket.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Answers and logs a request.
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
    let viewer = edge.overrides.viewer(&mut request.headers, peer);

    let response = answer(&edge, &viewer, request, body).await.unwrap_or_else(|error| {
        warn!("{} {}: {error}", line.method, line.path);
        match error {
            OriginError::Timeout => page(StatusCode::GATEWAY_TIMEOUT, "The emulator did not answer in time."),
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
        let text = format!("This address does not support {} requests.", request.method);
        return Ok(page(StatusCode::FORBIDDEN, &text));
    }
    viewer.add_headers(&mut request.headers, &behaviour.forwarding.added);

    let Some(function) = &behaviour.viewer_request else {
        return forward(edge, &distribution, behaviour, request, body).await;
    };
    let (result, took) = run_function(edge, &distribution, function, viewer.address, request).await;
    let mut response = match result {
        Ok(FunctionResult::Continue(request)) => forward(edge, &distribution, behaviour, request, body).await?,
        Ok(FunctionResult::Respond(response)) => {
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
                "The function of this address failed; the edge's log has the reason.",
            )
        }
    };
    response.extensions_mut().insert(FunctionTime(took));
    Ok(response)
}

async fn run_function(
    edge: &Edge,
    distribution: &Distribution,
    function: &Function,
    viewer: SocketAddr,
    request: ViewerRequest,
) -> (Result<FunctionResult, FunctionError>, Duration) {
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
    (
        run.answer.and_then(|answer| parse_result(request, &sent, &answer)),
        run.took,
    )
}

/// Forwards a request to the cache, or directly to the origin.
async fn forward(
    edge: &Edge,
    distribution: &Distribution,
    behaviour: &Behaviour,
    request: ViewerRequest,
    body: Body,
) -> Result<Response<Body>, OriginError> {
    // The origin selects the behaviour by the function's path: a function must not bypass that of another behaviour.
    if !distribution
        .behaviour(&request.path)
        .is_some_and(|other| ptr::eq(other, behaviour))
    {
        return Ok(page(
            StatusCode::FORBIDDEN,
            "The function of this address changed its path to another behaviour.",
        ));
    }
    let mut response = if behaviour.policy.caches() && matches!(request.method, Method::GET | Method::HEAD) {
        edge.cache
            .serve(&edge.origin, distribution, behaviour, &request)
            .await?
    } else {
        let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return Ok(too_large()),
        };
        let response = edge.origin.fetch(&distribution.domain, &request, body).await?;
        cache::streamed(response)
    };
    if let Some(policy) = &behaviour.response_headers {
        policy.apply(response.headers_mut(), request.headers.get(header::ORIGIN));
    }
    // A viewer's cookie must not be cached for others.
    if behaviour.forwarding.cookies == Selection::None {
        response.headers_mut().remove(header::SET_COOKIE);
    }
    Ok(response)
}

/// The response of API Gateway.
fn too_large() -> Response<Body> {
    let body = Bytes::from_static(br#"{"message":"Request Entity Too Large"}"#);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A page of the edge itself.
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
