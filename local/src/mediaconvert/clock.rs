//! The stand-in's clock. Tests move it forward (`POST /_marquee/clock`) instead of waiting.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Now, plus what a test has added.
#[derive(Debug, Default)]
pub(super) struct Clock {
    advanced_seconds: AtomicI64,
}

impl Clock {
    pub(super) fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place of the stand-in that reads the clock"
        )]
        let now = Timestamp::now();
        let advanced = SignedDuration::from_secs(self.advanced_seconds.load(Ordering::Relaxed));
        now.saturating_add(advanced).unwrap_or(now)
    }

    /// Moves the clock of this process forward until it ends.
    pub(super) fn advance(&self, seconds: u32) {
        self.advanced_seconds.fetch_add(i64::from(seconds), Ordering::Relaxed);
    }
}
