//! Logs: one JSON object per line on standard output, in the shape of Lambda's JSON log format.
//! Every line carries the span of its invocation: its request id (`span.requestId`), the id of its trace (`span.trace`), and the ids in
//! the input of a step. The last line of an invocation has its duration and its calls of AWS services.
//!
//! Logs may contain ids, states, sizes, times and error names, and never email addresses, names that people typed, tokens, codes
//! or bodies.

mod calls;
mod invocation;

use kernel::error_kind::HasKind;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, FilterFn, LevelFilter},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

pub(crate) use self::invocation::{Invocation, Subject, trace_id};

/// Logs a failure: as an error if an operator has to act, as a warning if it is transient. The first argument has an
/// [`ErrorKind`](kernel::error_kind::ErrorKind), the others are those of `tracing`'s macros.
#[macro_export]
macro_rules! log_failure {
    ($error:expr, $($line:tt)+) => {
        $crate::log_at!($crate::telemetry::level($error), $($line)+)
    };
}

/// Logs at a level that is known at run time only: an error, a warning or an information. The other arguments are those of `tracing`'s
/// macros.
#[macro_export]
macro_rules! log_at {
    ($level:expr, $($line:tt)+) => {
        match $level {
            ::tracing::Level::ERROR => ::tracing::error!($($line)+),
            ::tracing::Level::WARN => ::tracing::warn!($($line)+),
            _ => ::tracing::info!($($line)+),
        }
    };
}

/// The level of a failure. For [`log_failure!`](crate::log_failure), so that its callers need not import the trait.
pub fn level(error: &impl HasKind) -> Level {
    if error.kind().needs_an_operator() {
        Level::ERROR
    } else {
        Level::WARN
    }
}

/// Whether a line is not one that `lambda_runtime` writes for each error of a handler, at the level `error` and without the function: the
/// last line of the invocation has the error. A panic, whose line has a field `error`, ends the invocation without a last line.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span()
        || !metadata.target().starts_with("lambda_runtime::layers::panic")
        || metadata.fields().field("error").is_some()
}

/// Starts logging at the level that `RUST_LOG` asks for, `info` otherwise, `debug` at most: the SDKs trace the bodies of their requests,
/// and so passwords and keys. A second call changes nothing.
pub fn init() {
    let level = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy();
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_filter(level.and(LevelFilter::DEBUG).and(FilterFn::new(is_ours)));
    let calls = calls::Recorder.with_filter(calls::Recorder::filter());

    // It fails only if a subscriber is set already.
    let _ = tracing_subscriber::registry().with(lines).with(calls).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    struct Count(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Count {
        fn on_event(&self, _event: &tracing::Event<'_>, _context: tracing_subscriber::layer::Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn of_the_lines_of_lambda_runtime_those_about_errors_that_we_log_are_left_out() {
        let count = Arc::new(AtomicUsize::new(0));
        let layer = Count(Arc::clone(&count)).with_filter(FilterFn::new(is_ours));
        let _recording = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

        tracing::error!(target: "lambda_runtime::layers::panic", "NotAVideo");
        assert_eq!(count.load(Ordering::Relaxed), 0);
        tracing::error!(target: "lambda_runtime::layers::panic", error = "index out of bounds", "user handler panicked");
        tracing::error!(target: "lambda_runtime::runtime", "failed to build a request");
        tracing::warn!("ours");
        assert_eq!(count.load(Ordering::Relaxed), 3);
    }
}
