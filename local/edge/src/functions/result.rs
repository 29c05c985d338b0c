//! The result of a viewer-request function: the request to forward, or a response.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::{
    FunctionError, ViewerRequest,
    restricted_headers::{is_hidden, is_read_only},
};

/// The result of a function.
#[derive(Debug)]
pub(crate) enum FunctionResult {
    /// Forward this request.
    Continue(ViewerRequest),
    /// Answer with this response.
    Respond(Response<Bytes>),
}

/// Parses what the function returned for the event `sent`.
pub(crate) fn parse_result(
    request: ViewerRequest,
    sent: &Value,
    answer: &str,
) -> Result<FunctionResult, FunctionError> {
    let invalid = |what: &str| FunctionError::Invalid(what.to_owned());
    let answer: Value = serde_json::from_str(answer).map_err(|_| invalid("invalid JSON"))?;
    if let Some(status) = answer.get("statusCode") {
        let response = response(status, &answer).ok_or_else(|| invalid("a malformed response"))?;
        reject_hidden(response.headers())?;
        return Ok(FunctionResult::Respond(response));
    }
    let Some(path) = answer
        .get("uri")
        .and_then(Value::as_str)
        .filter(|path| path.starts_with('/'))
    else {
        return Err(invalid("neither a request nor a response"));
    };

    let sent = &sent["request"];
    let mut edited = ViewerRequest {
        path: path.to_owned(),
        ..request
    };
    let query = &answer["querystring"];
    if query != &sent["querystring"] {
        edited.query = written_query(query).ok_or_else(|| invalid("a malformed querystring"))?;
    }
    if answer["headers"] != sent["headers"] || answer["cookies"] != sent["cookies"] {
        let written = written_headers(&answer).ok_or_else(|| invalid("malformed headers"))?;
        edited.headers = merge_headers(written, &edited.headers)?;
    }
    Ok(FunctionResult::Continue(edited))
}

/// The headers that a function wrote, with those that it cannot read. Changes of restricted headers are errors.
fn merge_headers(mut written: HeaderMap, before: &HeaderMap) -> Result<HeaderMap, FunctionError> {
    reject_hidden(&written)?;
    let changed = |name: &&HeaderName| {
        is_read_only(name.as_str()) && !written.get_all(*name).iter().eq(before.get_all(*name).iter())
    };
    if let Some(name) = written.keys().chain(before.keys()).find(changed) {
        return Err(FunctionError::Invalid(format!(
            "a request with another `{name}`, which is read-only"
        )));
    }
    let hidden = before.iter().filter(|(name, _)| is_hidden(name.as_str()));
    written.extend(hidden.map(|(name, value)| (name.clone(), value.clone())));
    Ok(written)
}

fn reject_hidden(written: &HeaderMap) -> Result<(), FunctionError> {
    match written.keys().find(|name| is_hidden(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(FunctionError::Invalid(format!(
            "the header `{name}`, which functions cannot set"
        ))),
    }
}

fn response(status: &Value, answer: &Value) -> Option<Response<Bytes>> {
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let body = match &answer["body"] {
        Value::Null => Bytes::new(),
        Value::String(text) => Bytes::from(text.clone()),
        Value::Object(body) => {
            let data = body.get("data")?.as_str()?;
            match body.get("encoding").and_then(Value::as_str) {
                Some("base64") => STANDARD.decode(data).ok()?.into(),
                Some("text") | None => Bytes::from(data.to_owned()),
                Some(_) => return None,
            }
        }
        _ => return None,
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    append(response.headers_mut(), &answer["headers"])?;
    for (name, cookie) in answer["cookies"].as_object().into_iter().flatten() {
        for entry in entries(cookie) {
            let value = entry["value"].as_str()?;
            let attributes = entry["attributes"]
                .as_str()
                .map(|rest| format!("; {rest}"))
                .unwrap_or_default();
            let line = HeaderValue::try_from(format!("{name}={value}{attributes}")).ok()?;
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
    Some(response)
}

fn written_query(query: &Value) -> Option<String> {
    if let Some(text) = query.as_str() {
        return Some(text.to_owned());
    }
    let pairs = query.as_object()?.iter().flat_map(|(name, field)| {
        entries(field)
            .into_iter()
            .map(move |entry| match entry["value"].as_str() {
                Some("") | None => name.clone(),
                Some(value) => format!("{name}={value}"),
            })
    });
    Some(pairs.collect::<Vec<_>>().join("&"))
}

fn written_headers(answer: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    append(&mut headers, &answer["headers"])?;
    let cookies: Vec<_> = answer["cookies"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(name, cookie)| entries(cookie).into_iter().map(move |entry| (name, entry)))
        .filter_map(|(name, entry)| Some(format!("{name}={}", entry["value"].as_str()?)))
        .collect();
    if !cookies.is_empty() {
        headers.insert(header::COOKIE, HeaderValue::try_from(cookies.join("; ")).ok()?);
    }
    Some(headers)
}

fn append(headers: &mut HeaderMap, fields: &Value) -> Option<()> {
    for (name, field) in fields.as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name).ok()?;
        for entry in entries(field) {
            headers.append(&name, HeaderValue::try_from(entry["value"].as_str()?).ok()?);
        }
    }
    Some(())
}

/// The values of a field: its `multiValue`, or itself.
fn entries(field: &Value) -> Vec<&Value> {
    match field["multiValue"].as_array() {
        Some(values) => values.iter().collect(),
        None => vec![field],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::event::tests::{request, sent},
        *,
    };

    #[test]
    fn an_unchanged_request_is_forwarded_unchanged() {
        let answer = sent()["request"].to_string();
        let Ok(FunctionResult::Continue(same)) = parse_result(request(), &sent(), &answer) else {
            panic!("it is forwarded")
        };
        assert_eq!(same, request());
    }

    #[test]
    fn a_function_may_edit_path_query_headers_and_cookies() {
        let mut answer = sent()["request"].clone();
        answer["uri"] = json!("/index.html");
        answer["querystring"] = json!({ "q": { "value": "1", "multiValue": [{ "value": "1" }, { "value": "3" }] } });
        answer["headers"]["x-new"] = json!({ "value": "yes" });
        answer["cookies"] = json!({ "c": { "value": "3" } });
        let Ok(FunctionResult::Continue(edited)) = parse_result(request(), &sent(), &answer.to_string()) else {
            panic!("it is forwarded")
        };

        assert_eq!(
            (edited.path.as_str(), edited.query.as_str()),
            ("/index.html", "q=1&q=3")
        );
        assert_eq!(edited.headers["x-new"], "yes");
        assert_eq!(edited.headers[header::COOKIE], "c=3");
        assert_eq!(edited.headers.get_all(header::ACCEPT).iter().count(), 2);
    }

    #[test]
    fn a_function_cannot_change_some_headers() {
        let result = |name: &str, value: serde_json::Value| {
            let mut answer = sent()["request"].clone();
            answer["headers"][name] = value;
            parse_result(request(), &sent(), &answer.to_string())
        };
        for name in [
            "x-cache",
            "connection",
            "x-amz-cf-id",
            "x-edge-result",
            "x-forwarded-proto",
            "x-real-ip",
        ] {
            let got = result(name, json!({ "value": "mine" }));
            assert!(matches!(got, Err(FunctionError::Invalid(_))), "{name}: {got:?}");
        }
        for name in ["host", "via", "content-length", "transfer-encoding"] {
            let got = result(name, json!({ "value": "1" }));
            assert!(matches!(got, Err(FunctionError::Invalid(_))), "{name}: {got:?}");
        }
        let mut without_host = sent()["request"].clone();
        without_host["headers"].as_object_mut().unwrap().remove("host");
        let got = parse_result(request(), &sent(), &without_host.to_string());
        assert!(matches!(got, Err(FunctionError::Invalid(_))), "{got:?}");

        let answer = json!({ "statusCode": 200, "headers": { "x-cache": { "value": "mine" } } });
        let got = parse_result(request(), &sent(), &answer.to_string());
        assert!(matches!(got, Err(FunctionError::Invalid(_))), "{got:?}");
    }

    #[test]
    fn headers_that_a_function_cannot_read_stay() {
        let mut before = request();
        before
            .headers
            .insert("x-real-ip", HeaderValue::from_static("192.0.2.1"));
        let sent = super::super::event::tests::sent_for(&before);
        assert!(sent["request"]["headers"].get("x-real-ip").is_none());
        let mut answer = sent["request"].clone();
        answer["headers"]["x-new"] = json!({ "value": "yes" });

        let Ok(FunctionResult::Continue(edited)) = parse_result(before, &sent, &answer.to_string()) else {
            panic!("it is forwarded")
        };
        assert_eq!(edited.headers["x-real-ip"], "192.0.2.1");
        assert_eq!(edited.headers["x-new"], "yes");
    }

    #[test]
    fn a_function_may_respond() {
        let answer = json!({
            "statusCode": 302,
            "headers": { "location": { "value": "/x" } },
            "cookies": { "c": { "value": "3", "attributes": "Secure" } },
            "body": { "encoding": "base64", "data": "aGk=" },
        });
        let Ok(FunctionResult::Respond(response)) = parse_result(request(), &sent(), &answer.to_string()) else {
            panic!("it responds")
        };

        assert_eq!(response.status(), 302);
        assert_eq!(response.headers()[header::LOCATION], "/x");
        assert_eq!(response.headers()[header::SET_COOKIE], "c=3; Secure");
        assert_eq!(response.body(), "hi");
    }

    #[test]
    fn invalid_results_are_refused() {
        for answer in [
            json!(null),
            json!({}),
            json!({ "uri": "index.html" }),
            json!({ "statusCode": "200" }),
            json!({ "statusCode": 200, "headers": { "a b": { "value": "x" } } }),
            json!({ "statusCode": 200, "body": 7 }),
        ] {
            let got = parse_result(request(), &sent(), &answer.to_string());
            assert!(matches!(got, Err(FunctionError::Invalid(_))), "{answer}: {got:?}");
        }
    }
}
