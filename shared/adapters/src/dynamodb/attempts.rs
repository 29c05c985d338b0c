//! Optimistic writes: read, decide, write on the condition that nothing has changed, and repeat if another writer was faster.

use kernel::error_kind::{ErrorKind, HasKind as _};

use super::{AddGenreError, QuotaError, StoreError};
use crate::ServiceError;

/// The most attempts. Each failed one is another writer's success: more are needed only if more than a dozen writers change one item at
/// the same moment.
const MAX_ATTEMPTS: u8 = 12;

/// A rule's decision about the value that it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<T> {
    /// Write the changed value.
    Write(T),
    /// Write nothing.
    Leave(T),
}

/// An error that may be a conflict with another writer.
pub trait MayConflict: From<StoreError> {
    /// Whether another writer was faster.
    fn is_conflict(&self) -> bool;
}

impl MayConflict for StoreError {
    fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }
}

impl MayConflict for ServiceError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}

impl MayConflict for QuotaError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}

impl MayConflict for AddGenreError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}

/// Repeats `attempt`, which reads, decides and writes, while another writer is faster. [`StoreError::Contended`] after [`MAX_ATTEMPTS`].
pub async fn retry_on_conflict<T, E, F>(attempt: impl Fn() -> F) -> Result<T, E>
where
    E: MayConflict,
    F: Future<Output = Result<T, E>>,
{
    for _ in 0..MAX_ATTEMPTS {
        match attempt().await {
            Err(error) if error.is_conflict() => {}
            done => return done,
        }
    }

    Err(StoreError::Contended.into())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The result if this number of attempts conflict, and the number of attempts.
    async fn tried(conflicts: u8, then: fn() -> Result<u8, StoreError>) -> (Result<u8, StoreError>, u8) {
        let attempts = Cell::new(0);
        let result = retry_on_conflict(|| async {
            attempts.set(attempts.get() + 1);
            if attempts.get() <= conflicts {
                return Err(StoreError::Changed);
            }
            then()
        })
        .await;

        (result, attempts.get())
    }

    #[tokio::test]
    async fn a_rule_decides_again_after_a_conflict_until_the_attempts_are_used_up() {
        assert!(matches!(tried(0, || Ok(7)).await, (Ok(7), 1)));
        assert!(matches!(tried(MAX_ATTEMPTS - 1, || Ok(7)).await, (Ok(7), MAX_ATTEMPTS)));
        assert!(matches!(
            tried(MAX_ATTEMPTS, || Ok(7)).await,
            (Err(StoreError::Contended), MAX_ATTEMPTS)
        ));
    }

    #[tokio::test]
    async fn another_error_ends_the_attempts() {
        let defect = || Err(StoreError::internal("no"));

        let (result, attempts) = tried(2, defect).await;
        assert_eq!((result.unwrap_err().kind(), attempts), (ErrorKind::Internal, 3));
    }
}
