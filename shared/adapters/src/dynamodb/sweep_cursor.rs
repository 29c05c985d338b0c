//! Where the sweeper's audit of published titles has come: it looks at a few at a time, round and round.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys};

/// The audit's place in the list of published titles.
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
    /// The cursor of the page to look at next; nothing at the list's beginning.
    pub async fn get(&self) -> Result<Option<String>, StoreError> {
        let item: Option<SweepCursorItem> = self.0.get(keys::sweep_cursor()).await?;

        Ok(item.and_then(|item| item.cursor))
    }

    /// Writes where to go on. Two sweepers at once look at some titles twice, no more.
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
