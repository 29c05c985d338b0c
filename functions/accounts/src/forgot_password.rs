//! `POST /auth/forgot-password`: mails a code that sets a new password.

use axum::{Json, extract::State, http::StatusCode};
use runtime::http::{Body, ClientAddress, Now, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    code::{self, CodeAsked, CodeRequest},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(forgot_password))
}

#[utoipa::path(
    post, path = "/auth/forgot-password", operation_id = "forgot_password", tag = "accounts",
    summary = "Request a new password",
    description = "Mails a code that sets a new password. The answer is the same for an address without an account, to which \
                   nothing is mailed, and for one that was never confirmed, which the code confirms too.",
    request_body = CodeRequest,
    responses(
        (status = 202, description = "If this address has an account, a code is on its way", body = CodeAsked),
        (status = 422, description = "The address is not valid"),
        (status = 429, description = "Too many codes were requested: `Retry-After` says when to try again"),
    ),
)]
async fn forgot_password(
    State(cx): State<Context>,
    client: ClientAddress,
    Now(now): Now,
    Body(email): Body<CodeRequest>,
) -> Result<(StatusCode, Json<CodeAsked>), Problem> {
    code::request(&cx, &email, client, now).await
}
