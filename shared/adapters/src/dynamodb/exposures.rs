//! Exposures of experiments: one item per person, experiment and day, written once. The table's stream exports it to the log.

use domain::experiment::Exposure;
use kernel::error_kind::IgnoreConflict as _;
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    item::{Item, Stored},
    keys,
};

/// The log has the exposure by then, and keeps it for longer.
const RETENTION_SECONDS: i64 = 3 * 24 * 60 * 60;

/// The table's exposures.
#[derive(Clone, Debug)]
pub struct Exposures(pub(super) Table);

#[derive(Serialize, Deserialize)]
pub(super) struct ExposureItem {
    exposure: Exposure,
    /// Always 1: the item is written once.
    version: u64,
    expires_at_epoch: i64,
}

impl Stored for ExposureItem {
    const KIND: &'static str = "exposure";
}

impl Exposures {
    /// Writes an exposure, unless the person has one on that day already.
    pub async fn record(&self, exposure: &Exposure) -> Result<(), StoreError> {
        let key = keys::exposure(exposure.account_id, exposure.experiment_id, &exposure.day);
        let item = ExposureItem {
            exposure: exposure.clone(),
            version: 1,
            expires_at_epoch: exposure.shown_at.as_second() + RETENTION_SECONDS,
        };

        self.0.create(item.to_item(key)?).await.ignore_conflict()
    }

    /// The exposure of an item from the stream.
    pub(super) fn read(item: Item) -> Result<Exposure, StoreError> {
        Ok(ExposureItem::from_item(item)?.exposure)
    }
}
