//! Functions that are steps of a state machine.
//!
//! A step fails with a *name*: Lambda reports it as `errorType`, and the machine's `Retry` and `Catch` match on it.
//! The sentence for people is `errorMessage`.

use std::fmt;

use kernel::error_kind::{ErrorKind, HasKind};
use lambda_runtime::Diagnostic;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tracing::Instrument as _;

use crate::{
    Error, clock, event, log_failure,
    telemetry::{self, Invocation, Subject},
};

/// An error of a step: `Display` writes the sentence for people, the name is for the state machine.
pub trait StepError: fmt::Display {
    /// The name, from a closed list.
    fn name(&self) -> &'static str;
}

/// Defines the error type of a machine's steps, `StepFailure`. `$reason` holds a name and a sentence; `$error` is the machine's closed
/// list of names, and converts to a reason. An error of a service becomes the name of its kind, and its cause is logged.
#[macro_export]
macro_rules! step_failure {
    ($reason:ty, $error:ty, from $($service:ty),+ $(,)?) => {
        /// Why a step failed: a name for the machine, a sentence for people.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct StepFailure(pub(crate) $reason);

        impl ::std::fmt::Display for StepFailure {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl $crate::task::StepError for StepFailure {
            fn name(&self) -> &'static str {
                self.0.error.name()
            }
        }

        impl From<$reason> for StepFailure {
            fn from(reason: $reason) -> Self {
                Self(reason)
            }
        }

        impl From<$error> for StepFailure {
            fn from(error: $error) -> Self {
                Self(error.into())
            }
        }

        $(
            impl From<$service> for StepFailure {
                fn from(error: $service) -> Self {
                    <$error>::from($crate::task::log_and_classify(&error)).into()
                }
            }
        )+
    };
}

/// Logs an error of a service that ends a step, and returns its kind.
pub fn log_and_classify(error: &impl HasKind) -> ErrorKind {
    log_failure!(error, cause = %error, "a step cannot continue: {error}");

    error.kind()
}

/// Runs a step for as long as Lambda keeps this process. The handler gets a copy of the context and the typed input.
pub async fn serve<C, E, T, R, X, F>(
    context: impl Future<Output = Result<C, E>>,
    handler: impl Fn(C, T) -> F,
) -> Result<(), Error>
where
    C: Clone,
    E: Into<Error>,
    T: DeserializeOwned,
    R: Serialize,
    X: StepError,
    F: Future<Output = Result<R, X>>,
{
    telemetry::init();
    let context = context.await.map_err(Into::into)?;
    let respond = async |event: lambda_runtime::LambdaEvent<Value>| {
        let invocation = Invocation::from_payload(&event.context, &Subject::from_payload(&event.payload, clock::now()));
        let result = match event::parse(event.payload) {
            // Boxed: the futures of AWS's clients are deep, and this one holds them all.
            Ok(input) => Box::pin(handler(context.clone(), input))
                .instrument(invocation.span())
                .await
                .map_err(|error| diagnostic(&error)),
            Err(error) => Err(internal(&error)),
        };
        log_ended(&invocation, result.as_ref().err());
        result.map_err(Failure)
    };

    lambda_runtime::run(lambda_runtime::service_fn(respond)).await
}

/// Logs the end of a step. `lambda_runtime` logs a failure's sentence in a line of its own.
fn log_ended(invocation: &Invocation, error: Option<&Diagnostic>) {
    let (milliseconds, calls) = (invocation.milliseconds(), invocation.calls());

    invocation.span().in_scope(|| {
        if let Some(error) = error.map(|error| &error.error_type) {
            tracing::info!(milliseconds, calls, error, "the step failed with {error}");
        } else {
            tracing::info!(milliseconds, calls, "the step succeeded");
        }
    });
}

/// The error document of a failed step.
fn diagnostic(error: &impl StepError) -> Diagnostic {
    Diagnostic {
        error_type: error.name().to_owned(),
        error_message: error.to_string(),
    }
}

/// An input of the wrong type is our defect, not the uploader's.
fn internal(error: &impl fmt::Display) -> Diagnostic {
    Diagnostic {
        error_type: "Internal".to_owned(),
        error_message: error.to_string(),
    }
}

/// `lambda_runtime` logs an error in its `Debug` form, which is therefore a sentence.
struct Failure(Diagnostic);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the step failed with {}: {}",
            self.0.error_type, self.0.error_message
        )
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file is empty: choose another one")]
    struct EmptyFile;

    impl StepError for EmptyFile {
        fn name(&self) -> &'static str {
            "EmptyFile"
        }
    }

    #[test]
    fn the_name_is_for_the_machine_and_the_sentence_for_people() {
        let document = serde_json::to_value(diagnostic(&EmptyFile)).unwrap();

        assert_eq!(
            document,
            serde_json::json!({ "errorType": "EmptyFile", "errorMessage": "the file is empty: choose another one" })
        );
    }

    #[test]
    fn a_failure_is_logged_as_a_sentence() {
        let logged = format!("{:?}", Failure(diagnostic(&EmptyFile)));

        assert_eq!(
            logged,
            "the step failed with EmptyFile: the file is empty: choose another one"
        );
    }
}
