//! What the local stand-ins for AWS services share: the emulator that they belong to, IAM's decisions about their callers,
//! the roles that they act in, EventBridge, the models of their APIs, and files that survive a crash.

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
