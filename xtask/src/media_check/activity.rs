//! The time of the last progress: a file that waits for another one is not stuck while that one progresses.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

/// The last time at which the timeline of any file changed.
pub(super) struct Activity(Mutex<Instant>);

impl Activity {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(now))
    }

    /// Records a timeline, and the time if it differs from the previous one.
    pub(super) fn record(&self, seen: &mut Value, timeline: Value, now: Instant) {
        if *seen != timeline {
            *seen = timeline;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }

    /// The time since the last change.
    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        now - *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FOUR_MINUTES: Duration = Duration::from_mins(4);

    #[test]
    fn the_progress_of_one_file_is_enough() {
        let began = Instant::now();
        let later = began + FOUR_MINUTES;
        let activity = Activity::new(began);
        let (mut long, mut behind) = (Value::Null, Value::Null);
        activity.record(&mut long, json!({ "progress_percent": 1 }), began);
        activity.record(&mut behind, json!({ "phase": "SUBMITTED" }), began);
        activity.record(&mut long, json!({ "progress_percent": 2 }), later);
        activity.record(&mut behind, json!({ "phase": "SUBMITTED" }), later);
        assert_eq!(activity.idle_for(later), Duration::ZERO);
    }

    #[test]
    fn an_unchanged_timeline_is_no_progress() {
        let began = Instant::now();
        let later = began + FOUR_MINUTES;
        let activity = Activity::new(began);
        let mut seen = Value::Null;
        activity.record(&mut seen, json!({ "progress_percent": 1 }), began);
        activity.record(&mut seen, json!({ "progress_percent": 1 }), later);
        assert_eq!(activity.idle_for(later), FOUR_MINUTES);
    }
}
