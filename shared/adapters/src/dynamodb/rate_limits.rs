//! Token buckets in the table, so that a limit holds for all instances of all functions together.

use std::time::{Duration, Instant};

use domain::rate_limit::{Bucket, Exhausted, Limit};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    item::Stored,
    keys::{self, Key},
};

/// For how long a bucket is read again that others used in the meantime: functions have 15 seconds, and some count in two buckets.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause after the n-th round is up to n times as long, by chance: who met does not meet again.
const PAUSE: Duration = Duration::from_millis(5);
/// What is said when it was used by others each time.
const CROWDED: Exhausted = Exhausted {
    wait: Duration::from_secs(1),
};
/// A bucket that is full again is of no use; it is dropped a while later.
const DROPPED_AFTER_MS: i64 = 60 * 60 * 1000;

/// The table's token buckets.
#[derive(Clone, Debug)]
pub struct RateLimits(pub(super) Table);

/// Whose bucket it is, and of what. The subject is a keyed hash: nobody reads an address out of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketKey {
    /// What is limited.
    pub what: &'static str,
    /// Whose it is.
    pub subject: String,
}

#[derive(Serialize, Deserialize)]
struct BucketItem {
    full_at_ms: i64,
    version: u64,
    expires_at_epoch: i64,
}

impl Stored for BucketItem {
    const KIND: &'static str = "rate_limit";
}

impl RateLimits {
    /// Takes a token out of a bucket, if it has one.
    pub async fn take(
        &self,
        key: &BucketKey,
        limit: Limit,
        now: Timestamp,
    ) -> Result<Result<(), Exhausted>, StoreError> {
        self.change(key, |bucket| limit.take(bucket, now).map(Some)).await
    }

    /// Puts a token back; nothing if the bucket is gone.
    pub async fn put_back(&self, key: &BucketKey, limit: Limit) -> Result<(), StoreError> {
        // A bucket that is too crowded to change keeps the token: the limit is a little stricter then.
        self.change(key, |bucket| Ok(bucket.map(|bucket| limit.put_back(bucket))))
            .await
            .map(|_| ())
    }

    /// Reads, decides and writes, and does so again when another instance was faster.
    async fn change(
        &self,
        key: &BucketKey,
        decide: impl Fn(Option<Bucket>) -> Result<Option<Bucket>, Exhausted>,
    ) -> Result<Result<(), Exhausted>, StoreError> {
        let begun = Instant::now();
        let mut round = 0_u32;
        while begun.elapsed() < PATIENCE {
            round += 1;
            let found: Option<BucketItem> = self.0.get(keyed(key)).await?;
            let bucket = found.as_ref().map(|item| Bucket {
                full_at_ms: item.full_at_ms,
            });
            let Bucket { full_at_ms } = match decide(bucket) {
                Ok(Some(bucket)) => bucket,
                Ok(None) => return Ok(Ok(())),
                Err(exhausted) => return Ok(Err(exhausted)),
            };

            let read = found.map_or(0, |item| item.version);
            let item = BucketItem {
                full_at_ms,
                version: read + 1,
                expires_at_epoch: (full_at_ms + DROPPED_AFTER_MS) / 1000,
            }
            .to_item(keyed(key))?;
            let written = match read {
                0 => self.0.create(item).await,
                read => self.0.replace(item, read).await,
            };
            match written {
                Err(StoreError::Changed) => {
                    let share = rand::random_range(0.0..=f64::from(round));
                    tokio::time::sleep(PAUSE.mul_f64(share)).await;
                }
                written => return written.map(Ok),
            }
        }

        Ok(Err(CROWDED))
    }
}

fn keyed(key: &BucketKey) -> Key {
    keys::rate_limit(key.what, &key.subject)
}
