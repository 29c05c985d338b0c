//! What an error of a dependency means: not what happened, but what the caller can do. Every adapter classifies its errors by this list,
//! and every reaction (an HTTP status, the name of a step's error, a log level) follows from it (ADR 33).

use std::error::Error;

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Another writer was faster: read again and decide again.
    Conflict,
    /// A service throttles our calls: the same call succeeds later.
    Throttled,
    /// No answer, a timeout, or a failure inside the service: the same call may succeed later.
    Unavailable,
    /// A service denies the call: a permission or a credential is missing, and every retry is denied too.
    Denied,
    /// A defect: a request that cannot be built or is not accepted, a resource that does not exist, a response that cannot be parsed.
    Internal,
    /// Our own caller sent a request that cannot be served. The error's sentence is for the caller. No response of a service means this.
    Invalid,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Conflict,
        Self::Throttled,
        Self::Unavailable,
        Self::Denied,
        Self::Internal,
        Self::Invalid,
    ];

    /// Whether an operator has to act, because the error does not pass by itself.
    #[must_use]
    pub const fn needs_an_operator(self) -> bool {
        matches!(self, Self::Denied | Self::Internal)
    }
}

/// An error with a kind.
pub trait HasKind: Error + Send + Sync + 'static {
    /// What it means for the caller.
    fn kind(&self) -> ErrorKind;
}

/// For writes whose conflict is harmless: another writer has written the same, or something newer.
pub trait IgnoreConflict: Sized {
    /// Treats a conflict as success.
    #[must_use]
    fn ignore_conflict(self) -> Self;
}

impl<E: HasKind> IgnoreConflict for Result<(), E> {
    fn ignore_conflict(self) -> Self {
        match self {
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
            other => other,
        }
    }
}
