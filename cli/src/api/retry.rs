//! Retries after transient failures, with growing delays, where a repeated request does no harm.

use std::error::Error as _;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use crate::failure::{Exit, Failure, Transient};
use crate::output::note;

/// This program itself waits this long for another attempt. A person has to be asked to wait longer.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Whether a request may be sent again if it is unknown whether it had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Repeating it has no further effect.
    Always,
    /// Only if the request was certainly not executed.
    OnlyUnsent,
    /// It has a password or a code, and the service counts each attempt: a person decides about another one.
    Never,
}

impl Retry {
    fn may_repeat(self, Transient { unsent, retry_after }: Transient) -> bool {
        let is_harmless = match self {
            Self::Always => true,
            Self::OnlyUnsent => unsent,
            Self::Never => false,
        };

        is_harmless && retry_after.is_none_or(|wait| wait <= MAX_WAIT)
    }
}

/// The failure of a request that got no answer.
pub(crate) fn unreachable(service: &str, error: &reqwest::Error) -> Failure {
    let advice = if error.is_connect() {
        "check --url and that the service runs (`make up` starts it on this machine)"
    } else {
        "check the network and try again"
    };
    let mut failure = Failure::new(
        Exit::Unavailable,
        format!("{service} does not answer: {}", reason(error)),
        advice,
    );
    failure.transient = Some(Transient {
        unsent: error.is_connect(),
        retry_after: None,
    });
    failure
}

/// An HTTP error without its address (part addresses are secrets), down to its first cause.
pub(crate) fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".into();
    }
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(deeper) = cause {
        text = deeper.to_string();
        cause = deeper.source();
    }
    text
}

/// Runs `attempt` until it succeeds or its failure is final.
pub(crate) async fn with_retries<T, F, A>(retry: Retry, attempt: F) -> Result<T, Failure>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Failure>>,
{
    with_retries_after(retry, Duration::from_millis(300), attempt).await
}

async fn with_retries_after<T, F, A>(retry: Retry, first_delay: Duration, attempt: F) -> Result<T, Failure>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Failure>>,
{
    let delays = ExponentialBuilder::default()
        .with_min_delay(first_delay)
        .with_max_delay(Duration::from_secs(10))
        .with_max_times(5)
        .with_jitter();
    attempt
        .retry(delays)
        .when(move |failure: &Failure| failure.transient.is_some_and(|transient| retry.may_repeat(transient)))
        .notify(|failure, delay| {
            note(&format!(
                "  {}; retrying in {:.1} s",
                failure.message,
                delay.as_secs_f64()
            ));
        })
        .adjust(|failure, delay| {
            let requested = failure
                .transient
                .and_then(|transient| transient.retry_after)
                .unwrap_or_default();
            delay.map(|delay| delay.max(requested))
        })
        .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn failing(transient: Option<Transient>) -> Failure {
        Failure {
            transient,
            ..Failure::local("no")
        }
    }

    async fn attempts(retry: Retry, transient: Option<Transient>) -> u32 {
        let count = Cell::new(0);
        let _: Result<(), _> = with_retries_after(retry, Duration::from_millis(1), || {
            count.set(count.get() + 1);
            std::future::ready(Err(failing(transient)))
        })
        .await;
        count.get()
    }

    #[tokio::test]
    async fn only_transient_failures_are_retried() {
        let sent = Some(Transient {
            unsent: false,
            retry_after: None,
        });
        let unsent = Some(Transient {
            unsent: true,
            retry_after: None,
        });
        assert_eq!(attempts(Retry::Always, None).await, 1);
        assert_eq!(attempts(Retry::Always, sent).await, 6);
        assert_eq!(attempts(Retry::OnlyUnsent, sent).await, 1);
        assert_eq!(attempts(Retry::OnlyUnsent, unsent).await, 6);
        assert_eq!(attempts(Retry::Never, unsent).await, 1);
    }

    #[tokio::test]
    async fn a_long_wait_is_left_to_the_person() {
        let after = |seconds| {
            Some(Transient {
                unsent: true,
                retry_after: Some(Duration::from_secs(seconds)),
            })
        };
        assert_eq!(attempts(Retry::Always, after(0)).await, 6);
        assert_eq!(attempts(Retry::Always, after(31)).await, 1);
    }
}
