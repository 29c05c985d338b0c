//! Headers that functions cannot read, and headers that they cannot change:
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html>.

/// A function can neither read nor add these.
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
const HIDDEN_PREFIXES: [&str; 3] = ["x-amz-cf-", "x-amzn-cf-", "x-edge-"];

/// A function can read but not change these in a viewer's request.
const READ_ONLY: [&str; 4] = ["content-length", "host", "transfer-encoding", "via"];

/// Whether a function can neither read nor add this header.
pub(super) fn is_hidden(name: &str) -> bool {
    HIDDEN.contains(&name) || HIDDEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a function cannot change this header of a request.
pub(super) fn is_read_only(name: &str) -> bool {
    READ_ONLY.contains(&name)
}
