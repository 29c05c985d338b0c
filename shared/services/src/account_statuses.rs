//! The current status and roles of accounts (ADR 22), read from the user pool and cached for at most five seconds.
//!
//! A permission is therefore gone at most five seconds after it was taken away, by a route or by an operator in the AWS console. Each
//! instance of a function has its own cache, so that a burst of requests costs one look-up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use adapters::cognito::{CognitoError, UserPool};
use domain::account::AccountStatus;
use kernel::id::AccountId;

/// The largest number of cached statuses: beyond it, expired ones are dropped.
const MAX_CACHED: usize = 1_000;

/// A cache of account statuses. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AccountStatuses {
    pool: UserPool,
    max_age: Duration,
    cache: Arc<Mutex<Cache>>,
}

impl AccountStatuses {
    /// How long a status is cached, and therefore how long a permission outlives its removal. The test of permissions waits twice as
    /// long.
    pub const MAX_AGE: Duration = Duration::from_secs(5);

    /// The statuses of the accounts of `pool`.
    #[must_use]
    pub fn new(pool: UserPool) -> Self {
        Self::with_max_age(pool, Self::MAX_AGE)
    }

    /// The same, with another maximum age.
    #[must_use]
    pub fn with_max_age(pool: UserPool, max_age: Duration) -> Self {
        Self {
            pool,
            max_age,
            cache: Arc::default(),
        }
    }

    /// The status of an account, cached or looked up.
    pub async fn get(&self, id: AccountId) -> Result<AccountStatus, CognitoError> {
        if let Some(status) = self.cached(id) {
            return Ok(status);
        }

        self.fetch(id).await
    }

    /// The cached status of an account, if it is not too old.
    #[must_use]
    pub fn cached(&self, id: AccountId) -> Option<AccountStatus> {
        self.with_cache(|cache| cache.get(id, Instant::now(), self.max_age))
    }

    /// The status of an account, looked up in the user pool even if it is cached.
    pub async fn fetch(&self, id: AccountId) -> Result<AccountStatus, CognitoError> {
        let requested_at = Instant::now();
        let status = self.pool.status(id).await?;
        // Its age counts from the request: the response may have been delayed.
        self.with_cache(|cache| cache.insert(id, status.clone(), requested_at, self.max_age));

        Ok(status)
    }

    fn with_cache<T>(&self, act: impl FnOnce(&mut Cache) -> T) -> T {
        act(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Statuses with the time of the look-up.
#[derive(Debug, Default)]
struct Cache(HashMap<AccountId, (Instant, AccountStatus)>);

impl Cache {
    fn get(&self, id: AccountId, now: Instant, max_age: Duration) -> Option<AccountStatus> {
        let (requested_at, status) = self.0.get(&id)?;

        (now.duration_since(*requested_at) < max_age).then(|| status.clone())
    }

    fn insert(&mut self, id: AccountId, status: AccountStatus, requested_at: Instant, max_age: Duration) {
        if self.0.len() >= MAX_CACHED {
            self.0.retain(|_, (at, _)| requested_at.duration_since(*at) < max_age);
        }
        if self.0.len() < MAX_CACHED {
            self.0.insert(id, (requested_at, status));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::account::Role;
    use kernel::Timestamp;

    use super::*;

    const MAX_AGE: Duration = AccountStatuses::MAX_AGE;

    fn id() -> AccountId {
        AccountId::mint(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_status_is_cached_for_five_seconds() {
        let (mut cache, id, start) = (Cache::default(), id(), Instant::now());
        let admin = AccountStatus::Active(vec![Role::Admin]);
        cache.insert(id, admin.clone(), start, MAX_AGE);

        let just_before = start + Duration::from_millis(4_999);
        assert_eq!(cache.get(id, just_before, MAX_AGE), Some(admin));
        assert_eq!(cache.get(id, start + MAX_AGE, MAX_AGE), None);
        assert_eq!(cache.get(self::id(), start, MAX_AGE), None);
    }

    #[test]
    fn a_status_can_be_cached_for_less_time() {
        let (mut cache, id, start) = (Cache::default(), id(), Instant::now());
        let second = Duration::from_secs(1);
        cache.insert(id, AccountStatus::Disabled, start, second);

        let just_before = start + Duration::from_millis(999);
        assert_eq!(cache.get(id, just_before, second), Some(AccountStatus::Disabled));
        assert_eq!(cache.get(id, start + second, second), None);
    }

    #[test]
    fn the_cache_is_bounded() {
        let (mut cache, start) = (Cache::default(), Instant::now());
        for _ in 0..MAX_CACHED + 10 {
            cache.insert(id(), AccountStatus::Disabled, start, MAX_AGE);
        }
        assert_eq!(cache.0.len(), MAX_CACHED);

        cache.insert(id(), AccountStatus::Disabled, start + MAX_AGE, MAX_AGE);
        assert_eq!(cache.0.len(), 1, "expired statuses make room");
    }
}
