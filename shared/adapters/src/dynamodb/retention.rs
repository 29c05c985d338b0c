//! The retention of assets' files: when to check whether they are needed, whether they were deleted, and how their sources count against
//! an account's storage.

use aws_sdk_dynamodb::types::Put;
use domain::{
    asset::Asset,
    storage::{Counting, Storage},
    upload::Upload,
};
use futures::future::try_join_all;
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, TitleId, UploadId},
};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    item::{Item, Stored, putting, text},
    keys, retry_on_conflict,
};

/// The table's records of files.
#[derive(Clone, Debug)]
pub struct Retention(pub(super) Table);

/// The files of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    /// The title of the asset.
    pub title_id: TitleId,
    /// The asset.
    pub asset_id: AssetId,
    /// The upload of the source.
    pub upload_id: UploadId,
}

impl From<&Upload> for Files {
    fn from(upload: &Upload) -> Self {
        Self {
            title_id: upload.title_id,
            asset_id: upload.asset_id,
            upload_id: upload.id,
        }
    }
}

impl From<&Asset> for Files {
    fn from(asset: &Asset) -> Self {
        Self {
            title_id: asset.title_id,
            asset_id: asset.id,
            upload_id: asset.upload_id,
        }
    }
}

/// The progress of reading the files that are due.
#[derive(Clone, Debug)]
pub struct DueCursor {
    /// The buckets that may hold more, each with its last item that was read.
    buckets: Vec<(u8, Option<Item>)>,
}

impl DueCursor {
    /// The beginning: the files that are due for the longest time.
    #[must_use]
    pub fn start() -> Self {
        Self {
            buckets: (0..keys::BUCKETS).map(|bucket| (bucket, None)).collect(),
        }
    }

    /// Whether no more files are due.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        self.buckets.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RetentionItem {
    title_id: TitleId,
    asset_id: AssetId,
    upload_id: UploadId,
    /// When all its files were deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    /// How many objects were deleted.
    #[serde(default)]
    deleted_objects: u64,
    /// How the source counts against its account's storage.
    #[serde(default)]
    counting: Counting,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work_sk: Option<String>,
}

impl Stored for RetentionItem {
    const KIND: &'static str = "retention";
}

impl RetentionItem {
    fn new(files: Files, counting: Counting) -> Self {
        Self {
            title_id: files.title_id,
            asset_id: files.asset_id,
            upload_id: files.upload_id,
            deleted_at: None,
            deleted_objects: 0,
            counting,
            version: 0,
            work_pk: None,
            work_sk: None,
        }
    }

    fn files(&self) -> Files {
        Files {
            title_id: self.title_id,
            asset_id: self.asset_id,
            upload_id: self.upload_id,
        }
    }

    fn schedule_check(&mut self, check_at: Timestamp) {
        self.work_pk = Some(keys::retained(self.asset_id.bucket(keys::BUCKETS)));
        self.work_sk = Some(keys::at(check_at, self.asset_id));
    }
}

impl Retention {
    /// The record of new files, inside the transaction that begins their upload.
    pub(super) fn creation(&self, files: Files, counting: Counting, check_at: Timestamp) -> Result<Put, StoreError> {
        let mut item = RetentionItem::new(files, counting);
        item.schedule_check(check_at);

        self.put(item)
    }

    /// Schedules a check of files at `check_at`, which replaces an earlier schedule. Deleted files are not checked again.
    pub async fn schedule_check(&self, files: Files, check_at: Timestamp) -> Result<(), StoreError> {
        retry_on_conflict(|| async {
            let mut item = self.find(files).await?;
            if item.deleted_at.is_some() {
                return Ok(());
            }
            item.schedule_check(check_at);

            self.0.write_together(vec![putting(self.put(item)?)]).await
        })
        .await
    }

    /// Files that are due at `now`, after `cursor`, longest due first, at most `limit` of each bucket. The cursor moves past them:
    /// files that stay due after their check are not returned again.
    pub async fn due(&self, cursor: &mut DueCursor, limit: u8, now: Timestamp) -> Result<Vec<Files>, StoreError> {
        let left = cursor.buckets.clone();
        let buckets = left.into_iter().map(async |(bucket, start)| {
            let answer = self
                .0
                .client
                .query()
                .table_name(&self.0.name)
                .index_name(keys::WORK.name)
                .key_condition_expression("work_pk = :bucket AND work_sk < :now")
                .expression_attribute_values(":bucket", text(keys::retained(bucket)))
                .expression_attribute_values(":now", text(keys::at(now, "")))
                .limit(i32::from(limit))
                .set_exclusive_start_key(start)
                .send()
                .await?;
            let items = answer.items.unwrap_or_default().into_iter();
            let items = items.map(RetentionItem::from_item);
            let files = items.map(|item| item.map(|item| item.files()));
            let files = files.collect::<Result<Vec<Files>, StoreError>>()?;

            Ok::<_, StoreError>((files, (bucket, answer.last_evaluated_key)))
        });
        let (files, buckets): (Vec<Vec<Files>>, Vec<_>) = try_join_all(buckets).await?.into_iter().unzip();
        cursor.buckets = buckets.into_iter().filter(|(_, start)| start.is_some()).collect();

        Ok(files.into_iter().flatten().collect())
    }

    /// Counts the source of these files against an account's storage. May be repeated.
    pub async fn count_source(&self, files: Files, account: AccountId, bytes: u64) -> Result<(), StoreError> {
        self.change(files, Some(account), |item, storage| {
            storage.count_existing(&mut item.counting, account, bytes);
        })
        .await
    }

    /// Releases the storage of files that no asset will have. May be repeated.
    pub async fn release_storage(&self, files: Files) -> Result<(), StoreError> {
        self.change(files, None, |item, storage| {
            storage.release(&mut item.counting);
        })
        .await
    }

    /// Records that all these files, `objects` in number, were deleted. Cancels their check and releases their storage.
    pub async fn mark_deleted(&self, files: Files, objects: u64, now: Timestamp) -> Result<(), StoreError> {
        self.change(files, None, |item, storage| {
            item.deleted_at = Some(now);
            item.deleted_objects = objects;
            item.work_pk = None;
            item.work_sk = None;
            storage.release(&mut item.counting);
        })
        .await
    }

    /// Releases the storage of files whose upload is replaced, inside the transaction that replaces it. `None` if it was released before.
    pub(super) async fn replaced(&self, files: Files, storage: &mut Storage) -> Result<Option<Put>, StoreError> {
        let mut item = self.find(files).await?;
        let released = storage.release(&mut item.counting);

        released.then(|| self.put(item)).transpose()
    }

    /// Changes the record of files by `rule`, and the storage of the account that they count against: `account`, or else the account in the
    /// record.
    async fn change(
        &self,
        files: Files,
        account: Option<AccountId>,
        rule: impl Fn(&mut RetentionItem, &mut Storage),
    ) -> Result<(), StoreError> {
        let quotas = self.0.quotas();
        retry_on_conflict(|| async {
            let before = self.find(files).await?;
            let account = account.or(before.counting.account());
            let (read, version) = match account {
                Some(account) => quotas.storage(account).await?,
                None => (Storage::default(), 0),
            };
            let (mut item, mut storage) = (before.clone(), read);
            rule(&mut item, &mut storage);
            if item == before {
                return Ok(());
            }

            let mut writes = vec![putting(self.put(item)?)];
            if let Some(account) = account.filter(|_| storage != read) {
                writes.push(putting(quotas.saving_storage(account, storage, version)?));
            }

            self.0.write_together(writes).await
        })
        .await
    }

    /// The record of files; an empty one if there is none yet.
    async fn find(&self, files: Files) -> Result<RetentionItem, StoreError> {
        let found = self.0.get(keys::retention(files.title_id, files.asset_id)).await?;

        Ok(found.unwrap_or_else(|| RetentionItem::new(files, Counting::NotYet)))
    }

    /// Writes a record, inside a transaction, if it has not changed since it was read.
    fn put(&self, mut item: RetentionItem) -> Result<Put, StoreError> {
        let read = item.version;
        item.version += 1;
        let item = item.to_item(keys::retention(item.title_id, item.asset_id))?;

        self.0.saving(item, read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_one_of_earlier_releases_is_not_counted_yet() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let files = Files {
            title_id: TitleId::mint(now),
            asset_id: AssetId::mint(now),
            upload_id: UploadId::mint(now),
        };
        let counted = Counting::Counted {
            account_id: AccountId::mint(now),
            bytes: 53_687_091_200,
        };
        for counting in [Counting::NotYet, counted, Counting::GivenBack] {
            let item = RetentionItem::new(files, counting);
            let mut stored = item.to_item(keys::retention(files.title_id, files.asset_id)).unwrap();
            assert_eq!(RetentionItem::from_item(stored.clone()).unwrap(), item);

            stored.remove("counting");
            assert_eq!(RetentionItem::from_item(stored).unwrap().counting, Counting::NotYet);
        }
    }
}
