//! Errors of what we depend on, seen from outside: not what happened, but what a caller can do about it.

use std::error::Error;

/// What a caller can do about an error of something that we depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutageKind {
    /// Somebody else was faster: read again and decide again.
    Overtaken,
    /// It asks us to slow down.
    Busy,
    /// It does not answer, or not with what was asked for.
    Down,
    /// What was asked for cannot be: the error's own sentence says why, and the one who asked may read it.
    Refused,
    /// A defect of ours: trying again does not help.
    Defect,
}

/// An error of something that we depend on.
pub trait Outage: Error + Send + Sync + 'static {
    /// What a caller can do about it.
    fn kind(&self) -> OutageKind;
}
