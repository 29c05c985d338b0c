//! What accounts may do at this moment (ADR 22): the user pool is asked, and its answer is good for five seconds at most.
//!
//! So a power is gone within five seconds of being taken away, wherever that was done: by our routes, or by an operator in
//! the AWS console. The answer is kept per instance of a function, so that a burst of requests costs one question.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::account::AccountStatus;
use kernel::id::AccountId;

use crate::cognito::{CognitoError, UserPool};

/// How many answers are kept: beyond this, those that are out of date are dropped.
const MAX_ANSWERS: usize = 1_000;

/// What accounts may do at this moment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AccountStatuses {
    pool: UserPool,
    max_age: Duration,
    answers: Arc<Mutex<Answers>>,
}

impl AccountStatuses {
    /// How long an answer is good, and so how long a power outlives being taken away. A test of the permissions gives it twice
    /// as long to be gone.
    pub const MAX_AGE: Duration = Duration::from_secs(5);

    /// What the accounts of `pool` may do.
    #[must_use]
    pub fn new(pool: UserPool) -> Self {
        Self::with_max_age(pool, Self::MAX_AGE)
    }

    /// The same, with answers that are good for less time.
    #[must_use]
    pub fn with_max_age(pool: UserPool, max_age: Duration) -> Self {
        Self {
            pool,
            max_age,
            answers: Arc::default(),
        }
    }

    /// What an account may do.
    pub async fn get(&self, id: AccountId) -> Result<AccountStatus, CognitoError> {
        if let Some(status) = self.cached(id) {
            return Ok(status);
        }

        self.fetch(id).await
    }

    /// The answer about an account that is still good, if there is one.
    #[must_use]
    pub fn cached(&self, id: AccountId) -> Option<AccountStatus> {
        self.with_answers(|answers| answers.get(id, Instant::now(), self.max_age))
    }

    /// What an account may do: the user pool is asked, whatever is known.
    pub async fn fetch(&self, id: AccountId) -> Result<AccountStatus, CognitoError> {
        let asked_at = Instant::now();
        let status = self.pool.status(id).await?;
        // As old as the question: the answer may have been on its way for a while.
        self.with_answers(|answers| answers.keep(id, status.clone(), asked_at, self.max_age));

        Ok(status)
    }

    fn with_answers<T>(&self, act: impl FnOnce(&mut Answers) -> T) -> T {
        act(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Answers with the moment of their question.
#[derive(Debug, Default)]
struct Answers(HashMap<AccountId, (Instant, AccountStatus)>);

impl Answers {
    fn get(&self, id: AccountId, now: Instant, max_age: Duration) -> Option<AccountStatus> {
        let (asked_at, status) = self.0.get(&id)?;

        (now.duration_since(*asked_at) < max_age).then(|| status.clone())
    }

    fn keep(&mut self, id: AccountId, status: AccountStatus, asked_at: Instant, max_age: Duration) {
        if self.0.len() >= MAX_ANSWERS {
            self.0.retain(|_, (at, _)| asked_at.duration_since(*at) < max_age);
        }
        if self.0.len() < MAX_ANSWERS {
            self.0.insert(id, (asked_at, status));
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
    fn an_answer_is_used_for_five_seconds() {
        let (mut answers, id, start) = (Answers::default(), id(), Instant::now());
        let admin = AccountStatus::Active(vec![Role::Admin]);
        answers.keep(id, admin.clone(), start, MAX_AGE);

        let just_before = start + Duration::from_millis(4_999);
        assert_eq!(answers.get(id, just_before, MAX_AGE), Some(admin));
        assert_eq!(answers.get(id, start + MAX_AGE, MAX_AGE), None);
        assert_eq!(answers.get(self::id(), start, MAX_AGE), None);
    }

    #[test]
    fn an_answer_can_be_used_for_less_time() {
        let (mut answers, id, start) = (Answers::default(), id(), Instant::now());
        let second = Duration::from_secs(1);
        answers.keep(id, AccountStatus::Disabled, start, second);

        let just_before = start + Duration::from_millis(999);
        assert_eq!(answers.get(id, just_before, second), Some(AccountStatus::Disabled));
        assert_eq!(answers.get(id, start + second, second), None);
    }

    #[test]
    fn answers_are_bounded() {
        let (mut answers, start) = (Answers::default(), Instant::now());
        for _ in 0..MAX_ANSWERS + 10 {
            answers.keep(id(), AccountStatus::Disabled, start, MAX_AGE);
        }
        assert_eq!(answers.0.len(), MAX_ANSWERS);

        answers.keep(id(), AccountStatus::Disabled, start + MAX_AGE, MAX_AGE);
        assert_eq!(answers.0.len(), 1, "those that are out of date make room");
    }
}
