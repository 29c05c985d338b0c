//! What an error of something that we depend on means: not what happened, but what helps. Every adapter classifies its errors by this
//! list, and every reaction (an HTTP status, the name of a step's error, a level of the log) follows from it (ADR 33).

use std::error::Error;

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Another writer was faster: read again and decide again.
    Conflict,
    /// A service asks us to slow down: the same call succeeds later.
    Throttled,
    /// No answer, a timeout, or a failure inside the service: the same call may succeed later.
    Unavailable,
    /// A service does not let us: a permission or a credential is missing, and every repetition is refused too.
    Denied,
    /// A defect: a request that cannot be built or is not accepted, a resource that does not exist, an answer that cannot be parsed.
    Internal,
    /// The request of our own caller cannot be served as it is. The error's sentence is for them. No answer of a service means this.
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

    /// Whether an operator has to act: the error does not pass by itself.
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

/// For writes whose conflict is good news: another writer has written the same, or something newer.
pub trait IgnoreConflict: Sized {
    /// Takes a conflict for success.
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
