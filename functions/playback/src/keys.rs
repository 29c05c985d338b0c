//! The signing keys, remembered for a while: they change once a day at most, and playback starts all the time.

use std::{sync::Arc, time::Duration};

use adapters::playback_keys::SigningKeys;
use domain::playback_keys::KeyRing;
use kernel::Timestamp;
use runtime::http::Problem;
use tokio::sync::Mutex;

/// Shorter by far than the time between two changes of the keys.
const REMEMBERED_FOR: Duration = Duration::from_mins(5);

/// The signing keys, asked for again every few minutes.
#[derive(Clone, Debug)]
pub(crate) struct RememberedKeys {
    keys: SigningKeys,
    remembered: Arc<Mutex<Option<(Timestamp, KeyRing)>>>,
}

impl RememberedKeys {
    pub(crate) fn new(keys: SigningKeys) -> Self {
        Self {
            keys,
            remembered: Arc::default(),
        }
    }

    /// The ring.
    pub(crate) async fn ring(&self, now: Timestamp) -> Result<KeyRing, Problem> {
        let mut remembered = self.remembered.lock().await;
        if let Some((_, ring)) = remembered.as_ref().filter(|(until, _)| now < *until) {
            return Ok(ring.clone());
        }

        let ring = self.keys.find().await?;
        let ring =
            ring.ok_or_else(|| Problem::unavailable("there are no playback keys yet: run rotate-playback-keys"))?;
        *remembered = Some((now + REMEMBERED_FOR, ring.clone()));

        Ok(ring)
    }
}
