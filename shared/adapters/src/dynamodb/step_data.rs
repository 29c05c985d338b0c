//! The data that steps of the ingest machine read from an asset and leave in it.

use std::collections::BTreeMap;

use domain::{asset::Asset, quote::Quote};
use kernel::id::Attempt;
use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;

/// An asset when a step begins, with the documents of earlier steps.
#[derive(Clone, Debug)]
pub struct StepInput {
    /// The asset.
    pub asset: Asset,
    pub(super) documents: BTreeMap<String, serde_json::Value>,
}

impl StepInput {
    /// The document that an earlier step left under `name`.
    pub fn document<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.documents
            .get(name)
            .map(T::deserialize)
            .transpose()
            .map_err(|error| corrupt(&error))
    }
}

/// The data that a step leaves for later steps.
#[derive(Clone, Debug, Default)]
pub struct StepOutput {
    pub(super) documents: Vec<(&'static str, serde_json::Value)>,
    pub(super) quote: Option<Quote>,
    pub(super) transcoded: Option<Attempt>,
}

impl StepOutput {
    /// No data.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a document under `name`.
    pub fn with_document<T: Serialize>(mut self, name: &'static str, document: &T) -> Result<Self, StoreError> {
        let document = serde_json::to_value(document).map_err(|error| corrupt(&error))?;
        self.documents.push((name, document));

        Ok(self)
    }

    /// Adds the quote.
    #[must_use]
    pub fn with_quote(mut self, quote: Quote) -> Self {
        self.quote = Some(quote);

        self
    }

    /// Marks the output of this attempt as complete.
    #[must_use]
    pub fn with_output_of(mut self, attempt: Attempt) -> Self {
        self.transcoded = Some(attempt);

        self
    }
}

fn corrupt(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt {
        kind: "document",
        cause: error.to_string(),
    }
}
