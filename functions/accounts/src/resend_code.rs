//! `POST /auth/resend-code`: mails another code to confirm an address.

use axum::{Json, extract::State, http::StatusCode};
use runtime::http::{Body, ClientAddress, Now, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    code::{self, CodeAsked, CodeRequest},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(resend_code))
}

#[utoipa::path(
    post, path = "/auth/resend-code", operation_id = "resend_code", tag = "accounts",
    summary = "Send the code again",
    description = "Mails another code, which confirms the address. The answer is the same for an address without an account, to \
                   which nothing is mailed, and for one that is confirmed, whose code sets a new password.",
    request_body = CodeRequest,
    responses(
        (status = 202, description = "If this address has an account, a code is on its way", body = CodeAsked),
        (status = 422, description = "The address is not valid"),
        (status = 429, description = "Too many codes were requested: `Retry-After` says when to try again"),
    ),
)]
async fn resend_code(
    State(cx): State<Context>,
    client: ClientAddress,
    Now(now): Now,
    Body(email): Body<CodeRequest>,
) -> Result<(StatusCode, Json<CodeAsked>), Problem> {
    code::request(&cx, &email, client, now).await
}
