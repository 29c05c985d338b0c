//! The classification of AWS errors, one for all services (ADR 33).

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use kernel::error_kind::{ErrorKind, HasKind};

/// Codes of throttling that AWS's list lacks.
const MORE_THROTTLES: [&str; 4] = [
    "ExecutionLimitExceeded",
    "KMSThrottlingException",
    "KmsThrottlingException",
    "ServiceQuotaExceededException",
];

/// Codes of writes that lost against another writer.
const CONFLICTS: [&str; 8] = [
    "ConcurrentModificationException",
    "ConditionalCheckFailedException",
    "ConditionalRequestConflict",
    "ConflictException",
    "OperationAborted",
    "PreconditionFailed",
    "ReplicatedWriteConflictException",
    "TransactionConflictException",
];

/// Codes of failures inside the service. S3 answers a long call with 200 and one of these in its body.
const FAILURES: [&str; 5] = [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "ServiceUnavailable",
];

/// Codes of missing permissions and of invalid credentials. Services choose 400, 401 or 403 for them.
const REFUSALS: [&str; 23] = [
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "ExpiredToken",
    "ExpiredTokenException",
    "ForbiddenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "KMSAccessDeniedException",
    "KmsAccessDeniedException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// The kind of an error response, by the service's code or else by the HTTP status. The code comes first, because services do not agree
/// on statuses.
pub(crate) fn kind_of(code: Option<&str>, status: Option<u16>) -> ErrorKind {
    let code = code.unwrap_or_default();

    if THROTTLING_ERRORS.contains(&code) || MORE_THROTTLES.contains(&code) {
        ErrorKind::Throttled
    } else if CONFLICTS.contains(&code) {
        ErrorKind::Conflict
    } else if REFUSALS.contains(&code) {
        ErrorKind::Denied
    } else if TRANSIENT_ERRORS.contains(&code) || FAILURES.contains(&code) {
        ErrorKind::Unavailable
    } else {
        kind_of_status(status)
    }
}

const fn kind_of_status(status: Option<u16>) -> ErrorKind {
    match status {
        Some(429) => ErrorKind::Throttled,
        Some(409 | 412) => ErrorKind::Conflict,
        Some(401 | 403) => ErrorKind::Denied,
        Some(408 | 500..) => ErrorKind::Unavailable,
        // A retry gets the same response; a success that cannot be parsed is an error too.
        _ => ErrorKind::Internal,
    }
}

/// The kind of a failed call; `code` is the code in the service's response.
pub(crate) fn kind_of_failure<E>(error: &SdkError<E, HttpResponse>, code: Option<&str>) -> ErrorKind {
    match error {
        SdkError::ServiceError(answer) => kind_of(code, Some(answer.raw().status().as_u16())),
        SdkError::DispatchFailure(failure) if failure.is_user() => ErrorKind::Internal,
        // The body is complete and cannot be parsed. If it is not complete, the connection broke.
        SdkError::ResponseError(answer) if answer.raw().body().bytes().is_some() => {
            kind_of(code, Some(answer.raw().status().as_u16()))
        }
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => ErrorKind::Unavailable,
        // The request was never built.
        _ => ErrorKind::Internal,
    }
}

/// The service's error code.
pub(crate) fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// A failed call of a service for which the kind is all that matters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{service} {}: {cause}", verb_phrase(*kind))]
pub struct CallError {
    service: &'static str,
    kind: ErrorKind,
    cause: String,
}

const fn verb_phrase(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Conflict => "was changed at the same moment",
        ErrorKind::Throttled => "throttles the call",
        ErrorKind::Unavailable => "does not answer",
        ErrorKind::Denied => "denies the call",
        ErrorKind::Internal | ErrorKind::Invalid => "cannot parse the call, or its response cannot be parsed",
    }
}

impl CallError {
    /// A failed call of `service`, of a given kind.
    pub fn new(service: &'static str, kind: ErrorKind, cause: impl std::fmt::Display) -> Self {
        Self {
            service,
            kind,
            cause: cause.to_string(),
        }
    }

    /// A failed call of `service`.
    pub(crate) fn from_sdk<E>(service: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        move |error| Self {
            service,
            kind: kind_of_failure(&error, code_of(&error)),
            cause: cause(&error),
        }
    }

    /// A request that cannot be built, or a response that cannot be parsed.
    pub(crate) fn internal(service: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::new(service, ErrorKind::Internal, cause)
    }
}

/// An error with all its sources, as one sentence for the log. Not with the request, which may contain personal data.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |error| error.source());

    below.fold(error.to_string(), |sentence, error| format!("{sentence}: {error}"))
}

impl HasKind for CallError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }
}
