//! The cursor of the sweeper, which checks a few published titles in each run, and begins again at the end of the list.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys};

/// The sweeper's place in the list of published titles.
#[derive(Clone, Debug)]
pub struct SweepCursor(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct SweepCursorItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    updated_at: Timestamp,
    version: u64,
}

impl Stored for SweepCursorItem {
    const KIND: &'static str = "audit";
}

impl SweepCursor {
    /// The cursor of the next page to check; `None` at the beginning of the list.
    pub async fn get(&self) -> Result<Option<String>, StoreError> {
        let item: Option<SweepCursorItem> = self.0.get(keys::sweep_cursor()).await?;

        Ok(item.and_then(|item| item.cursor))
    }

    /// Stores the cursor of the next page. It is harmless if two sweepers run at once: they check some titles twice.
    pub async fn set(&self, cursor: Option<String>, now: Timestamp) -> Result<(), StoreError> {
        let item = SweepCursorItem {
            cursor,
            updated_at: now,
            version: 1,
        };
        self.0
            .client
            .put_item()
            .table_name(&self.0.name)
            .set_item(Some(item.to_item(keys::sweep_cursor())?))
            .send()
            .await?;

        Ok(())
    }
}
