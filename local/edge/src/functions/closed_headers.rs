//! Headers that functions at the edge do not see, and those that they see and may not change:
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html>.

/// Never shown to a function, and never to be added by one.
const HIDDEN: [&str; 22] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amzn-auth",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-forwarded-proto",
    "x-real-ip",
];
const HIDDEN_BEGINNINGS: [&str; 3] = ["x-amz-cf-", "x-amzn-cf-", "x-edge-"];

/// Of a viewer's request: shown, and to be left as they are.
const READ_ONLY: [&str; 4] = ["content-length", "host", "transfer-encoding", "via"];

/// Whether a function neither sees this header nor may add it.
pub(super) fn is_hidden(name: &str) -> bool {
    HIDDEN.contains(&name) || HIDDEN_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// Whether a function has to leave this header of a request as it is.
pub(super) fn is_read_only(name: &str) -> bool {
    READ_ONLY.contains(&name)
}
