//! Errors in the service's shape: a type in `x-amzn-ErrorType`, a message in the body.

use axum::{
    Json,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tracing::error;

use super::super::model::{self, Issue};
use marquee_standin::authorize::Refusal;

/// Why a request fails.
#[derive(Debug)]
pub(super) enum ApiError {
    BadRequest(String),
    Forbidden(String),
    NotFound(String),
    Conflict(String),
    Unprocessable(String),
    /// A defect of the stand-in; the caller gets no details.
    Internal(anyhow::Error),
}

impl ApiError {
    /// The issues of an invalid request.
    pub(super) fn invalid(issues: &[Issue]) -> Self {
        Self::BadRequest(model::message(issues))
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Undecided { .. } => Self::Internal(anyhow::Error::from(refusal)),
            Refusal::Unsigned | Refusal::Credentials { .. } | Refusal::Denied { .. } => {
                Self::Forbidden(refusal.to_string())
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, kind, message) = match self {
            Self::BadRequest(message) => (StatusCode::BAD_REQUEST, "BadRequestException", message),
            Self::Forbidden(message) => (StatusCode::FORBIDDEN, "ForbiddenException", message),
            Self::NotFound(message) => (StatusCode::NOT_FOUND, "NotFoundException", message),
            Self::Conflict(message) => (StatusCode::CONFLICT, "ConflictException", message),
            Self::Unprocessable(message) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "UnprocessableEntityException",
                message,
            ),
            Self::Internal(reason) => {
                error!("a request failed with an internal error: {reason:#}");
                let message = "Internal server error".to_owned();
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalServerErrorException",
                    message,
                )
            }
        };
        let kind = [(HeaderName::from_static("x-amzn-errortype"), kind)];
        (status, kind, Json(json!({ "message": message }))).into_response()
    }
}
