//! The response 201.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::PREFIX;

/// 201 with the created resource and its location.
#[derive(Debug)]
pub struct Created<T> {
    /// The path of the resource, below the prefix.
    pub at: String,
    /// The resource.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        if let Ok(location) = HeaderValue::try_from(format!("{PREFIX}{}", self.at)) {
            response.headers_mut().insert(header::LOCATION, location);
        }

        response
    }
}
