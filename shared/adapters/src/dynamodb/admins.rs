//! What admins do to accounts: one transaction for the line of the audit log, the account's flag and the list of leaving admins.

use aws_sdk_dynamodb::types::Update;
use domain::{
    admins::{RecentRemovals, Removal},
    audit::AuditEntry,
};
use kernel::{Timestamp, id::AccountId};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    item::{Stored, putting, text, updating},
    keys,
};

/// Writes what admins do to accounts.
#[derive(Clone, Debug)]
pub struct Admins(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct RosterItem {
    leaving: Vec<Removal>,
    version: u64,
}

impl Stored for RosterItem {
    const KIND: &'static str = "admins";
}

impl From<RosterItem> for RecentRemovals {
    fn from(item: RosterItem) -> Self {
        Self {
            removals: item.leaving,
            version: item.version,
        }
    }
}

/// The flag by which the table knows that an account is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisabledFlag {
    /// The account is disabled since this time.
    Set(AccountId, Timestamp),
    /// The account is active.
    Clear(AccountId),
}

impl Admins {
    /// The admins who are leaving.
    pub async fn roster(&self) -> Result<RecentRemovals, StoreError> {
        let item: Option<RosterItem> = self.0.get(keys::admins()).await?;

        Ok(item.map_or_else(RecentRemovals::default, RecentRemovals::from))
    }

    /// Writes the roster, the flag and the line of the audit log in one transaction, if the roster has not changed since it was read.
    pub async fn record(
        &self,
        entry: &AuditEntry,
        roster: Option<&RecentRemovals>,
        flag: Option<DisabledFlag>,
    ) -> Result<(), StoreError> {
        let mut writes = vec![self.0.audit_log().line(entry)?];
        if let Some(roster) = roster {
            let item = RosterItem {
                version: roster.version + 1,
                leaving: roster.removals.clone(),
            };
            let item = item.to_item(keys::admins())?;
            writes.push(putting(self.0.saving(item, roster.version)?));
        }
        if let Some(flag) = flag {
            let (DisabledFlag::Set(account, _) | DisabledFlag::Clear(account)) = flag;
            // An account without an item has no flag: the item is created with the account's next call.
            if self.0.accounts().find(account).await?.is_some() {
                writes.push(updating(self.flagging(account, flag)?));
            }
        }

        self.0.write_together(writes).await
    }

    fn flagging(&self, account: AccountId, flag: DisabledFlag) -> Result<Update, StoreError> {
        let update = Update::builder()
            .table_name(&self.0.name)
            .set_key(Some(keys::account(account).attributes()))
            .condition_expression("attribute_exists(pk)");
        let update = match flag {
            DisabledFlag::Set(_, since) => update
                .update_expression("SET disabled_at = :since")
                .expression_attribute_values(":since", text(since)),
            DisabledFlag::Clear(_) => update.update_expression("REMOVE disabled_at"),
        };

        update.build().map_err(StoreError::internal)
    }
}
