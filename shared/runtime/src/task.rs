//! Functions that are steps of a state machine.
//!
//! A step fails with a *name*: Lambda reports it as `errorType`, and the machine's `Retry` and `Catch` match on it.
//! The sentence for people is `errorMessage`.

use std::fmt;

pub use domain::machine::ErrorClass;
use kernel::error_kind::{ErrorKind, HasKind};
use lambda_runtime::Diagnostic;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tracing::{Instrument as _, Level};

use crate::{
    Error, clock, event, log_at, log_failure,
    telemetry::{self, Invocation, Subject},
};

/// An error of a step: `Display` writes the sentence for people, the name is for the state machine.
pub trait StepError: fmt::Display {
    /// The name, from a closed list.
    fn name(&self) -> &'static str;

    /// How it can be handled, which decides the level of its line in the log.
    fn class(&self) -> ErrorClass;
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

            fn class(&self) -> $crate::task::ErrorClass {
                self.0.error.class()
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

/// The name of a defect of ours in the list of every machine.
const INTERNAL: &str = "Internal";

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
                .map_err(|error| Failure::new(&error)),
            Err(error) => Err(Failure::unexpected(&error)),
        };
        log_ended(&invocation, result.as_ref().err());
        result.map_err(|failure| failure.document)
    };

    lambda_runtime::run(lambda_runtime::service_fn(respond)).await
}

/// The level at which a failure is logged. A refused input, such as a file that is no video, concerns the uploader and no operator.
#[must_use]
pub const fn level(class: ErrorClass) -> Level {
    match class {
        ErrorClass::Refused => Level::INFO,
        ErrorClass::Failed | ErrorClass::Transient => Level::WARN,
    }
}

/// Logs the end of a step.
fn log_ended(invocation: &Invocation, failure: Option<&Failure>) {
    let (milliseconds, calls) = (invocation.milliseconds(), invocation.calls());

    invocation.span().in_scope(|| {
        let Some(Failure { document, level }) = failure else {
            tracing::info!(milliseconds, calls, "the step succeeded");
            return;
        };
        let Diagnostic {
            error_type: error,
            error_message: sentence,
        } = document;
        log_at!(
            *level,
            milliseconds,
            calls,
            error,
            "the step failed with {error}: {sentence}"
        );
    });
}

/// Why a step failed.
struct Failure {
    /// Lambda's error document.
    document: Diagnostic,
    /// The level of its line in the log.
    level: Level,
}

impl Failure {
    fn new(error: &impl StepError) -> Self {
        Self {
            document: Diagnostic {
                error_type: error.name().to_owned(),
                error_message: error.to_string(),
            },
            level: match error.name() {
                INTERNAL => Level::ERROR,
                _ => level(error.class()),
            },
        }
    }

    /// An input of the wrong type is our defect, not the uploader's.
    fn unexpected(error: &impl fmt::Display) -> Self {
        Self {
            document: Diagnostic {
                error_type: INTERNAL.to_owned(),
                error_message: error.to_string(),
            },
            level: Level::ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Log;

    #[derive(Debug, thiserror::Error)]
    #[error("the file is empty: choose another one")]
    struct EmptyFile;

    impl StepError for EmptyFile {
        fn name(&self) -> &'static str {
            "EmptyFile"
        }

        fn class(&self) -> ErrorClass {
            ErrorClass::Refused
        }
    }

    #[test]
    fn the_name_is_for_the_machine_and_the_sentence_for_people() {
        let document = serde_json::to_value(Failure::new(&EmptyFile).document).unwrap();

        assert_eq!(
            document,
            serde_json::json!({ "errorType": "EmptyFile", "errorMessage": "the file is empty: choose another one" })
        );
    }

    #[test]
    fn a_failure_is_logged_at_the_level_of_the_person_whom_it_concerns() {
        let invocation = || Invocation::from_payload(&lambda_runtime::Context::default(), &Subject::default());
        let transient = Failure {
            level: level(ErrorClass::Transient),
            ..Failure::new(&EmptyFile)
        };
        let log = Log::begin();

        for failure in [
            Failure::new(&EmptyFile),
            transient,
            Failure::unexpected(&"a field is missing"),
        ] {
            log_ended(&invocation(), Some(&failure));
        }

        assert_eq!(log.levels(), ["INFO", "WARN", "ERROR"]);
        assert_eq!(
            log.lines()[0]["message"],
            "the step failed with EmptyFile: the file is empty: choose another one"
        );
    }
}
