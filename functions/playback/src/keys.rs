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

#[cfg(test)]
mod tests {
    use adapters::aws;
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn the_keys_are_read_again_when_they_are_old() {
        let start = Timestamp::UNIX_EPOCH;
        let ring = KeyRing::new("a".to_owned(), "b".to_owned(), "v".to_owned(), start);
        let answer = json!({ "Parameter": { "Value": serde_json::to_string(&ring).unwrap() } });
        let services = Services::answering(move |_| (200, answer.to_string())).await;
        let keys = CachedKeys::new(SigningKeys::new(&aws::at(&services.url), "/marquee/playback-keys"));

        for (seconds, reads) in [(0, 1), (299, 1), (300, 2), (301, 2), (900, 3)] {
            let now = start + Duration::from_secs(seconds);
            assert_eq!(keys.ring(now).await.unwrap(), ring);
            assert_eq!(services.calls().len(), reads, "after {seconds} s");
        }
    }
}
