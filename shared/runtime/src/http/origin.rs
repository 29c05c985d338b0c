//! The origin of a request, for the audit log.

use axum::extract::{FromRequestParts, MatchedPath};
use domain::audit::Origin;
use lambda_http::{RequestExt, http::request::Parts};

use super::{Problem, client_address};

/// Route, request id and address of a request. The address is personal data, and is for the audit log only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestOrigin(pub Origin);

impl<S: Sync> FromRequestParts<S> for RequestOrigin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        let path = parts.extensions.get::<MatchedPath>();
        let path = path.map_or_else(|| parts.uri.path(), MatchedPath::as_str);
        let request_id = parts.extensions.lambda_context_ref();

        Ok(Self(Origin {
            route: format!("{} {path}", parts.method),
            request_id: request_id.map_or_else(String::new, |lambda| lambda.request_id.clone()),
            address: client_address::exact(parts).map(|address| address.to_string()),
        }))
    }
}
