//! The documents that steps of the ingest machine store with an asset for later steps. Each type has one name in the stored item, so
//! that no step can read a document as another type.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    hls::PlaybackProof,
    plan::Plan,
    source::{SourceFacts, ToConvert},
};

/// A document that a step stores for later steps.
pub trait StepDocument: Serialize + DeserializeOwned {
    /// Its name in the asset's item.
    const NAME: &'static str;
}

/// Stored by `validate` or `convert`, for `plan`.
impl StepDocument for SourceFacts {
    const NAME: &'static str = "facts";
}

/// Stored by `validate`, for `convert`.
impl StepDocument for ToConvert {
    const NAME: &'static str = "to_convert";
}

/// Stored by `plan`, for `transcode`, `verify` and the sweeper.
impl StepDocument for Plan {
    const NAME: &'static str = "plan";
}

/// Stored by `verify`, for `publish`.
impl StepDocument for PlaybackProof {
    const NAME: &'static str = "proof";
}
