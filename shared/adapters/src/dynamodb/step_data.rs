//! The data that steps of the ingest machine read from an asset and leave in it.

use std::collections::BTreeMap;

use domain::{asset::Asset, quote::Quote};
use kernel::id::Attempt;
use media::step_document::StepDocument;

use super::StoreError;

/// An asset when a step begins, with the documents of earlier steps.
#[derive(Clone, Debug)]
pub struct StepInput {
    /// The asset.
    pub asset: Asset,
    pub(super) documents: BTreeMap<String, serde_json::Value>,
}

impl StepInput {
    /// The document of this type that an earlier step left. It is parsed only now, because a document of an earlier version must not
    /// stop a step that does not need it.
    pub fn document<T: StepDocument>(&self) -> Result<Option<T>, StoreError> {
        self.documents
            .get(T::NAME)
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

    /// Adds a document.
    pub fn with_document<T: StepDocument>(mut self, document: &T) -> Result<Self, StoreError> {
        let document = serde_json::to_value(document).map_err(|error| corrupt(&error))?;
        self.documents.push((T::NAME, document));

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
