//! Problems: error responses of the API (RFC 9457), from a closed list of kinds, each with a page in `docs/problems/`.
//!
//! Every error has two audiences: callers read the `detail`, and the `cause` is only logged.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use domain::quota::{QuotaExceeded, until_tomorrow};
use kernel::{
    Timestamp,
    error_kind::{ErrorKind, HasKind},
};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident $slug:literal $status:ident $title:literal),+ $(,)?) => {
        /// The kinds of problems.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[doc = $doc])+ $kind),+
        }

        impl ProblemKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The last part of the type's address and the name of its page.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug),+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status),+ }
            }

            /// The kind in a few words; the same for every problem of the kind.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),+ }
            }
        }
    };
}

kinds! {
    /// The request cannot be read: broken JSON, a malformed id, an unknown query parameter.
    InvalidRequest "invalid-request" BAD_REQUEST "The request cannot be read",
    /// The request has no valid access token, or the credentials are wrong.
    Unauthorized "unauthorized" UNAUTHORIZED "Sign in first",
    /// The caller may not do this.
    Forbidden "forbidden" FORBIDDEN "This is not allowed",
    /// The resource does not exist, or the caller may not know of it.
    NotFound "not-found" NOT_FOUND "There is no such thing",
    /// The address supports other methods: the `Allow` header names them.
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED "Another method is needed here",
    /// The current state does not allow the request.
    Conflict "conflict" CONFLICT "The current state does not allow this",
    /// The body has more bytes than the route reads.
    PayloadTooLarge "payload-too-large" PAYLOAD_TOO_LARGE "The body is too large",
    /// The body is JSON with invalid fields.
    InvalidFields "invalid-fields" UNPROCESSABLE_ENTITY "Some fields are not valid",
    /// A rate limit or a daily quota is used up.
    TooManyRequests "too-many-requests" TOO_MANY_REQUESTS "Too many requests",
    /// A defect of Marquee.
    Internal "internal" INTERNAL_SERVER_ERROR "Something went wrong on our side",
    /// A service that Marquee needs fails for a moment; a retry helps.
    Unavailable "unavailable" SERVICE_UNAVAILABLE "Not available right now",
}

/// `Retry-After` of a request that a service throttled: our clients wait about as long between their attempts.
const THROTTLE_RETRY_AFTER: Duration = Duration::from_secs(2);

/// One invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The place of the field in the body: a JSON pointer (RFC 6901).
    #[schema(examples("/name"))]
    pub pointer: String,
    /// What is wrong with the field.
    #[schema(examples("must not be empty"))]
    pub detail: String,
}

/// The errors of all fields of a body, so that a form can show them at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// The error of one field.
    pub fn one(pointer: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        let mut errors = Self::default();
        errors.refuse(pointer, reason);
        errors
    }

    /// Whether there are no errors.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a field's value, or records its error.
    pub fn check<T, E: std::fmt::Display>(&mut self, pointer: impl Into<String>, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.refuse(pointer, error)).ok()
    }

    /// Records the error of a field.
    pub fn refuse(&mut self, pointer: impl Into<String>, reason: impl std::fmt::Display) {
        self.0.push(FieldError {
            pointer: pointer.into(),
            detail: reason.to_string(),
        });
    }
}

/// The response to a request that failed.
#[derive(Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<crate::Error>,
}

impl Problem {
    /// A problem of `kind`; `detail` says to the caller what happened and what to do.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// The request cannot be read.
    pub fn invalid_request(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::InvalidRequest, detail)
    }

    /// The request has no valid access token, or the credentials are wrong.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unauthorized, detail)
    }

    /// The caller's account was deleted after the access token was issued.
    #[must_use]
    pub fn account_deleted() -> Self {
        Self::unauthorized("this account does not exist any more")
    }

    /// The caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Forbidden, detail)
    }

    /// The resource does not exist, or the caller may not know of it.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::NotFound, detail)
    }

    /// The current state does not allow the request.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Conflict, detail)
    }

    /// The address supports other methods, such as `GET, PATCH`.
    #[must_use]
    pub fn method_not_allowed(methods: &str) -> Self {
        Self {
            headers: HeaderValue::from_str(methods)
                .map(|methods| (header::ALLOW, methods))
                .into_iter()
                .collect(),
            ..Self::new(
                ProblemKind::MethodNotAllowed,
                format!("this address answers to {methods}, not to this method"),
            )
        }
    }

    /// A rate limit or a daily quota is used up.
    #[must_use]
    pub fn too_many_requests() -> Self {
        Self::new(
            ProblemKind::TooManyRequests,
            "too many attempts: wait a while and try again",
        )
    }

    /// A quota is exceeded. A quota by the day is renewed when the next day begins.
    #[must_use]
    pub fn quota_exceeded(exceeded: &QuotaExceeded, now: Timestamp) -> Self {
        if exceeded.is_daily() {
            Self::new(ProblemKind::TooManyRequests, exceeded.to_string()).retry_after(until_tomorrow(now))
        } else {
            Self::conflict(exceeded.to_string())
        }
    }

    /// A defect of Marquee: the caller gets a request id to quote, and no cause.
    pub fn internal(cause: impl Into<crate::Error>) -> Self {
        let detail = "this is a defect of ours, and it has been noted: quote the request id if you report it";
        Self::new(ProblemKind::Internal, detail).because(cause)
    }

    /// A service that Marquee needs fails for a moment.
    pub fn unavailable(cause: impl Into<crate::Error>) -> Self {
        Self::new(
            ProblemKind::Unavailable,
            "a service behind this one does not answer: try again in a moment",
        )
        .because(cause)
    }

    /// Sets the `Retry-After` header, in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        self
    }

    /// Adds the cause, which is logged and never shown.
    #[must_use]
    pub fn because(mut self, cause: impl Into<crate::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Whether the caller is refused for lack of a permission.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self.kind, ProblemKind::Unauthorized | ProblemKind::Forbidden)
    }

    /// The cause with all its sources, for the log.
    pub(super) fn cause(&self) -> Option<String> {
        let mut sentence = self.cause.as_ref()?.to_string();
        let mut below = self.cause.as_ref()?.source();
        while let Some(error) = below {
            let text = error.to_string();
            if !sentence.contains(&text) {
                sentence = format!("{sentence}: {text}");
            }
            below = error.source();
        }

        Some(sentence)
    }

    /// The response, with its body.
    pub(super) fn into_response_for(self, request_id: String, trace_id: Option<String>, instance: String) -> Response {
        let body = ProblemBody {
            r#type: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail,
            instance,
            request_id,
            trace_id,
            errors: self.errors,
        };
        let mut response = (self.kind.status(), axum::Json(body)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        response.headers_mut().extend(self.headers);

        response
    }
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Self {
        let detail = match errors.0.as_slice() {
            [FieldError { pointer, detail }] => format!("`{pointer}` {detail}"),
            several => format!("{} fields are not valid: see `errors`", several.len()),
        };

        Self {
            errors: errors.0,
            ..Self::new(ProblemKind::InvalidFields, detail)
        }
    }
}

impl<E: HasKind> From<E> for Problem {
    /// A caller learns the kind of a service's error; its cause is for the log.
    fn from(error: E) -> Self {
        match error.kind() {
            ErrorKind::Conflict => Self::conflict("this was changed in the meantime: read it again").because(error),
            ErrorKind::Throttled => Self::unavailable(error).retry_after(THROTTLE_RETRY_AFTER),
            ErrorKind::Unavailable => Self::unavailable(error),
            ErrorKind::Denied | ErrorKind::Internal => Self::internal(error),
            ErrorKind::Invalid => Self::invalid_request(error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    /// Attaches the problem to an empty response. The middleware writes the body, because it knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response
            .extensions_mut()
            .insert(std::sync::Arc::new(std::sync::Mutex::new(Some(self))));

        response
    }
}

/// The body of a problem on the wire.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The kind, as the address of its page: `/problems/<kind>`.
    #[schema(examples("/problems/not-found"))]
    pub r#type: String,
    /// The kind in a few words.
    #[schema(examples("There is no such thing"))]
    pub title: String,
    /// The HTTP status.
    #[schema(examples(404))]
    pub status: u16,
    /// What happened and what to do, for people.
    #[schema(examples("there is no such title, or you have no access to it"))]
    pub detail: String,
    /// The path of the request.
    #[schema(examples("/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11"))]
    pub instance: String,
    /// The id to quote when reporting the problem; the logs have it too.
    #[schema(examples("6f1c0d3e-2f3b-4f43-9a35-9a4a0d1d9f0e"))]
    pub request_id: String,
    /// The id of the trace that the request belongs to, if it has one: the functions behind it log the same id.
    #[schema(examples("1-6920a1b2-0f1e2d3c4b5a69788796a5b4"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The invalid fields, if that is the problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_slug_and_status() {
        let mut slugs: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();

        assert_eq!(slugs.len(), ProblemKind::ALL.len());
        assert!(
            ProblemKind::ALL
                .iter()
                .all(|kind| kind.status().is_client_error() || kind.status().is_server_error())
        );
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the table says something")]
    struct TableError(ErrorKind);

    impl HasKind for TableError {
        fn kind(&self) -> ErrorKind {
            self.0
        }
    }

    #[test]
    fn the_response_to_an_error_of_a_service_depends_on_its_kind() {
        for kind in ErrorKind::ALL {
            let problem = Problem::from(TableError(kind));
            let shows_the_cause = problem.detail.contains("the table");
            let response = problem.into_response_for(String::new(), None, String::new());
            let waits = response.headers().contains_key(header::RETRY_AFTER);
            let expected = match kind {
                ErrorKind::Conflict => (409, false),
                ErrorKind::Throttled => (503, true),
                ErrorKind::Unavailable => (503, false),
                ErrorKind::Denied | ErrorKind::Internal => (500, false),
                ErrorKind::Invalid => (400, false),
            };

            assert_eq!((response.status().as_u16(), waits), expected, "{kind:?}");
            assert_eq!(shows_the_cause, kind == ErrorKind::Invalid, "{kind:?}");
        }
    }

    #[test]
    fn field_errors_are_collected() {
        let mut errors = FieldErrors::default();

        assert_eq!(errors.check("/size_bytes", "7".parse::<u64>()), Some(7));
        assert_eq!(errors.check("/size_bytes", "x".parse::<u64>()), None);
        errors.refuse("/name", "must not be empty");

        let problem = Problem::from(errors);
        assert_eq!(problem.errors.len(), 2);
        assert_eq!(problem.detail, "2 fields are not valid: see `errors`");
    }

    #[test]
    fn the_time_to_wait_is_rounded_up_to_whole_seconds() {
        let response = |wait| {
            let problem = Problem::too_many_requests().retry_after(wait);
            problem.into_response_for(String::new(), None, String::new())
        };

        assert_eq!(
            response(Duration::from_millis(1500)).headers()[header::RETRY_AFTER],
            "2"
        );
        assert_eq!(response(Duration::from_mins(1)).headers()[header::RETRY_AFTER], "60");
        assert!(
            !Problem::too_many_requests()
                .into_response_for(String::new(), None, String::new())
                .headers()
                .contains_key(header::RETRY_AFTER)
        );
    }

    #[test]
    fn a_daily_quota_can_be_retried_when_the_day_ends() {
        let evening = "2026-11-28T23:59:00Z".parse().unwrap();
        let response = |exceeded: QuotaExceeded| {
            let response =
                Problem::quota_exceeded(&exceeded, evening).into_response_for(String::new(), None, String::new());
            let wait = response
                .headers()
                .get(header::RETRY_AFTER)
                .map(|wait| wait.to_str().unwrap().to_owned());
            (response.status().as_u16(), wait)
        };

        assert_eq!(response(QuotaExceeded::Titles(50)), (429, Some("60".to_owned())));
        assert_eq!(response(QuotaExceeded::UploadBytes(1)), (429, Some("60".to_owned())));
        assert_eq!(response(QuotaExceeded::Uploads(200)), (429, Some("60".to_owned())));
        assert_eq!(response(QuotaExceeded::OpenUploads(10)), (409, None));
    }

    #[test]
    fn the_cause_is_logged_with_its_sources() {
        #[derive(Debug, thiserror::Error)]
        #[error("the table did not answer")]
        struct Above(#[source] std::fmt::Error);

        let problem = Problem::internal(Above(std::fmt::Error));

        assert!(
            problem
                .cause()
                .unwrap()
                .starts_with("the table did not answer: an error occurred")
        );
        assert!(!problem.detail.contains("table"));
    }
}
