//! The one place that looks at the clock; everything else is handed the time.

use kernel::Timestamp;

/// The time now, in whole milliseconds: what is stored and shown has no more.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the place that the ban points to")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();

    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
