//! How often passwords, codes and mails may be tried: for each account address and for each network address, counted in the
//! table, so that all instances of all functions count together. The numbers are in `domain::rate_limit`.
//!
//! An address counts whether it has an account or not. Signed-in people are not held up: refreshing a session needs no attempt.

use std::{sync::Arc, time::Duration};

use adapters::dynamodb::{BucketKey, RateLimits};
use domain::{
    account::Email,
    rate_limit::{Attempt, AttemptLimits, Exhausted, Limit},
};
use hmac::{Hmac, Mac};
use kernel::Timestamp;
use runtime::http::{ClientAddress, Problem, ProblemKind};
use sha2::Sha256;

/// The limits and where they are counted. Cheap to clone.
#[derive(Clone)]
pub struct AuthLimits {
    buckets: RateLimits,
    limits: AttemptLimits,
    key: Arc<str>,
}

/// An attempt that was counted.
#[derive(Debug)]
#[must_use = "an attempt that succeeds is given back"]
pub(crate) struct Counted(Vec<(BucketKey, Limit)>);

impl AuthLimits {
    /// Counts in `buckets`, under keyed hashes by `key`.
    #[must_use]
    pub fn new(buckets: RateLimits, limits: AttemptLimits, key: &str) -> Self {
        Self {
            buckets,
            limits,
            key: key.into(),
        }
    }

    /// Counts an attempt, or refuses it. The caller comes first: who is held up by that must not hold up others' accounts.
    pub(crate) async fn count(
        &self,
        attempt: Attempt,
        email: &Email,
        ClientAddress(caller): ClientAddress,
        now: Timestamp,
    ) -> Result<Counted, Problem> {
        let caller = caller.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
        let account = match attempt {
            Attempt::Mail => email.mailbox(),
            Attempt::Password | Attempt::Code => email.as_str().to_owned(),
        };

        let mut counted = Vec::with_capacity(2);
        for (whose, name, limit) in [
            ("caller", caller, self.limits.of_caller(attempt)),
            ("account", account, self.limits.of_account(attempt)),
        ] {
            let key = BucketKey {
                what: attempt.name(),
                subject: self.subject(whose, &name),
            };
            if let Err(exhausted) = self.buckets.take(&key, limit, now).await? {
                tracing::warn!(
                    attempt = attempt.name(),
                    whose,
                    "too many attempts by or for one {whose}"
                );
                return Err(refusal(exhausted));
            }
            counted.push((key, limit));
        }

        Ok(Counted(counted))
    }

    /// Gives back an attempt that succeeded: whoever knows the password or the code may use it often. Nothing depends on it, so
    /// that a failure is only logged.
    pub(crate) async fn give_back(&self, Counted(counted): Counted) {
        for (key, limit) in counted {
            if let Err(error) = self.buckets.put_back(&key, limit).await {
                tracing::warn!(cause = %error, "an attempt was not given back: {error}");
            }
        }
    }

    fn subject(&self, whose: &str, name: &str) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()) else {
            return String::new();
        };
        mac.update(format!("{whose}\n{name}").as_bytes());

        hex::encode(&mac.finalize().into_bytes()[..16])
    }
}

impl std::fmt::Debug for AuthLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthLimits")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

fn refusal(Exhausted { wait }: Exhausted) -> Problem {
    let detail = format!("too many attempts: try again in {}", in_words(wait));

    Problem::new(ProblemKind::TooManyRequests, detail).retry_after(wait)
}

/// Whole seconds or minutes, rounded up.
fn in_words(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let (number, unit) = if seconds < 90 {
        (seconds.max(1), "second")
    } else {
        (seconds.div_ceil(60), "minute")
    };

    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use adapters::{aws, dynamodb::Table};

    use super::*;

    #[test]
    fn a_wait_is_told_in_words() {
        assert_eq!(in_words(Duration::from_millis(200)), "1 second");
        assert_eq!(in_words(Duration::from_millis(59_001)), "60 seconds");
        assert_eq!(in_words(Duration::from_secs(90)), "2 minutes");
        assert_eq!(in_words(Duration::from_hours(1)), "60 minutes");
    }

    #[test]
    fn nobody_reads_an_address_out_of_a_key() {
        let buckets = Table::new(&aws::nowhere(), "marquee").rate_limits();
        let limits = AuthLimits::new(buckets, AttemptLimits { caller_factor: 1 }, "secret");
        let subject = limits.subject("account", "ada@example.org");

        assert_eq!(subject.len(), 32);
        assert_eq!(subject, limits.subject("account", "ada@example.org"));
        assert_ne!(subject, limits.subject("caller", "ada@example.org"));
        assert!(!format!("{limits:?}").contains("secret"));
    }
}
