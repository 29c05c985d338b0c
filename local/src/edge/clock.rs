//! The edge's clock.

use jiff::Timestamp;

/// The time now.
#[expect(
    clippy::disallowed_methods,
    reason = "a server's own clock: ages and lifetimes are of this moment"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
