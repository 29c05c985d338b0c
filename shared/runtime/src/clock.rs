//! The clock. Only entry points read it; all other code gets the time as an argument.

use kernel::Timestamp;

/// The current time in whole milliseconds, the precision of stored and shown times.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the place that the ban points to")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();

    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
