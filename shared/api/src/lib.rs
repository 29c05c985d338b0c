//! The parts of the HTTP API that several areas share.

mod title;

pub use title::{FailureView, TitleView};
