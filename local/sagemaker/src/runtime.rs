//! The runtime: `POST /endpoints/<name>/invocations`, forwarded to the program of the endpoint.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};

use super::{SageMaker, arn, fault::InvocationFault, host::Health};
use marquee_standin::{ACCOUNT, authorize::SignedRequest};

/// The limits of serverless endpoints, for requests and responses.
const MAX_BYTES: usize = 4 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

const CUSTOM_ATTRIBUTES: HeaderName = HeaderName::from_static("x-amzn-sagemaker-custom-attributes");
const INVOKED_VARIANT: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");
/// The headers that reach the program; the others are removed, as on AWS.
const FORWARDED: [HeaderName; 3] = [header::CONTENT_TYPE, header::ACCEPT, CUSTOM_ATTRIBUTES];
/// Headers for endpoints of several models or variants.
const UNSUPPORTED: [&str; 5] = [
    "x-amzn-sagemaker-target-model",
    "x-amzn-sagemaker-target-variant",
    "x-amzn-sagemaker-target-container-hostname",
    "x-amzn-sagemaker-enable-explanations",
    "x-amzn-sagemaker-inference-component",
];

/// Handles an invocation.
pub(super) async fn invoke(
    State(sagemaker): State<Arc<SageMaker>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, InvocationFault> {
    let (parts, body) = request.into_parts();
    let body = read(body, "the request").await?;
    let signed = SignedRequest {
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        body: &body,
    };
    sagemaker
        .authorizer
        .authorize_signed(signed, "sagemaker:InvokeEndpoint", &arn("endpoint", &name))
        .await?;
    if let Some(unsupported) = UNSUPPORTED.iter().find(|name| parts.headers.contains_key(**name)) {
        return Err(InvocationFault::Validation(format!(
            "the local SageMaker does not support {unsupported}"
        )));
    }
    let variant = sagemaker
        .variant(&name)
        .ok_or_else(|| InvocationFault::Validation(format!("Endpoint {name} of account {ACCOUNT} not found.")))?;

    let invoked = tokio::time::timeout(TIMEOUT, forward(&sagemaker, &name, &parts.headers, body)).await;
    let response = invoked.map_err(|_| InvocationFault::TimedOut)??;
    let (parts, body) = response.into_parts();
    let body = read(Body::new(body), "the response").await?;
    if !parts.status.is_success() {
        let message = String::from_utf8_lossy(&body).into_owned();
        return Err(InvocationFault::Model {
            status: parts.status,
            message,
        });
    }
    let mut response = Response::new(Body::from(body));
    for name in [header::CONTENT_TYPE, CUSTOM_ATTRIBUTES] {
        if let Some(value) = parts.headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    if let Ok(variant) = HeaderValue::try_from(variant) {
        response.headers_mut().insert(INVOKED_VARIANT, variant);
    }
    Ok(response)
}

/// Waits until the program is ready, then sends it the request.
async fn forward(
    sagemaker: &SageMaker,
    name: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<http::Response<hyper::body::Incoming>, InvocationFault> {
    let not_ready = |why: &str| InvocationFault::NotReady(format!("Endpoint {name} is not ready: {why}"));
    let (mut health, slots) = sagemaker
        .host_of(name)
        .ok_or_else(|| not_ready("it is being created"))?;
    // A request that waits for the start holds a permit, too.
    let _slot = slots.try_acquire_owned().map_err(|_| InvocationFault::Throttled)?;
    let health = health
        .wait_for(|health| *health != Health::Starting)
        .await
        .map(|health| health.clone());
    let port = match health {
        Ok(Health::Ready(port)) => port,
        Ok(Health::Failed(reason)) => return Err(not_ready(&reason)),
        Ok(Health::Starting) | Err(_) => return Err(not_ready("it was deleted")),
    };

    let mut request = http::Request::new(Full::new(body));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = format!("http://127.0.0.1:{port}/invocations")
        .parse()
        .unwrap_or_default();
    for name in FORWARDED {
        if let Some(value) = headers.get(&name) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    let sent = sagemaker.client.request(request).await;
    sent.map_err(|error| InvocationFault::Model {
        status: StatusCode::BAD_GATEWAY,
        message: error.to_string(),
    })
}

async fn read(body: Body, what: &str) -> Result<Bytes, InvocationFault> {
    match Limited::new(body, MAX_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(InvocationFault::TooLarge(format!(
            "{what} is larger than {MAX_BYTES} bytes"
        ))),
        Err(error) => Err(InvocationFault::Validation(format!("{what} is incomplete: {error}"))),
    }
}
