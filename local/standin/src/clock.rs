//! The clock of the local services. Nothing else reads the time.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The time now.
#[expect(
    clippy::disallowed_methods,
    reason = "a server reads its own clock, in this one place"
)]
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A clock that tests can move forward instead of waiting.
#[derive(Debug, Default)]
pub struct Clock {
    advanced_seconds: AtomicI64,
}

impl Clock {
    /// The time now, plus what a test has added.
    pub fn now(&self) -> Timestamp {
        let now = now();
        let advanced = SignedDuration::from_secs(self.advanced_seconds.load(Ordering::Relaxed));
        now.saturating_add(advanced).unwrap_or(now)
    }

    /// Moves this clock forward until the process ends.
    pub fn advance(&self, seconds: u32) {
        self.advanced_seconds.fetch_add(i64::from(seconds), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_moved_forward() {
        let clock = Clock::default();
        let before = clock.now();

        clock.advance(61);

        assert!(clock.now().duration_since(before) >= SignedDuration::from_secs(61));
    }
}
