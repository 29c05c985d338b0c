//! Which assets have files, when to look whether somebody needs them, and the proof that they are gone.

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use futures::future::try_join_all;
use kernel::{
    Timestamp,
    id::{AssetId, TitleId, UploadId},
};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    item::{Stored, number, text},
    keys,
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

#[derive(Serialize, Deserialize)]
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
    fn of(files: Files, look_at: Timestamp) -> Self {
        Self {
            title_id: files.title_id,
            asset_id: files.asset_id,
            upload_id: files.upload_id,
            deleted_at: None,
            deleted_objects: 0,
            version: 1,
            work_pk: Some(keys::retained(files.asset_id.bucket(keys::BUCKETS))),
            work_sk: Some(keys::at(look_at, files.asset_id)),
        }
    }
}

impl Retention {
    /// New files, inside the transaction that begins their upload.
    pub(super) fn birth(&self, files: Files, look_at: Timestamp) -> Result<Put, StoreError> {
        let key = keys::retention(files.title_id, files.asset_id);

        self.0.creation(RetentionItem::of(files, look_at).to_item(key)?)
    }

    /// Files that are to be looked at at `look_at`, whenever that was planned before. Files that are gone stay gone.
    pub async fn look_at(&self, files: Files, look_at: Timestamp) -> Result<(), StoreError> {
        let item = RetentionItem::of(files, look_at).to_item(keys::retention(files.title_id, files.asset_id))?;
        let written = self
            .0
            .client
            .put_item()
            .table_name(&self.0.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(deleted_at)")
            .send()
            .await;

        match written.map_err(StoreError::from) {
            Ok(_) | Err(StoreError::Changed) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Files to look at by `now`, the longest due first, at most `limit` of each bucket.
    pub async fn due(&self, limit: u8, now: Timestamp) -> Result<Vec<Files>, StoreError> {
        let buckets = (0..keys::BUCKETS).map(async |bucket| {
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
                .send()
                .await?;
            let items = answer.items.unwrap_or_default().into_iter();

            items
                .map(RetentionItem::from_item)
                .collect::<Result<Vec<_>, StoreError>>()
        });

        Ok(try_join_all(buckets)
            .await?
            .into_iter()
            .flatten()
            .map(|item| Files {
                title_id: item.title_id,
                asset_id: item.asset_id,
                upload_id: item.upload_id,
            })
            .collect())
    }

    /// The buckets hold nothing more of these files: `objects` were deleted. Nobody looks at them again.
    pub async fn gone(&self, files: Files, objects: u64, now: Timestamp) -> Result<(), StoreError> {
        self.0
            .client
            .update_item()
            .table_name(&self.0.name)
            .set_key(Some(keys::retention(files.title_id, files.asset_id).attributes()))
            .update_expression("SET deleted_at = :now, deleted_objects = :objects REMOVE work_pk, work_sk")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
            .expression_attribute_values(":objects", number(objects))
            .send()
            .await?;

        Ok(())
    }
}
