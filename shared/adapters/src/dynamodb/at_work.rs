//! What a step of the ingest machine finds in an asset, and what it leaves there.

use std::collections::BTreeMap;

use domain::{asset::Asset, quote::Quote};
use kernel::id::Attempt;
use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;

/// An asset as a step finds it.
#[derive(Clone, Debug)]
pub struct AtWork {
    /// The asset.
    pub asset: Asset,
    pub(super) documents: BTreeMap<String, serde_json::Value>,
}

impl AtWork {
    /// What an earlier step left under `name`.
    pub fn document<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.documents
            .get(name)
            .map(T::deserialize)
            .transpose()
            .map_err(|error| corrupt(&error))
    }
}

/// What a step leaves for the steps behind it.
#[derive(Clone, Debug, Default)]
pub struct Legacy {
    pub(super) documents: Vec<(&'static str, serde_json::Value)>,
    pub(super) quote: Option<Quote>,
    pub(super) transcoded: Option<Attempt>,
}

impl Legacy {
    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// And a document under `name`.
    pub fn with_document<T: Serialize>(mut self, name: &'static str, document: &T) -> Result<Self, StoreError> {
        let document = serde_json::to_value(document).map_err(|error| corrupt(&error))?;
        self.documents.push((name, document));

        Ok(self)
    }

    /// And the quote.
    #[must_use]
    pub fn with_quote(mut self, quote: Quote) -> Self {
        self.quote = Some(quote);

        self
    }

    /// And the word that this attempt's output is the finished one.
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
