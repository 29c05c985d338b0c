//! Trying again: what may pass is repeated a little later each time, as long as repeating it does no harm.

use std::error::Error as _;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use crate::failure::{Exit, Failure, Passing};
use crate::output::note;

/// Whether a request may be sent again when nobody knows if it had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Freely,
    OnlyUnsent,
}

/// The failure of a request that got no answer.
pub(crate) fn unreachable(whom: &str, error: &reqwest::Error) -> Failure {
    let advice = if error.is_connect() {
        "check --url and that the service runs (`make up` starts it on this machine)"
    } else {
        "check the network and try again"
    };
    let mut failure = Failure::new(
        Exit::Unavailable,
        format!("{whom} does not answer: {}", told(error)),
        advice,
    );
    failure.passing = Some(Passing {
        unsent: error.is_connect(),
        retry_after: None,
    });
    failure
}

/// An HTTP error without its address (part addresses are secrets), down to its first cause.
pub(crate) fn told(error: &reqwest::Error) -> String {
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

/// Repeats what may pass, a little later each time.
pub(crate) async fn persistently<T, F, A>(repeat: Repeat, attempt: F) -> Result<T, Failure>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Failure>>,
{
    insistently(repeat, Duration::from_millis(300), attempt).await
}

async fn insistently<T, F, A>(repeat: Repeat, first_delay: Duration, attempt: F) -> Result<T, Failure>
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
        .when(move |failure: &Failure| {
            failure
                .passing
                .is_some_and(|passing| passing.unsent || repeat == Repeat::Freely)
        })
        .notify(|failure, delay| {
            note(&format!(
                "  {}; trying again in {:.1} s",
                failure.message,
                delay.as_secs_f64()
            ));
        })
        .adjust(|failure, delay| {
            let asked = failure
                .passing
                .and_then(|passing| passing.retry_after)
                .unwrap_or_default();
            delay.map(|delay| delay.max(asked.min(Duration::from_secs(30))))
        })
        .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn failing(passing: Option<Passing>) -> Failure {
        Failure {
            passing,
            ..Failure::local("no")
        }
    }

    async fn tries(repeat: Repeat, passing: Option<Passing>) -> u32 {
        let count = Cell::new(0);
        let _: Result<(), _> = insistently(repeat, Duration::from_millis(1), || {
            count.set(count.get() + 1);
            std::future::ready(Err(failing(passing)))
        })
        .await;
        count.get()
    }

    #[tokio::test]
    async fn only_what_may_pass_is_repeated() {
        let sent = Some(Passing {
            unsent: false,
            retry_after: None,
        });
        let unsent = Some(Passing {
            unsent: true,
            retry_after: None,
        });
        assert_eq!(tries(Repeat::Freely, None).await, 1);
        assert_eq!(tries(Repeat::Freely, sent).await, 6);
        assert_eq!(tries(Repeat::OnlyUnsent, sent).await, 1);
        assert_eq!(tries(Repeat::OnlyUnsent, unsent).await, 6);
    }
}
