//! The one place of this program that reads the time.

use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the program's edge")]
    Timestamp::now()
}
