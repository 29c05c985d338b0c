//! The use of quotas and budgets by accounts and the installation, one item each; the rules are in `domain::quota`.

use std::time::Duration;

use domain::{
    quota::{QuotaExceeded, Spending, Usage},
    storage::Storage,
    upload::{Upload, UploadState},
};
use kernel::{Timestamp, id::AccountId, money::MicroDollars};
use serde::{Deserialize, Serialize};

use super::{
    MayConflict, StoreError, Table,
    item::{Item, Stored, putting},
    keys::{self, Key},
    retry_on_conflict,
};

/// How long an item is kept after its last change: longer than a day, and than any upload.
const RETENTION: Duration = Duration::from_hours(30 * 24);

/// The table's quotas and budgets.
#[derive(Clone, Debug)]
pub struct Quotas(pub(super) Table);

/// Why a use was not counted.
#[derive(Debug, thiserror::Error)]
pub enum QuotaError {
    /// It exceeds the quota.
    #[error(transparent)]
    Exceeded(#[from] QuotaExceeded),
    /// An error of the table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The most money that may be spent in a day.
#[derive(Clone, Copy, Debug)]
pub struct Budgets {
    /// By one account.
    pub account: MicroDollars,
    /// By all accounts together.
    pub installation: MicroDollars,
}

#[derive(Serialize, Deserialize)]
struct UsageItem {
    account_id: AccountId,
    usage: Usage,
    expires_at_epoch: i64,
    version: u64,
}

impl Stored for UsageItem {
    const KIND: &'static str = "usage";
}

#[derive(Serialize, Deserialize)]
struct SpendingItem {
    spending: Spending,
    expires_at_epoch: i64,
    version: u64,
}

impl Stored for SpendingItem {
    const KIND: &'static str = "spending";
}

#[derive(Serialize, Deserialize)]
struct StorageItem {
    account_id: AccountId,
    storage: Storage,
    version: u64,
}

impl Stored for StorageItem {
    const KIND: &'static str = "storage";
}

impl Quotas {
    /// Changes the usage of `account` by `rule`, and returns the result of `rule`.
    pub async fn change<T>(
        &self,
        account: AccountId,
        now: Timestamp,
        rule: impl Fn(&mut Usage) -> Result<T, QuotaExceeded>,
    ) -> Result<T, QuotaError> {
        self.write(account, now, |usage| Ok(rule(usage)?)).await
    }

    async fn write<T, E: MayConflict>(
        &self,
        account: AccountId,
        now: Timestamp,
        rule: impl Fn(&mut Usage) -> Result<T, E>,
    ) -> Result<T, E> {
        retry_on_conflict(|| async {
            let (before, version) = self.usage(account).await?;
            let mut usage = before.clone().at(now);
            let result = rule(&mut usage)?;
            if usage != before {
                let item = usage_item(account, usage, version, now)?;
                self.0.save(item, version).await?;
            }

            Ok(result)
        })
        .await
    }

    /// Records that an upload was completed or aborted. May be repeated.
    pub async fn close_upload(&self, upload: &Upload, now: Timestamp) -> Result<(), StoreError> {
        self.write(upload.account_id, now, |usage| {
            match upload.state {
                UploadState::Uploaded => drop(usage.complete_upload(upload.id)),
                UploadState::Aborted => drop(usage.release_upload(upload.id)),
                UploadState::Open | UploadState::Completing => {}
            }

            Ok(())
        })
        .await
    }

    /// Pays for a run, once, from the budgets of the account and of the installation, or from neither. Returns the priority of the run's
    /// job.
    pub async fn pay(
        &self,
        account: AccountId,
        run: &str,
        quoted: MicroDollars,
        budgets: Budgets,
        now: Timestamp,
    ) -> Result<i32, QuotaError> {
        retry_on_conflict(|| async {
            let (before, version) = self.usage(account).await?;
            let mut usage = before.at(now);
            if !usage.pay(run, quoted, budgets.account)? {
                return Ok(usage.priority());
            }
            let found: Option<SpendingItem> = self.0.get(keys::spending()).await?;
            let (before, spending_version) =
                found.map_or((Spending::default(), 0), |item| (item.spending, item.version));
            let mut spending = before.at(now);
            spending.pay(quoted, budgets.installation)?;

            let priority = usage.priority();
            let spending = SpendingItem {
                spending,
                expires_at_epoch: expiry(now),
                version: spending_version + 1,
            };
            let writes = [
                self.0.saving(usage_item(account, usage, version, now)?, version)?,
                self.0.saving(spending.to_item(keys::spending())?, spending_version)?,
            ];
            self.0.write_together(writes.map(putting).into()).await?;

            Ok(priority)
        })
        .await
    }

    /// The storage of `account`, with the version of its item.
    pub(super) async fn storage(&self, account: AccountId) -> Result<(Storage, u64), StoreError> {
        let found: Option<StorageItem> = self.0.get(keys::storage(account)).await?;

        Ok(found.map_or_else(|| (Storage::default(), 0), |item| (item.storage, item.version)))
    }

    /// Writes the storage of `account`, inside a transaction, if it has not changed since it was read.
    pub(super) fn saving_storage(
        &self,
        account_id: AccountId,
        storage: Storage,
        read: u64,
    ) -> Result<aws_sdk_dynamodb::types::Put, StoreError> {
        let item = StorageItem {
            account_id,
            storage,
            version: read + 1,
        };

        self.0.saving(item.to_item(keys::storage(account_id))?, read)
    }

    async fn usage(&self, account: AccountId) -> Result<(Usage, u64), StoreError> {
        let found: Option<UsageItem> = self.0.get(keys::usage(account)).await?;

        Ok(found.map_or_else(|| (Usage::default(), 0), |item| (item.usage, item.version)))
    }
}

fn usage_item(account_id: AccountId, usage: Usage, read: u64, now: Timestamp) -> Result<Item, StoreError> {
    let key: Key = keys::usage(account_id);

    UsageItem {
        account_id,
        usage,
        expires_at_epoch: expiry(now),
        version: read + 1,
    }
    .to_item(key)
}

fn expiry(now: Timestamp) -> i64 {
    now.saturating_add(RETENTION).unwrap_or(Timestamp::MAX).as_second()
}

#[cfg(test)]
mod tests {
    use domain::quota::OpenUpload;
    use kernel::id::UploadId;

    use super::*;

    #[test]
    fn usage_is_read_as_it_was_written() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let account = AccountId::mint(now);
        let mut usage = Usage::default().at(now);
        usage.pay("run-1", MicroDollars(5), MicroDollars(10)).unwrap();
        let upload = OpenUpload {
            bytes: 7,
            began_at: now,
            expires_at: now,
        };
        usage.open.insert(UploadId::mint(now), upload);

        let item = usage_item(account, usage.clone(), 3, now).unwrap();
        let read = UsageItem::from_item(item).unwrap();
        assert_eq!((read.usage, read.version), (usage, 4));
    }
}
