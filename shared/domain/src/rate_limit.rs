//! Rate limits: token buckets that all instances of a function share.
//!
//! A bucket holds a burst of tokens, which are refilled one by one. Only the time at which the bucket is full is stored.

use std::time::Duration;

use kernel::Timestamp;

/// The size of a bucket and how fast it is refilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Tokens in a full bucket; at least one.
    pub burst: u32,
    /// Time to refill one token.
    pub every: Duration,
}

/// The state of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// When it is full if no more tokens are taken, in milliseconds since 1970.
    pub full_at_ms: i64,
}

/// The bucket is empty.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("too many attempts")]
pub struct Exhausted {
    /// Time until the next token, at most the time to refill one.
    pub wait: Duration,
}

/// What an account or a caller attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// A password. The token is returned if it was right.
    Password,
    /// A mailed code. The token is returned if it was right.
    Code,
    /// A mail to an address.
    Mail,
}

/// The limits of attempts without a session: for each email address of an account, and for each network address of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Factor of the limits per caller, for installations whose people share a network address.
    pub caller_factor: u32,
}

impl Attempt {
    /// Its name in keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Mail => "mail",
        }
    }
}

impl AttemptLimits {
    /// For one email address of an account. Guessing continues at these rates: 1,445 passwords a day, and 149 of a million codes.
    #[must_use]
    pub const fn per_account(self, attempt: Attempt) -> Limit {
        match attempt {
            Attempt::Password => Limit::new(5, Duration::from_mins(1)),
            Attempt::Code => Limit::new(5, Duration::from_mins(10)),
            Attempt::Mail => Limit::new(5, Duration::from_hours(1)),
        }
    }

    /// For one network address of a caller.
    #[must_use]
    pub fn per_caller(self, attempt: Attempt) -> Limit {
        let limit = match attempt {
            Attempt::Password => Limit::new(30, Duration::from_secs(10)),
            Attempt::Code => Limit::new(20, Duration::from_mins(1)),
            Attempt::Mail => Limit::new(10, Duration::from_mins(5)),
        };
        let factor = self.caller_factor.max(1);

        Limit::new(limit.burst.saturating_mul(factor), limit.every / factor)
    }
}

impl Limit {
    /// `burst` tokens at once, and one more after each `every`.
    #[must_use]
    pub const fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every }
    }

    /// Takes a token. A bucket that was never used, or is full again, may be absent.
    pub fn take(self, bucket: Option<Bucket>, now: Timestamp) -> Result<Bucket, Exhausted> {
        let now_ms = now.as_millisecond();
        let every_ms = self.every_ms();
        let full_at_ms = bucket.map_or(now_ms, |bucket| bucket.full_at_ms.max(now_ms)) + every_ms;

        let early_ms = full_at_ms - every_ms - self.latest_ms(now);
        if early_ms > 0 {
            // Another instance whose clock is a little ahead may have taken the last token: no token takes longer than `every`.
            let wait = Duration::from_millis(early_ms.min(every_ms).unsigned_abs());
            return Err(Exhausted { wait });
        }

        Ok(Bucket { full_at_ms })
    }

    /// The latest `full_at_ms`, in milliseconds since 1970, of a bucket that has a token now.
    #[must_use]
    pub fn latest_ms(self, now: Timestamp) -> i64 {
        let others = i64::from(self.burst.max(1)) - 1;

        now.as_millisecond()
            .saturating_add(self.every_ms().saturating_mul(others))
    }

    /// Time to refill one token, in milliseconds; at least one.
    #[must_use]
    pub fn every_ms(self) -> i64 {
        i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX / 2).max(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: AttemptLimits = AttemptLimits { caller_factor: 1 };

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    /// Takes a token at each of these times; returns when it succeeded.
    fn admitted(limit: Limit, times: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut bucket = None;
        times
            .into_iter()
            .filter(|&time| match limit.take(bucket, at(time)) {
                Ok(taken) => {
                    bucket = Some(taken);
                    true
                }
                Err(Exhausted { .. }) => false,
            })
            .collect()
    }

    #[test]
    fn guesses_stop_at_the_limit() {
        for (attempt, max) in [(Attempt::Password, 5 + 59), (Attempt::Code, 5 + 5), (Attempt::Mail, 5)] {
            let in_an_hour = (0..10_000).map(|guess| guess * 3_600_000 / 10_000);
            assert_eq!(
                admitted(LIMITS.per_account(attempt), in_an_hour).len(),
                max,
                "{attempt:?}"
            );
        }
        let at_once = admitted(LIMITS.per_caller(Attempt::Password), std::iter::repeat_n(7, 10_000));
        assert_eq!(at_once.len(), 30);
    }

    #[test]
    fn the_factor_multiplies_the_limits_per_caller() {
        let shared = AttemptLimits { caller_factor: 1000 };

        assert_eq!(
            shared.per_caller(Attempt::Mail),
            Limit::new(10_000, Duration::from_millis(300))
        );
        assert_eq!(shared.per_account(Attempt::Mail), LIMITS.per_account(Attempt::Mail));
        let zero = AttemptLimits { caller_factor: 0 };
        assert_eq!(zero.per_caller(Attempt::Mail), LIMITS.per_caller(Attempt::Mail));
    }

    fn limits() -> impl Strategy<Value = Limit> {
        (1_u32..50, 1_u64..100_000).prop_map(|(burst, every)| Limit::new(burst, Duration::from_millis(every)))
    }

    fn times() -> impl Strategy<Value = Vec<i64>> {
        prop::collection::vec(0_i64..200_000, 1..200).prop_map(|mut times| {
            times.sort_unstable();
            times
        })
    }

    proptest! {
        #[test]
        fn no_time_span_admits_more_than_the_burst_and_the_refill(limit in limits(), times in times()) {
            let admitted = admitted(limit, times);
            for (first, &from) in admitted.iter().enumerate() {
                for (last, &to) in admitted.iter().enumerate().skip(first) {
                    let refilled = u128::from((to - from).unsigned_abs()) / limit.every.as_millis();
                    prop_assert!((last - first + 1) as u128 <= u128::from(limit.burst) + refilled);
                }
            }
        }

        #[test]
        fn no_wait_is_longer_than_a_refill_whatever_the_clocks_of_the_instances_say(
            limit in limits(),
            times in prop::collection::vec(0_i64..200_000, 1..200),
        ) {
            let mut bucket = None;
            for time in times {
                match limit.take(bucket, at(time)) {
                    Ok(taken) => bucket = Some(taken),
                    Err(Exhausted { wait }) => prop_assert!(wait <= limit.every, "{wait:?}"),
                }
            }
        }

        #[test]
        fn the_next_token_comes_exactly_after_the_wait(limit in limits(), times in times()) {
            let mut bucket = None;
            for time in times {
                match limit.take(bucket, at(time)) {
                    Ok(taken) => bucket = Some(taken),
                    Err(Exhausted { wait }) => {
                        let wait = i64::try_from(wait.as_millis()).unwrap();
                        prop_assert!(wait > 0);
                        prop_assert!(limit.take(bucket, at(time + wait)).is_ok());
                        prop_assert!(limit.take(bucket, at(time + wait - 1)).is_err());
                    }
                }
            }
        }
    }
}
