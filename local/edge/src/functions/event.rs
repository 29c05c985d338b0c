//! The event of a viewer-request function:
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html>.

use std::net::IpAddr;

use http::{HeaderMap, Method, header};
use serde_json::{Map, Value, json};

use super::restricted_headers::is_hidden;

/// A viewer's request without its body, which functions cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ViewerRequest {
    pub(crate) method: Method,
    /// The path as sent, percent-encoded.
    pub(crate) path: String,
    /// The part after the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
}

/// The members of the event other than the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) distribution_domain: &'a str,
    pub(crate) distribution_id: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) viewer: IpAddr,
}

/// The event for a viewer request.
pub(crate) fn event(request: &ViewerRequest, context: Context<'_>) -> Value {
    json!({
        "version": "1.0",
        "context": {
            "distributionDomainName": context.distribution_domain,
            "distributionId": context.distribution_id,
            "eventType": "viewer-request",
            "requestId": context.request_id,
        },
        "viewer": { "ip": context.viewer.to_string() },
        "request": {
            "method": request.method.as_str(),
            "uri": request.path,
            "querystring": several(query_pairs(&request.query)),
            "headers": several(header_pairs(&request.headers)),
            "cookies": several(cookie_pairs(&request.headers)),
        },
    })
}

/// Pairs in the form of the event: the first value, and all values of a repeated name.
fn several(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut fields = Map::new();
    for (name, value) in pairs {
        let one = json!({ "value": value });
        match fields.get_mut(&name) {
            None => {
                fields.insert(name, one);
            }
            Some(field) => {
                let first = json!({ "value": field["value"] });
                let all = &mut field["multiValue"];
                match all.as_array_mut() {
                    Some(all) => all.push(one),
                    None => *all = json!([first, one]),
                }
            }
        }
    }
    Value::Object(fields)
}

fn query_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    })
}

fn header_pairs(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    let headers = headers
        .iter()
        .filter(|(name, _)| *name != header::COOKIE && !is_hidden(name.as_str()));
    headers.map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    })
}

fn cookie_pairs(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use std::net::Ipv4Addr;

    use http::HeaderValue;

    use super::*;

    pub(in super::super) fn request() -> ViewerRequest {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
        headers.append(header::ACCEPT, HeaderValue::from_static("text/html"));
        headers.append(header::ACCEPT, HeaderValue::from_static("image/*"));
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; b=x=y"));
        ViewerRequest {
            method: Method::GET,
            path: "/a%20b".into(),
            query: "q=1&q=2&flag".into(),
            headers,
        }
    }

    pub(in super::super) fn sent() -> Value {
        sent_for(&request())
    }

    pub(in super::super) fn sent_for(request: &ViewerRequest) -> Value {
        let viewer = Ipv4Addr::LOCALHOST.into();
        event(
            request,
            Context {
                distribution_domain: "d.net",
                distribution_id: "E1",
                request_id: "r",
                viewer,
            },
        )
    }

    #[test]
    fn the_event_has_the_documented_shape() {
        let expected = json!({
            "version": "1.0",
            "context": {
                "distributionDomainName": "d.net", "distributionId": "E1",
                "eventType": "viewer-request", "requestId": "r",
            },
            "viewer": { "ip": "127.0.0.1" },
            "request": {
                "method": "GET",
                "uri": "/a%20b",
                "querystring": {
                    "q": { "value": "1", "multiValue": [{ "value": "1" }, { "value": "2" }] },
                    "flag": { "value": "" },
                },
                "headers": {
                    "host": { "value": "localhost:8080" },
                    "accept": { "value": "text/html", "multiValue": [{ "value": "text/html" }, { "value": "image/*" }] },
                },
                "cookies": { "a": { "value": "1" }, "b": { "value": "x=y" } },
            },
        });
        assert_eq!(sent(), expected);
    }
}
