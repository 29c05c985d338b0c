//! A cache of the signing keys: they change once a day at most, and playbacks begin all the time.

use std::{sync::Arc, time::Duration};

use adapters::playback_keys::SigningKeys;
use domain::playback_keys::KeyRing;
use kernel::Timestamp;
use runtime::http::Problem;
use tokio::sync::Mutex;

/// Much shorter than the time between two rotations.
const MAX_AGE: Duration = Duration::from_mins(5);

/// The signing keys, read again every few minutes.
#[derive(Clone, Debug)]
pub(crate) struct CachedKeys {
    keys: SigningKeys,
    cached: Arc<Mutex<Option<(Timestamp, KeyRing)>>>,
}

impl CachedKeys {
    pub(crate) fn new(keys: SigningKeys) -> Self {
        Self {
            keys,
            cached: Arc::default(),
        }
    }

    /// The key ring.
    pub(crate) async fn ring(&self, now: Timestamp) -> Result<KeyRing, Problem> {
        let mut cached = self.cached.lock().await;
        if let Some((_, ring)) = cached.as_ref().filter(|(until, _)| now < *until) {
            return Ok(ring.clone());
        }

        let ring = self.keys.find().await?;
        let ring =
            ring.ok_or_else(|| Problem::unavailable("there are no playback keys yet: run rotate-playback-keys"))?;
        *cached = Some((now + MAX_AGE, ring.clone()));

        Ok(ring)
    }
}
