//! `events/api`: for each route, the event of API Gateway for a sample request.

use std::collections::BTreeMap;

use marquee_contract_tests::document;
use runtime::http::testing::Operation;
use serde_json::{Value, json};

use crate::{caller::Caller, route_key};

/// The events by the names of their files.
pub(crate) fn all() -> BTreeMap<String, Value> {
    let events = Operation::all(&document()).into_iter().map(|operation| {
        let name = format!("{}.json", operation.id.replace('_', "-"));
        (name, event(&operation, &route_key(&operation)))
    });

    events.chain([("not-found.json".to_owned(), not_found())]).collect()
}

/// An address without a route.
fn not_found() -> Value {
    let document = json!({ "paths": { "/api/nothing-here": { "get": { "operationId": "not_found" } } } });
    let [operation] = &Operation::all(&document)[..] else {
        panic!("one operation")
    };

    event(operation, "$default")
}

fn event(operation: &Operation, route_key: &str) -> Value {
    let (path, body) = (operation.path(), operation.body().map(Value::to_string));
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": operation.query_string(),
        "headers": {
            "accept": "application/json",
            "cloudfront-viewer-country": "DE",
            "content-length": body.as_ref().map_or(0, String::len).to_string(),
            "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "user-agent": "Amazon CloudFront",
            "via": "2.0 3f5c.cloudfront.net (CloudFront)",
            "x-amzn-trace-id": "Root=1-6920a1b2-0f1e2d3c4b5a69788796a5b4",
            "x-forwarded-for": "192.0.2.44, 198.51.100.17",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": operation.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.17",
                "userAgent": "Amazon CloudFront",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route_key,
            "stage": "$default",
            "time": "20/Nov/2026:03:30:00 +0000",
            "timeEpoch": 1_795_145_400_000_u64,
        },
        "isBase64Encoded": false,
    });
    if !operation.parameters.is_empty() {
        event["pathParameters"] = json!(operation.parameters);
    }
    if !operation.query.is_empty() {
        event["queryStringParameters"] = operation.query.iter().cloned().collect();
    }
    if let Some(body) = body {
        event["headers"]["content-type"] = json!("application/json");
        event["body"] = json!(body);
    }
    if operation.signed_in {
        event["headers"]["authorization"] =
            json!("Bearer eyJraWQiOiJrMSIsImFsZyI6IlJTMjU2In0.eyJzdWIiOiIwMTkyIn0.c2lnbmF0dXJl");
        event["requestContext"]["authorizer"] = json!({ "jwt": { "claims": claims(operation), "scopes": null } });
    }

    event
}

/// The claims of an access token of a caller whom the operation admits.
fn claims(operation: &Operation) -> Value {
    let mut claims = json!({
        "auth_time": "1794999000",
        "client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
        "event_id": "5f0c5a3e-9c0b-4d6e-8f5a-2b1c0d9e8f7a",
        "exp": "1794999900",
        "iat": "1794999000",
        "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE01",
        "jti": "1d2e3f40-5162-7384-95a6-b7c8d9eafb0c",
        "origin_jti": "0c1d2e3f-4051-6273-8495-a6b7c8d9eafb",
        "scope": "aws.cognito.signin.user.admin",
        "sub": "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11",
        "token_use": "access",
        "username": "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11",
    });
    if let Some(group) = Caller::from_matrix(operation).group() {
        claims["cognito:groups"] = json!(format!("[{group}]"));
    }

    claims
}
