//! The network address that a request comes from, for limits.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::FromRequestParts;
use lambda_http::{RequestExt, http::request::Parts, request::RequestContext};

use super::Problem;

/// What CloudFront adds to a request, whatever the viewer says. `198.51.100.10:46532`.
const HEADER: &str = "cloudfront-viewer-address";

/// A mark on requests that knew the origin secret: they came through the distribution, and what it says of them is true.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThroughDistribution;

/// The network address that a request comes from: for IPv6 the network of a customer, who has all addresses in it.
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
    // Anybody can send the header to an API that is not behind a secret.
    let viewer = parts
        .extensions
        .get::<ThroughDistribution>()
        .and_then(|_| parts.headers.get(HEADER))
        .and_then(|value| viewer_address(value.to_str().ok()?));

    viewer.or_else(|| peer(parts))
}

/// Who opened the connection to API Gateway.
fn peer(parts: &Parts) -> Option<IpAddr> {
    let RequestContext::ApiGatewayV2(gateway) = parts.extensions.request_context_ref()? else {
        return None;
    };

    gateway.http.source_ip.as_deref()?.parse().ok()
}

/// Takes the port off; an IPv6 address comes with or without brackets.
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
    use super::*;

    #[test]
    fn cloudfront_names_an_address_and_a_port() {
        let parsed = |value| viewer_address(value).map(|address| address.to_string());

        assert_eq!(parsed("198.51.100.10:46532").as_deref(), Some("198.51.100.10"));
        assert_eq!(parsed("2001:db8::7:46532").as_deref(), Some("2001:db8::7"));
        assert_eq!(parsed("[2001:db8::7]:46532").as_deref(), Some("2001:db8::7"));
        assert_eq!(parsed("nobody:1"), None);
        assert_eq!(parsed(""), None);
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();

        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
