//! Where a request comes from: for the audit log.

use axum::extract::{FromRequestParts, MatchedPath};
use domain::audit::Origin;
use lambda_http::{RequestExt, http::request::Parts, request::RequestContext};

use super::Problem;

/// What CloudFront adds to a request, whatever the viewer says: the viewer's address and port.
const HEADER: &str = "cloudfront-viewer-address";

/// Where a request comes from. The address is personal: for the audit log, and for no other.
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
            address: address(parts),
        }))
    }
}

fn address(parts: &Parts) -> Option<String> {
    let said = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());
    // The port is behind the last colon, of addresses of version 6 as well.
    if let Some((address, _port)) = said.and_then(|said| said.rsplit_once(':')) {
        return Some(address.trim_matches(['[', ']']).to_owned());
    }

    match parts.extensions.request_context_ref()? {
        RequestContext::ApiGatewayV2(gateway) => gateway.http.source_ip.clone(),
        _ => None,
    }
}
