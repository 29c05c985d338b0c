//! Waiting: look for a state until it is there, with a deadline; never just sleep.

use std::time::{Duration, Instant};

/// Looks until `look` finds something; panics with `what` when the deadline passes.
pub async fn until<T>(what: &str, deadline: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    let mut pause = Duration::from_millis(20);

    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < deadline, "waited {deadline:?} for this: {what}");

        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_millis(500));
    }
}

/// Asks until it holds; panics with `what` when it does not hold of something that was asked for later than `limit`. How long an
/// answer takes does not count: it depends on the machine.
pub async fn holds_within(what: &str, limit: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();

    until(what, limit + Duration::from_mins(2), async || {
        let asked = start.elapsed();
        let held = holds().await;
        assert!(held || asked < limit, "this does not hold {asked:?} later: {what}");

        held.then_some(())
    })
    .await;
}
