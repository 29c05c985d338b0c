//! A running Marquee is broken, one file for each subject. The tests run one at a time, because they break shared services.

use tokio::sync::Mutex;

mod killed;
mod recommender;
mod retraining;

/// Held by the test that runs.
static ALONE: Mutex<()> = Mutex::const_new(());
