//! Errors as a state machine catches them and passes them on.

use serde::Deserialize;

/// An error that a state machine caught.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CaughtError {
    /// Its name: a step's own, or one of Step Functions or Lambda.
    pub error: String,
    /// What was said of it.
    #[serde(default)]
    pub cause: String,
}

/// What Lambda makes of a failed function, inside the cause.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LambdaError {
    #[serde(default)]
    error_message: String,
}

impl CaughtError {
    /// The sentence that the step failed with; empty if there is none.
    #[must_use]
    pub fn sentence(&self) -> String {
        serde_json::from_str(&self.cause).map_or_else(|_| self.cause.clone(), |error: LambdaError| error.error_message)
    }

    /// A state, or the function in it, did not end in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.error.as_str(),
            "States.Timeout" | "States.HeartbeatTimeout" | "Sandbox.Timedout"
        )
    }

    /// The function's process died, or Lambda could not run it.
    #[must_use]
    pub fn is_crash(&self) -> bool {
        self.error.starts_with("Lambda.") || matches!(self.error.as_str(), "Runtime.ExitError" | "States.TaskFailed")
    }
}
