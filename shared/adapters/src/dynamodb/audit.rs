//! Where the sweeper's audit of published titles has come: it looks at a few at a time, round and round.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys};

/// The audit's place in the list of published titles.
#[derive(Clone, Debug)]
pub struct Audit(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct AuditItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    updated_at: Timestamp,
    version: u64,
}

impl Stored for AuditItem {
    const KIND: &'static str = "audit";
}

impl Audit {
    /// The cursor of the page to look at next; nothing at the list's beginning.
    pub async fn place(&self) -> Result<Option<String>, StoreError> {
        let item: Option<AuditItem> = self.0.get(keys::audit()).await?;

        Ok(item.and_then(|item| item.cursor))
    }

    /// Writes where to go on. Two sweepers at once look at some titles twice, no more.
    pub async fn move_to(&self, cursor: Option<String>, now: Timestamp) -> Result<(), StoreError> {
        let item = AuditItem {
            cursor,
            updated_at: now,
            version: 1,
        };
        self.0
            .client
            .put_item()
            .table_name(&self.0.name)
            .set_item(Some(item.to_item(keys::audit())?))
            .send()
            .await?;

        Ok(())
    }
}
