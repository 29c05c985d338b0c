//! Waiting for a state with a deadline, instead of sleeping.

use std::time::{Duration, Instant};

/// Calls `probe` until it returns a value; panics with `what` after the deadline.
pub async fn until<T>(what: &str, deadline: Duration, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    let mut pause = Duration::from_millis(20);

    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(start.elapsed() < deadline, "waited {deadline:?} for this: {what}");

        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_millis(500));
    }
}

/// Calls `holds` until it returns true; panics with `what` if a call that began after `limit` returns false. The duration of a call
/// does not count, since it depends on the machine.
pub async fn holds_within(what: &str, limit: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();

    until(what, limit + Duration::from_mins(2), async || {
        let called = start.elapsed();
        let held = holds().await;
        assert!(held || called < limit, "this does not hold {called:?} later: {what}");

        held.then_some(())
    })
    .await;
}
