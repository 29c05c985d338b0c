//! `DescribeEndpoints`, for clients that still use it, and the clock for tests.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::{super::service::Service, caller::Caller, error::ApiError};

/// Returns the stand-in's own address.
pub(super) async fn describe(State(service): State<Arc<Service>>, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.require(&service, "mediaconvert:DescribeEndpoints", "*").await?;
    let url = format!("http://127.0.0.1:{}", service.settings.port);
    Ok(Json(json!({ "endpoints": [{ "url": url }] })))
}

/// `POST /_marquee/clock {"advance_seconds": 61}`: moves the stand-in's clock, by which request tokens expire.
pub(super) async fn advance_clock(State(service): State<Arc<Service>>, caller: Caller) -> Result<StatusCode, ApiError> {
    let body = caller.body()?;
    let seconds = body["advance_seconds"]
        .as_u64()
        .and_then(|seconds| u32::try_from(seconds).ok());
    let seconds =
        seconds.ok_or_else(|| ApiError::BadRequest("advance_seconds: Should be a whole number".to_owned()))?;
    service.clock.advance(seconds);
    Ok(StatusCode::NO_CONTENT)
}
