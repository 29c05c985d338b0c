//! What admins do to accounts: a line of the audit log, together with the flag of the account and the list of admins who are leaving.

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

/// The table's part in what admins do to accounts.
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

/// The flag of an account that is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisabledFlag {
    /// It is disabled since then.
    Set(AccountId, Timestamp),
    /// It is in use.
    Clear(AccountId),
}

impl Admins {
    /// The admins who are leaving.
    pub async fn roster(&self) -> Result<RecentRemovals, StoreError> {
        let item: Option<RosterItem> = self.0.get(keys::admins()).await?;

        Ok(item.map_or_else(RecentRemovals::default, RecentRemovals::from))
    }

    /// Writes who is leaving, the flag and the line of the audit log: together, and only if nobody else is leaving since the roster was read.
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
            // Without an item there is nothing to flag: it is made when the account is next used.
            let (DisabledFlag::Set(account, _) | DisabledFlag::Clear(account)) = flag;
            if self.0.accounts().find(account).await?.is_some() {
                writes.push(updating(self.flagged(flag)?));
            }
        }

        self.0.write_together(writes).await
    }

    fn flagged(&self, flag: DisabledFlag) -> Result<aws_sdk_dynamodb::types::Update, StoreError> {
        let update = aws_sdk_dynamodb::types::Update::builder()
            .table_name(&self.0.name)
            .condition_expression("attribute_exists(pk)");
        let update = match flag {
            DisabledFlag::Set(account, since) => update
                .set_key(Some(keys::account(account).attributes()))
                .update_expression("SET disabled_at = :since")
                .expression_attribute_values(":since", text(since)),
            DisabledFlag::Clear(account) => update
                .set_key(Some(keys::account(account).attributes()))
                .update_expression("REMOVE disabled_at"),
        };

        update.build().map_err(StoreError::internal)
    }
}
