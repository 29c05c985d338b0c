//! The runtime: `POST /endpoints/<name>/invocations`, passed on to the program behind the endpoint.

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

/// A serverless endpoint's limits, on both ways.
const LARGEST: usize = 4 * 1024 * 1024;
const SLOWEST: Duration = Duration::from_mins(1);

const CUSTOM_ATTRIBUTES: HeaderName = HeaderName::from_static("x-amzn-sagemaker-custom-attributes");
const INVOKED_VARIANT: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");
/// All other headers are stripped, as on AWS.
const PASSED_ON: [HeaderName; 3] = [header::CONTENT_TYPE, header::ACCEPT, CUSTOM_ATTRIBUTES];
/// What needs more than one model or variant.
const UNSUPPORTED: [&str; 5] = [
    "x-amzn-sagemaker-target-model",
    "x-amzn-sagemaker-target-variant",
    "x-amzn-sagemaker-target-container-hostname",
    "x-amzn-sagemaker-enable-explanations",
    "x-amzn-sagemaker-inference-component",
];

/// Answers an invocation.
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

    let answered = tokio::time::timeout(SLOWEST, ask(&sagemaker, &name, &parts.headers, body)).await;
    let response = answered.map_err(|_| InvocationFault::TimedOut)??;
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

/// Waits until the program is ready, then asks it.
async fn ask(
    sagemaker: &SageMaker,
    name: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<http::Response<hyper::body::Incoming>, InvocationFault> {
    let not_ready = |why: &str| InvocationFault::NotReady(format!("Endpoint {name} is not ready: {why}"));
    let (mut health, slots) = sagemaker
        .served_by(name)
        .ok_or_else(|| not_ready("it is being created"))?;
    // Waiting for a start counts, too.
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
    for name in PASSED_ON {
        if let Some(value) = headers.get(&name) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    let asked = sagemaker.client.request(request).await;
    asked.map_err(|error| InvocationFault::Model {
        status: StatusCode::BAD_GATEWAY,
        message: error.to_string(),
    })
}

async fn read(body: Body, whose: &str) -> Result<Bytes, InvocationFault> {
    match Limited::new(body, LARGEST).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(InvocationFault::TooLarge(format!(
            "{whose} is larger than {LARGEST} bytes"
        ))),
        Err(error) => Err(InvocationFault::Validation(format!("{whose} broke off: {error}"))),
    }
}
