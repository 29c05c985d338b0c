//! Logs: one JSON object per line on standard output, in the shape of Lambda's JSON log format.
//! Every line carries the span of its invocation: its request id (`span.requestId`), the id of its trace (`span.trace`), and the ids in
//! the input of a step. The last line of an invocation has its duration and its calls of AWS services.
//!
//! Logs may contain ids, states, sizes, times and error names, and never email addresses, names that people typed, tokens, codes
//! or bodies.

mod calls;
mod invocation;

use kernel::error_kind::HasKind;
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, LevelFilter},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

pub(crate) use self::invocation::{Invocation, Subject, trace_id};

/// Logs a failure: as an error if an operator has to act, as a warning if it is transient. The first argument has an
/// [`ErrorKind`](kernel::error_kind::ErrorKind), the others are those of `tracing`'s macros.
#[macro_export]
macro_rules! log_failure {
    ($error:expr, $($line:tt)+) => {
        if $crate::telemetry::needs_an_operator($error) {
            ::tracing::error!($($line)+);
        } else {
            ::tracing::warn!($($line)+);
        }
    };
}

/// Whether an operator has to act. For [`log_failure!`](crate::log_failure), so that its callers need not import the trait.
pub fn needs_an_operator(error: &impl HasKind) -> bool {
    error.kind().needs_an_operator()
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
        .with_filter(level.and(LevelFilter::DEBUG));
    let calls = calls::Recorder.with_filter(calls::Recorder::filter());

    // It fails only if a subscriber is set already.
    let _ = tracing_subscriber::registry().with(lines).with(calls).try_init();
}
