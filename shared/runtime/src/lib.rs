//! Lambda plumbing: what every function needs around its own few lines, for the three ways in which functions are
//! called: by API Gateway ([`http`]), with an event ([`event`]) or a batch of them ([`batch`]), as a step of a state machine ([`task`]).
//! It knows Lambda's protocol and nothing of any other AWS service.

pub mod batch;
pub mod caught_error;
pub mod clock;
pub mod config;
pub mod event;
pub mod functions;
pub mod http;
pub mod task;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod view;

/// What a function's `main` may fail with: anything that has a message.
pub type Error = lambda_runtime::Error;
