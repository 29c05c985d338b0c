//! The audit log. Lines are written once, no function may change or delete them, and the table's TTL deletes them.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::audit::{Action, AuditEntry, Origin, Target};
use kernel::{
    Timestamp, day,
    error_kind::IgnoreConflict as _,
    id::{AccountId, AuditId},
};
use serde::{Deserialize, Serialize};

use super::{
    Page, PageRequest, StoreError, Table,
    item::{Item, Stored, putting},
    keys,
};

/// How long a line is kept, in seconds: 400 days, so that a whole year is always present.
const RETENTION_SECONDS: i64 = 400 * 24 * 60 * 60;

/// The table's audit log.
#[derive(Clone, Debug)]
pub struct AuditLog(pub(super) Table);

/// Which lines are listed, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListAudit {
    /// The lines of a day: `2026-11-28`.
    Day(String),
    /// The actions of an account.
    By(AccountId),
    /// The actions on a target.
    To(Target),
}

#[derive(Serialize, Deserialize)]
struct AuditEntryItem {
    entry_id: AuditId,
    at: Timestamp,
    actor_id: AccountId,
    action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<Target>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    route: String,
    request_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    version: u64,
    expires_at_epoch: i64,
    lists_pk: String,
    lists_sk: String,
    owned_pk: String,
    owned_sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work_sk: Option<String>,
}

impl Stored for AuditEntryItem {
    const KIND: &'static str = "audit_entry";
}

impl From<&AuditEntry> for AuditEntryItem {
    fn from(entry: &AuditEntry) -> Self {
        let place = keys::at(entry.at, entry.id);

        Self {
            entry_id: entry.id,
            at: entry.at,
            actor_id: entry.actor,
            action: entry.action,
            target: entry.target,
            detail: entry.detail.clone(),
            route: entry.origin.route.clone(),
            request_id: entry.origin.request_id.clone(),
            address: entry.origin.address.clone(),
            version: 1,
            expires_at_epoch: entry.at.as_second() + RETENTION_SECONDS,
            lists_pk: keys::audit_of_day(&day::from_timestamp(entry.at)),
            lists_sk: place.clone(),
            owned_pk: keys::audit_by(entry.actor),
            owned_sk: place.clone(),
            work_pk: entry.target.map(keys::audit_to),
            work_sk: entry.target.map(|_| place),
        }
    }
}

impl AuditEntryItem {
    fn item(entry: &AuditEntry) -> Result<Item, StoreError> {
        Self::from(entry).to_item(keys::audit_entry(entry.id))
    }
}

impl From<AuditEntryItem> for AuditEntry {
    fn from(item: AuditEntryItem) -> Self {
        Self {
            id: item.entry_id,
            at: item.at,
            actor: item.actor_id,
            action: item.action,
            target: item.target,
            detail: item.detail,
            origin: Origin {
                route: item.route,
                request_id: item.request_id,
                address: item.address,
            },
        }
    }
}

impl AuditLog {
    /// Writes a line about an action that changes nothing in the table.
    pub async fn write(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.0.create(AuditEntryItem::item(entry)?).await
    }

    /// Writes a line unless it exists: for actions that are recorded once an hour.
    pub async fn write_once(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.write(entry).await.ignore_conflict()
    }

    /// A line as part of the action's transaction.
    pub(crate) fn line(&self, entry: &AuditEntry) -> Result<TransactWriteItem, StoreError> {
        self.0.creation(AuditEntryItem::item(entry)?).map(putting)
    }

    /// A page of lines.
    pub async fn list(&self, which: &ListAudit, page: &PageRequest) -> Result<Page<AuditEntry>, StoreError> {
        let (index, partition) = match which {
            ListAudit::Day(day) => (keys::LISTS, keys::audit_of_day(day)),
            ListAudit::By(actor) => (keys::OWNED, keys::audit_by(*actor)),
            ListAudit::To(target) => (keys::WORK, keys::audit_to(*target)),
        };
        let page: Page<AuditEntryItem> = self.0.page(index, vec![partition], None, page).await?;

        Ok(Page {
            items: page.items.into_iter().map(AuditEntry::from).collect(),
            next_cursor: page.next_cursor,
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::id::TitleId;

    use super::*;
    use crate::dynamodb::item::text;

    #[test]
    fn a_line_is_stored_and_read() {
        let now = Timestamp::UNIX_EPOCH;
        let origin = Origin {
            route: "DELETE /api/titles/{title_id}".to_owned(),
            request_id: "r".to_owned(),
            address: Some("192.0.2.1".to_owned()),
        };
        let (actor, title) = (AccountId::mint(now), TitleId::mint(now));
        let entry = AuditEntry::new(actor, Action::TitleArchived, Target::Title(title), origin, now).with_detail("why");

        let item = AuditEntryItem::item(&entry).unwrap();

        assert_eq!(item["lists_pk"], text("AUDIT_DAY#1970-01-01"));
        assert_eq!(item["work_pk"], text(format!("AUDIT_TO#title:{title}")));
        assert_eq!(AuditEntry::from(AuditEntryItem::from_item(item).unwrap()), entry);
    }
}
