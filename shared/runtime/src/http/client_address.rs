//! The IP address of the client, for rate limits.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::FromRequestParts;
use lambda_http::{RequestExt, http::request::Parts, request::RequestContext};

use super::Problem;

/// The header that CloudFront adds and that a viewer cannot set: `198.51.100.10:46532`.
const HEADER: &str = "cloudfront-viewer-address";

/// Marks requests with the origin secret: they came through the distribution, so that its headers can be trusted.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThroughDistribution;

/// The IP address of the client; for IPv6 its /64 network, of which one customer has all addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        Ok(Self(exact(parts).map(network)))
    }
}

/// The address itself, not its network.
pub(super) fn exact(parts: &Parts) -> Option<IpAddr> {
    // Any client can send the header to an API that is not behind a secret.
    let viewer = parts
        .extensions
        .get::<ThroughDistribution>()
        .and_then(|_| parts.headers.get(HEADER))
        .and_then(|value| viewer_address(value.to_str().ok()?));

    viewer.or_else(|| peer(parts))
}

/// The address that opened the connection to API Gateway.
fn peer(parts: &Parts) -> Option<IpAddr> {
    let RequestContext::ApiGatewayV2(gateway) = parts.extensions.request_context_ref()? else {
        return None;
    };

    gateway.http.source_ip.as_deref()?.parse().ok()
}

/// Removes the port; an IPv6 address comes with or without brackets.
fn viewer_address(value: &str) -> Option<IpAddr> {
    let (address, _port) = value.rsplit_once(':')?;

    address.trim_matches(['[', ']']).parse().ok()
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::Request;

    use super::*;

    #[test]
    fn cloudfront_names_an_address_and_a_port() {
        let parsed = |value| viewer_address(value).map(|address| address.to_string());

        assert_eq!(parsed("198.51.100.10:46532").as_deref(), Some("198.51.100.10"));
        assert_eq!(parsed("2001:db8::7:46532").as_deref(), Some("2001:db8::7"));
        assert_eq!(parsed("[2001:db8::7]:46532").as_deref(), Some("2001:db8::7"));
        assert_eq!(parsed("nowhere:1"), None);
        assert_eq!(parsed(""), None);
    }

    #[test]
    fn an_ipv6_network_counts_as_one_client() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();

        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn the_header_is_believed_only_through_the_distribution() {
        let request = Request::builder().header(HEADER, "198.51.100.10:46532");
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(exact(&parts), None);

        parts.extensions.insert(ThroughDistribution);
        assert_eq!(exact(&parts), "198.51.100.10".parse().ok());
    }
}
