//! Where the caller is.

use axum::extract::FromRequestParts;
use kernel::territory::Territory;
use lambda_http::http::request::Parts;

use super::Problem;

/// What CloudFront adds to a request, whatever the viewer says, because the origin request policy of `/api/*` names it.
const HEADER: &str = "cloudfront-viewer-country";

/// The country that the request comes from, as CloudFront takes it from the address; nothing where nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewerCountry(pub Option<Territory>);

impl<S: Sync> FromRequestParts<S> for ViewerCountry {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        let said = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());

        Ok(Self(said.and_then(|code| code.parse().ok())))
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::Request;

    use super::*;

    async fn of(country: Option<&str>) -> Option<String> {
        let request = country.into_iter().fold(Request::builder(), |request, country| {
            request.header("CloudFront-Viewer-Country", country)
        });
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let ViewerCountry(territory) = ViewerCountry::from_request_parts(&mut parts, &()).await.unwrap();

        territory.map(String::from)
    }

    #[tokio::test]
    async fn cloudfront_says_where_somebody_is() {
        assert_eq!(of(Some("DE")).await.as_deref(), Some("DE"));
        assert_eq!(of(Some("nowhere")).await, None);
        assert_eq!(of(None).await, None);
    }
}
