//! The caller's country.

use axum::extract::FromRequestParts;
use kernel::territory::Territory;
use lambda_http::http::request::Parts;

use super::Problem;

/// The header that CloudFront adds, because the origin request policy of `/api/*` names it. A viewer cannot set it.
const HEADER: &str = "cloudfront-viewer-country";

/// The country of the caller, which CloudFront finds by the IP address; `None` if it is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewerCountry(pub Option<Territory>);

impl<S: Sync> FromRequestParts<S> for ViewerCountry {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        let code = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());

        Ok(Self(code.and_then(|code| code.parse().ok())))
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::Request;

    use super::*;

    async fn parsed(country: Option<&str>) -> Option<String> {
        let request = country.into_iter().fold(Request::builder(), |request, country| {
            request.header("CloudFront-Viewer-Country", country)
        });
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let ViewerCountry(territory) = ViewerCountry::from_request_parts(&mut parts, &()).await.unwrap();

        territory.map(String::from)
    }

    #[tokio::test]
    async fn the_country_is_that_of_cloudfronts_header() {
        assert_eq!(parsed(Some("DE")).await.as_deref(), Some("DE"));
        assert_eq!(parsed(Some("nowhere")).await, None);
        assert_eq!(parsed(None).await, None);
    }
}
