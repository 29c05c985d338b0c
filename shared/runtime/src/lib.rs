//! The code that every Lambda function needs around its handler, for the four ways in which functions are called: by API Gateway
//! ([`http`]), with an event ([`event`]), with a batch of records ([`batch`]), as a step of a state machine ([`task`]).
//! It knows Lambda's protocol and no other AWS service.

pub mod batch;
pub mod clock;
pub mod config;
pub mod event;
pub mod functions;
pub mod http;
pub mod task;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// The error of a function's `main`: any error that has a message.
pub type Error = lambda_runtime::Error;
