//! The stand-in's clock.

use jiff::Timestamp;

/// The time now.
#[expect(
    clippy::disallowed_methods,
    reason = "a server's own clock: when things were created"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}
