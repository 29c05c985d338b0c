//! Which assets have files, when to look whether somebody needs them, the proof that they are gone, and how their sources count
//! against an account's storage.

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

/// The table's notes about files.
#[derive(Clone, Debug)]
pub struct Retention(pub(super) Table);

/// The files of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    /// The title that they are, or were, for.
    pub title_id: TitleId,
    /// The asset.
    pub asset_id: AssetId,
    /// The upload that brought the source.
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

/// How far a look through what is due has come.
#[derive(Clone, Debug)]
pub struct DueCursor {
    /// The buckets that may hold more, each with the last item that was read of it.
    buckets: Vec<(u8, Option<Item>)>,
}

impl DueCursor {
    /// Before the longest due.
    #[must_use]
    pub fn start() -> Self {
        Self {
            buckets: (0..keys::BUCKETS).map(|bucket| (bucket, None)).collect(),
        }
    }

    /// Whether nothing more is due.
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
    /// When the buckets were seen to hold nothing more of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    /// How many objects were deleted then.
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

    fn look_at(&mut self, look_at: Timestamp) {
        self.work_pk = Some(keys::retained(self.asset_id.bucket(keys::BUCKETS)));
        self.work_sk = Some(keys::at(look_at, self.asset_id));
    }
}

impl Retention {
    /// New files, inside the transaction that begins their upload.
    pub(super) fn creation(&self, files: Files, counting: Counting, look_at: Timestamp) -> Result<Put, StoreError> {
        let mut item = RetentionItem::new(files, counting);
        item.look_at(look_at);

        self.put(item)
    }

    /// Files that are to be looked at at `look_at`, whenever that was planned before. Files that are gone stay gone.
    pub async fn schedule_check(&self, files: Files, look_at: Timestamp) -> Result<(), StoreError> {
        retry_on_conflict(|| async {
            let mut item = self.find(files).await?;
            if item.deleted_at.is_some() {
                return Ok(());
            }
            item.look_at(look_at);

            self.0.write_together(vec![putting(self.put(item)?)]).await
        })
        .await
    }

    /// Files to look at by `now` behind `place`, the longest due first, at most `limit` of each bucket. The place moves
    /// behind them: what stays due after a look does not come again on the same way.
    pub async fn due(&self, place: &mut DueCursor, limit: u8, now: Timestamp) -> Result<Vec<Files>, StoreError> {
        let left = place.buckets.clone();
        let buckets = left.into_iter().map(async |(bucket, behind)| {
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
                .set_exclusive_start_key(behind)
                .send()
                .await?;
            let items = answer.items.unwrap_or_default().into_iter();
            let items = items.map(RetentionItem::from_item);
            let files = items.map(|item| item.map(|item| item.files()));
            let files = files.collect::<Result<Vec<Files>, StoreError>>()?;

            Ok::<_, StoreError>((files, (bucket, answer.last_evaluated_key)))
        });
        let (files, buckets): (Vec<Vec<Files>>, Vec<_>) = try_join_all(buckets).await?.into_iter().unzip();
        place.buckets = buckets.into_iter().filter(|(_, behind)| behind.is_some()).collect();

        Ok(files.into_iter().flatten().collect())
    }

    /// Counts the source of these files against an account's storage, unless that was done before.
    pub async fn count_source(&self, files: Files, account: AccountId, bytes: u64) -> Result<(), StoreError> {
        self.change(files, Some(account), |item, storage| {
            storage.count_existing(&mut item.counting, account, bytes);
        })
        .await
    }

    /// Nothing will come of these files: their account has their space again, once however often this is said.
    pub async fn release_storage(&self, files: Files) -> Result<(), StoreError> {
        self.change(files, None, |item, storage| {
            storage.release(&mut item.counting);
        })
        .await
    }

    /// The buckets hold nothing more of these files: `objects` were deleted. Nobody looks at them again, and their account has
    /// their space again.
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

    /// The note of files whose upload another one replaces, inside the transaction that does so: their account has their space
    /// again. Nothing if that was so before.
    pub(super) async fn replaced(&self, files: Files, storage: &mut Storage) -> Result<Option<Put>, StoreError> {
        let mut item = self.find(files).await?;
        let new = storage.release(&mut item.counting);

        new.then(|| self.put(item)).transpose()
    }

    /// Changes the note of files by `rule`, and the storage of the account that they count against: `account`, or the one that is
    /// written there.
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
                writes.push(putting(quotas.keep(account, storage, version)?));
            }

            self.0.write_together(writes).await
        })
        .await
    }

    /// The note of files; an empty one if there is none yet.
    async fn find(&self, files: Files) -> Result<RetentionItem, StoreError> {
        let found = self.0.get(keys::retention(files.title_id, files.asset_id)).await?;

        Ok(found.unwrap_or_else(|| RetentionItem::new(files, Counting::NotYet)))
    }

    /// A note that was read, inside a transaction, if nobody changed it since.
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
    fn a_note_is_read_as_it_was_written_and_one_of_earlier_releases_is_not_counted_yet() {
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
