//! CloudFront Functions: the engine that runs their published sources, with their events and results.

mod engine;
mod event;
mod host;
mod kvs;
#[cfg(test)]
mod lint;
mod restricted_headers;
mod result;
#[cfg(test)]
mod vectors;

pub(crate) use engine::{Call, Engine, FunctionError};
pub(crate) use event::{Context, ViewerRequest, event};
pub(crate) use host::percent_decode;
pub(crate) use kvs::Store;
pub(crate) use result::{FunctionResult, parse_result};

/// A published function as a behaviour uses it.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Its name, for the log.
    pub(crate) name: String,
    /// The version of the published source.
    pub(crate) etag: String,
    /// The associated KeyValueStore.
    pub(crate) store_arn: Option<String>,
    /// The loaded source.
    pub(crate) engine: Engine,
}
