//! Code that the local stand-ins for AWS services share: access to the emulator, authorization of callers by its IAM, service
//! roles, delivery of events, validation of requests, and files that are replaced whole.

pub mod api_model;
pub mod authorize;
pub mod aws;
pub mod clock;
pub mod emulator;
pub mod event_bus;
pub mod files;
pub mod outbox;
pub mod role;
pub mod secret;

/// The region of the local cloud; the stand-ins serve no other.
pub const REGION: &str = "us-east-1";
/// The only account of the local cloud.
pub const ACCOUNT: &str = "000000000000";
