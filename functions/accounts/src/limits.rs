//! Rate limits for passwords, codes and mails: for each account address and for each network address. The table counts them for
//! all instances of all functions together. The numbers are in `domain::rate_limit`.
//!
//! An address counts whether it has an account or not. Refreshing a session needs no attempt.
//!
//! The calls of the user pool for signed-in callers are limited for each account, because the pool has one quota for all accounts.

use std::{sync::Arc, time::Duration};

use adapters::dynamodb::{BucketKey, RateLimits};
use domain::{
    account::Email,
    rate_limit::{Attempt, AttemptLimits, Exhausted, Limit},
};
use hmac::{Hmac, Mac};
use kernel::{Timestamp, id::AccountId};
use runtime::http::{ClientAddress, Problem, ProblemKind};
use sha2::Sha256;

/// How often one account may cause a call of the user pool: 30 times at once, and twice a second. The pool answers 50 calls
/// for roles a second, unless its quota is raised.
const POOL_CALLS: Limit = Limit::new(30, Duration::from_millis(500));

/// The limits and the table that counts them. Cheap to clone.
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
    /// Counts in `buckets`, whose keys are hashes keyed by `key`.
    #[must_use]
    pub fn new(buckets: RateLimits, limits: AttemptLimits, key: &str) -> Self {
        Self {
            buckets,
            limits,
            key: key.into(),
        }
    }

    /// Counts an attempt, or refuses it. The caller's limit comes first: a caller who is refused must not use up the limits of accounts.
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
            ("caller", caller, self.limits.per_caller(attempt)),
            ("account", account, self.limits.per_account(attempt)),
        ] {
            let key = BucketKey {
                what: attempt.name(),
                subject: self.subject(whose, &name),
            };
            counted.push(self.take(key, limit, now, whose).await?);
        }

        Ok(Counted(counted))
    }

    /// Counts a call of the user pool for an account that is signed in, or refuses it.
    pub(crate) async fn count_pool_call(&self, id: AccountId, now: Timestamp) -> Result<(), Problem> {
        self.count_signed_in("pool", POOL_CALLS, id, now).await.map(|_| ())
    }

    /// Counts a password that a signed-in caller gives, or refuses it. It is counted apart from strangers' attempts.
    pub(crate) async fn count_own_password(&self, id: AccountId, now: Timestamp) -> Result<Counted, Problem> {
        let limit = self.limits.per_account(Attempt::Password);

        self.count_signed_in(Attempt::Password.name(), limit, id, now).await
    }

    async fn count_signed_in(
        &self,
        what: &'static str,
        limit: Limit,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Counted, Problem> {
        let key = BucketKey {
            what,
            subject: self.subject("account id", &id.to_string()),
        };
        let taken = self.take(key, limit, now, "signed-in account").await?;

        Ok(Counted(vec![taken]))
    }

    async fn take(
        &self,
        key: BucketKey,
        limit: Limit,
        now: Timestamp,
        whose: &str,
    ) -> Result<(BucketKey, Limit), Problem> {
        match self.buckets.take(&key, limit, now).await? {
            Ok(()) => Ok((key, limit)),
            Err(exhausted) => {
                tracing::warn!(attempt = key.what, whose, "too many attempts by or for one {whose}");
                Err(refusal(exhausted))
            }
        }
    }

    /// Gives back an attempt that succeeded: a person who knows the password or the code may use it often. A failure is only
    /// logged, because the limit recovers by itself.
    pub(crate) async fn give_back(&self, Counted(counted): Counted) {
        for (key, limit) in counted {
            if let Err(error) = self.buckets.put_back(&key, limit).await {
                tracing::warn!(cause = %error, "an attempt was not given back: {error}");
            }
        }
    }

    fn subject(&self, whose: &str, name: &str) -> String {
        // HMAC takes keys of any length, so this does not fail.
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
    use std::{
        collections::HashMap,
        net::{IpAddr, Ipv4Addr},
        sync::Mutex,
    };

    use adapters::{aws, dynamodb::Table};
    use runtime::http::testing::{condition_failed, condition_failed_on};
    use serde_json::{Value, json};

    use super::*;

    /// A table that keeps buckets, and distinguishes the writes of `RateLimits` by their values.
    fn table() -> Table {
        let buckets = Mutex::new(HashMap::<String, i64>::new());
        let answer = move |body: &[u8]| {
            let request: Value = serde_json::from_slice(body).unwrap();
            let values = &request["ExpressionAttributeValues"];
            let number = |name: &str| values[name]["N"].as_str()?.parse::<i64>().ok();
            let mut buckets = buckets.lock().unwrap();
            let key = request["Key"]["pk"].to_string();
            let full_at = buckets.get(&key).copied();
            let now = number(":now").unwrap_or_default();
            let changed = match (number(":taken"), number(":latest"), number(":every")) {
                (Some(taken), None, None) => full_at.is_none_or(|full_at| full_at <= now).then_some(taken),
                (None, Some(latest), Some(every)) => full_at
                    .filter(|full_at| (now + 1..=latest).contains(full_at))
                    .map(|full_at| full_at + every),
                other => panic!("no write of a bucket: {other:?}"),
            };
            match (changed, full_at) {
                (Some(full_at), _) => {
                    buckets.insert(key, full_at);
                    (200, json!({}).to_string())
                }
                (None, None) => condition_failed(),
                (None, Some(full_at)) => condition_failed_on(
                    &json!({ "full_at_ms": { "N": full_at.to_string() }, "expires_at_epoch": { "N": "0" } }),
                ),
            }
        };

        Table::new(&aws::answered(answer), "marquee")
    }

    /// More than sixty times what is admitted. Each is two calls through the SDK, which take a millisecond in a fast build.
    const GUESSES: u32 = 2_000;

    /// How many of [`GUESSES`] in one second are admitted. `guess` names the account and the caller of each.
    async fn admitted(attempt: Attempt, guess: impl Fn(u32) -> (String, IpAddr)) -> u32 {
        let limits = AuthLimits::new(table().rate_limits(), AttemptLimits { caller_factor: 1 }, "secret");
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut admitted = 0;
        for n in 0..GUESSES {
            let (account, caller) = guess(n);
            let email = account.parse().unwrap();
            let counted = limits.count(attempt, &email, ClientAddress(Some(caller)), now);
            admitted += u32::from(counted.await.is_ok());
        }

        admitted
    }

    #[tokio::test]
    async fn guesses_of_one_caller_stop_whichever_accounts_they_are_for() {
        for (attempt, most) in [(Attempt::Password, 30), (Attempt::Code, 20)] {
            let admitted = admitted(attempt, |n| (format!("{n}@example.org"), [192, 0, 2, 1].into())).await;

            assert_eq!(admitted, most, "{attempt:?}");
        }
    }

    #[tokio::test]
    async fn guesses_for_one_account_stop_wherever_they_come_from() {
        for attempt in [Attempt::Password, Attempt::Code] {
            // Fifty callers, from 192.0.2.0 on.
            let caller = |n| Ipv4Addr::from_bits(0xC000_0200 + n % 50).into();
            let admitted = admitted(attempt, |n| ("ada@example.org".to_owned(), caller(n))).await;

            assert_eq!(admitted, 5, "{attempt:?}");
        }
    }

    #[tokio::test]
    async fn a_stranger_who_guesses_does_not_block_a_signed_in_account() {
        let buckets = table().rate_limits();
        let limits = AuthLimits::new(buckets, AttemptLimits { caller_factor: 1 }, "secret");
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let email = "ada@example.org".parse().unwrap();
        let stranger = ClientAddress(Some([192, 0, 2, 1].into()));
        let mut guesses = 0;
        while limits.count(Attempt::Password, &email, stranger, now).await.is_ok() {
            guesses += 1;
        }

        let ada = AccountId::mint(now);
        let mut own = 0;
        while limits.count_own_password(ada, now).await.is_ok() {
            own += 1;
        }
        assert_eq!((guesses, own), (5, 5));
    }

    #[tokio::test]
    async fn concurrent_attempts_behind_one_address_are_all_counted() {
        let limits = AuthLimits::new(table().rate_limits(), AttemptLimits { caller_factor: 1 }, "secret");
        let (limits, now) = (&limits, Timestamp::from_second(1_800_000_000).unwrap());
        let attempts = (0..100).map(async |n| {
            let email = format!("{n}@example.org").parse().unwrap();
            let address = ClientAddress(Some([192, 0, 2, 1].into()));

            limits.count(Attempt::Password, &email, address, now).await.is_ok()
        });
        let admitted = futures::future::join_all(attempts).await;

        assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 30);
    }

    #[tokio::test]
    async fn one_account_does_not_use_up_the_user_pool() {
        let buckets = table().rate_limits();
        let limits = AuthLimits::new(buckets, AttemptLimits { caller_factor: 1 }, "secret");
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let (greedy, other) = (AccountId::mint(now), AccountId::mint(now));
        let mut admitted = 0;
        for _ in 0..1_000 {
            admitted += u32::from(limits.count_pool_call(greedy, now).await.is_ok());
        }

        assert_eq!(admitted, 30);
        assert!(limits.count_pool_call(other, now).await.is_ok());
    }

    #[test]
    fn a_wait_is_rounded_up_to_seconds_or_minutes() {
        assert_eq!(in_words(Duration::from_millis(200)), "1 second");
        assert_eq!(in_words(Duration::from_millis(59_001)), "60 seconds");
        assert_eq!(in_words(Duration::from_secs(90)), "2 minutes");
        assert_eq!(in_words(Duration::from_hours(1)), "60 minutes");
    }

    #[test]
    fn a_key_does_not_reveal_an_address() {
        let buckets = Table::new(&aws::offline(), "marquee").rate_limits();
        let limits = AuthLimits::new(buckets, AttemptLimits { caller_factor: 1 }, "secret");
        let subject = limits.subject("account", "ada@example.org");

        assert_eq!(subject.len(), 32);
        assert_eq!(subject, limits.subject("account", "ada@example.org"));
        assert_ne!(subject, limits.subject("caller", "ada@example.org"));
        assert!(!format!("{limits:?}").contains("secret"));
    }
}
