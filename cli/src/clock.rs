//! The only place in this program that reads the clock.

use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the only reader of the clock")]
    Timestamp::now()
}
