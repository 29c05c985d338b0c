//! The parts of the HTTP API that several areas share.

pub mod access;
mod title;

use adapters::dynamodb::QuotaError;
use kernel::Timestamp;
use runtime::http::Problem;

pub use access::{Managed, Readable, Watchable};
pub use title::{FailureView, TitleView};

/// Why an account's quota does not admit an action.
#[must_use]
pub fn quota_problem(error: QuotaError, now: Timestamp) -> Problem {
    match error {
        QuotaError::Exceeded(exceeded) => Problem::quota_exceeded(&exceeded, now),
        QuotaError::Store(error) => error.into(),
    }
}
