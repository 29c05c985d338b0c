//! What accounts may do at this moment (ADR 22): the user pool is asked, and its answer is good for five seconds.
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

/// How long an answer is good. A test of the permissions gives it twice as long to be gone.
const GOOD_FOR: Duration = Duration::from_secs(5);
/// How many answers are kept: beyond this, those that are out of date are dropped.
const MAX_ANSWERS: usize = 1_000;

/// What accounts may do at this moment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Powers {
    pool: UserPool,
    answers: Arc<Mutex<Answers>>,
}

impl Powers {
    /// What the accounts of `pool` may do.
    #[must_use]
    pub fn new(pool: UserPool) -> Self {
        Self {
            pool,
            answers: Arc::default(),
        }
    }

    /// What an account may do.
    pub async fn of(&self, id: AccountId) -> Result<AccountStatus, CognitoError> {
        let asked_at = Instant::now();
        if let Some(status) = self.with_answers(|answers| answers.get(id, asked_at)) {
            return Ok(status);
        }

        let status = self.pool.status(id).await?;
        // As old as the question: the answer may have been on its way for a while.
        self.with_answers(|answers| answers.keep(id, status.clone(), asked_at));

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
    fn get(&self, id: AccountId, now: Instant) -> Option<AccountStatus> {
        let (asked_at, status) = self.0.get(&id)?;

        (now.duration_since(*asked_at) < GOOD_FOR).then(|| status.clone())
    }

    fn keep(&mut self, id: AccountId, status: AccountStatus, asked_at: Instant) {
        if self.0.len() >= MAX_ANSWERS {
            self.0.retain(|_, (at, _)| asked_at.duration_since(*at) < GOOD_FOR);
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

    fn id() -> AccountId {
        AccountId::mint(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn an_answer_is_good_for_five_seconds() {
        let (mut answers, id, start) = (Answers::default(), id(), Instant::now());
        let admin = AccountStatus::Active(vec![Role::Admin]);
        answers.keep(id, admin.clone(), start);

        assert_eq!(answers.get(id, start + Duration::from_millis(4_999)), Some(admin));
        assert_eq!(answers.get(id, start + GOOD_FOR), None);
        assert_eq!(answers.get(self::id(), start), None);
    }

    #[test]
    fn answers_are_bounded() {
        let (mut answers, start) = (Answers::default(), Instant::now());
        for _ in 0..MAX_ANSWERS + 10 {
            answers.keep(id(), AccountStatus::Disabled, start);
        }
        assert_eq!(answers.0.len(), MAX_ANSWERS);

        answers.keep(id(), AccountStatus::Disabled, start + GOOD_FOR);
        assert_eq!(answers.0.len(), 1, "those that are out of date make room");
    }
}
