//! Errors that a state machine caught and passes to a step.

use serde::{Deserialize, Serialize};

/// An error that a state machine caught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CaughtError {
    /// Its name: that of a step's error, or one of Step Functions or Lambda.
    pub error: String,
    /// The sentence, or Lambda's error document with the sentence.
    #[serde(default)]
    pub cause: String,
}

/// The document that Lambda writes into the cause when a function fails.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LambdaError {
    #[serde(default)]
    error_message: String,
}

impl CaughtError {
    /// The sentence of the step's error; empty if there is none.
    #[must_use]
    pub fn sentence(&self) -> String {
        serde_json::from_str(&self.cause).map_or_else(|_| self.cause.clone(), |error: LambdaError| error.error_message)
    }

    /// Whether a state, or its function, timed out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.error.as_str(),
            "States.Timeout" | "States.HeartbeatTimeout" | "Sandbox.Timedout"
        )
    }

    /// Whether the function's process died, or Lambda could not run it.
    #[must_use]
    pub fn is_crash(&self) -> bool {
        self.error.starts_with("Lambda.") || matches!(self.error.as_str(), "Runtime.ExitError" | "States.TaskFailed")
    }
}
