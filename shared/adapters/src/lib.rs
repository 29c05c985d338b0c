//! Adapters: the only code that knows AWS. Each module speaks to one service, and has no trait in front of it. `tests/emulator`
//! runs them against the emulator alone.

pub mod aws;
pub mod cognito;
pub mod dynamodb;
mod error;
pub mod functions;
mod key_value_store;
pub mod mediaconvert;
pub mod playback_keys;
pub mod revocations;
pub mod s3;
pub mod sagemaker;
pub mod sfn;
pub mod sns;
pub mod sqs;

pub use error::ServiceError;
