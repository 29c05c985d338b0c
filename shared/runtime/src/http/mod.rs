//! HTTP behind API Gateway: one router for each function, problems as error responses, permissions as argument types.

mod body;
mod caller;
mod client_address;
mod created;
mod middleware;
mod origin;
mod params;
mod problem;
pub mod sample;
mod serde_message;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod viewer_country;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

pub use body::{Body, Request};
pub use caller::{Accounts, Admin, Audited, Creator, Member, Viewer, creator_required};
pub use client_address::ClientAddress;
pub use created::Created;
pub use origin::RequestOrigin;
pub use params::{Limit, Now, Path, Query};
pub use problem::{FieldError, FieldErrors, Problem, ProblemBody, ProblemKind};
pub use sample::{Sample, Samples};
pub use viewer_country::ViewerCountry;

use self::middleware::OriginSecret;
use crate::{Error, config, telemetry};

/// The prefix of all routes, in the template and on the wire.
pub const PREFIX: &str = "/api";

/// Serves HTTP requests with `router` for as long as Lambda keeps this process.
pub async fn serve<C, E>(context: impl Future<Output = Result<C, E>>, router: OpenApiRouter<C>) -> Result<(), Error>
where
    C: Clone + Send + Sync + 'static,
    E: Into<Error>,
{
    telemetry::init();
    let context = context.await.map_err(Into::into)?;
    let secret = OriginSecret::new(config::optional("ORIGIN_SECRET"));

    lambda_http::run(app(context, router, secret)).await
}

/// The router below the prefix, with a response for everything that can go wrong around a handler.
fn app<C>(context: C, router: OpenApiRouter<C>, secret: OriginSecret) -> Router
where
    C: Clone + Send + Sync + 'static,
{
    let (router, _document) = router.split_for_parts();

    Router::new()
        .nest(PREFIX, router.with_state(context))
        .fallback(async || Problem::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                ProblemKind::MethodNotAllowed,
                "this address does not answer to this method",
            )
        })
        .layer(axum::middleware::from_fn_with_state(secret, middleware::handle))
}
