//! CloudFront's limits on requests: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>.

use http::{HeaderMap, Method, StatusCode, header};

use super::functions::ViewerRequest;

/// Path and query.
const MAX_URL: usize = 8_192;
/// Path, query and headers.
const MAX_REQUEST: usize = 32_768;

/// The status and the text of a refusal.
pub(super) type Refusal = (StatusCode, &'static str);

/// Refuses what CloudFront refuses for all behaviours.
pub(super) fn check(request: &ViewerRequest) -> Result<(), Refusal> {
    let url = request.path.len() + request.query.len();
    if url > MAX_URL {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, "This address is too long."));
    }
    let headers: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if url + headers > MAX_REQUEST {
        return Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            "The headers of this request are too large.",
        ));
    }
    if request.method == Method::GET && has_body(&request.headers) {
        return Err((StatusCode::FORBIDDEN, "A GET request takes no body."));
    }

    Ok(())
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);

    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length.as_bytes() != b"0")
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn request(method: Method, path: usize, headers: &[(&'static str, usize)]) -> ViewerRequest {
        let headers = headers.iter().map(|(name, length)| {
            let value = HeaderValue::try_from("1".repeat(*length)).unwrap();
            (HeaderName::from_static(name), value)
        });
        ViewerRequest {
            method,
            path: format!("/{}", "a".repeat(path - 1)),
            query: String::new(),
            headers: headers.collect(),
        }
    }

    fn status(request: &ViewerRequest) -> Option<u16> {
        check(request).err().map(|(status, _)| status.as_u16())
    }

    #[test]
    fn large_requests_are_refused() {
        assert_eq!(status(&request(Method::GET, 8_192, &[])), None);
        assert_eq!(status(&request(Method::GET, 8_193, &[])), Some(413));
        assert_eq!(status(&request(Method::GET, 10, &[("accept", 32_752)])), None);
        assert_eq!(status(&request(Method::GET, 10, &[("accept", 32_753)])), Some(413));
    }

    #[test]
    fn a_get_has_no_body() {
        assert_eq!(status(&request(Method::GET, 10, &[("content-length", 1)])), Some(403));
        assert_eq!(
            status(&request(Method::GET, 10, &[("transfer-encoding", 1)])),
            Some(403)
        );
        assert_eq!(status(&request(Method::POST, 10, &[("content-length", 1)])), None);
    }
}
