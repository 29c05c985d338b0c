//! CloudFront Functions: the engine that runs their very source, and what they see of the world.

mod closed_headers;
mod engine;
mod event;
mod host;
mod kvs;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod vectors;
mod verdict;

pub(crate) use engine::{Call, Engine, FunctionError};
pub(crate) use event::{Context, ViewerRequest, event};
pub(crate) use host::percent;
pub(crate) use kvs::Store;
pub(crate) use verdict::{Verdict, verdict};

/// A published function as a behaviour uses it.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Its name, for the log.
    pub(crate) name: String,
    /// What the published source is known by; another one means another source.
    pub(crate) etag: String,
    /// The associated KeyValueStore.
    pub(crate) store_arn: Option<String>,
    /// The source, loaded.
    pub(crate) engine: Engine,
}
