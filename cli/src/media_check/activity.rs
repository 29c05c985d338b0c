//! When anything moved last: a file that waits behind another one is not stuck while that one goes on.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

/// The last moment at which the timeline of any file of the check changed.
pub(super) struct Pulse(Mutex<Instant>);

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(now))
    }

    /// Takes a timeline in place of the one that was seen before.
    pub(super) fn feel(&self, seen: &mut Value, timeline: Value, now: Instant) {
        if *seen != timeline {
            *seen = timeline;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }

    /// For how long nothing changed.
    pub(super) fn still_for(&self, now: Instant) -> Duration {
        now - *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FOUR_MINUTES: Duration = Duration::from_mins(4);

    #[test]
    fn one_file_that_moves_is_enough() {
        let began = Instant::now();
        let later = began + FOUR_MINUTES;
        let pulse = Pulse::new(began);
        let (mut long, mut behind) = (Value::Null, Value::Null);
        pulse.feel(&mut long, json!({ "progress_percent": 1 }), began);
        pulse.feel(&mut behind, json!({ "phase": "SUBMITTED" }), began);
        pulse.feel(&mut long, json!({ "progress_percent": 2 }), later);
        pulse.feel(&mut behind, json!({ "phase": "SUBMITTED" }), later);
        assert_eq!(pulse.still_for(later), Duration::ZERO);
    }

    #[test]
    fn a_timeline_that_is_read_again_is_no_movement() {
        let began = Instant::now();
        let later = began + FOUR_MINUTES;
        let pulse = Pulse::new(began);
        let mut seen = Value::Null;
        pulse.feel(&mut seen, json!({ "progress_percent": 1 }), began);
        pulse.feel(&mut seen, json!({ "progress_percent": 1 }), later);
        assert_eq!(pulse.still_for(later), FOUR_MINUTES);
    }
}
