//! Uploads in the table.

use aws_sdk_dynamodb::types::Put;
use domain::upload::{ContentType, PartPlan, Upload, UploadState};
use futures::future::try_join_all;
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, TitleId, UploadId},
};
use serde::{Deserialize, Serialize};

use super::{PageRequest, StoreError, Table, item::Stored, keys};

/// The table's uploads.
#[derive(Clone, Debug)]
pub struct Uploads(pub(super) Table);

/// How long an item is kept after its upload has expired, so that clients can still read the state.
const RETENTION_SECONDS: i64 = 30 * 24 * 60 * 60;

#[derive(Serialize, Deserialize)]
struct UploadItem {
    upload_id: UploadId,
    title_id: TitleId,
    asset_id: AssetId,
    account_id: AccountId,
    state: UploadState,
    size_bytes: u64,
    part_size: u64,
    content_type: ContentType,
    multipart_id: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// When the item may be deleted (the table's TTL attribute).
    expires_at_epoch: i64,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work_sk: Option<String>,
}

impl Stored for UploadItem {
    const KIND: &'static str = "upload";
}

impl UploadItem {
    fn new(upload: &Upload, version: u64) -> Self {
        let is_completing = upload.state == UploadState::Completing;

        Self {
            upload_id: upload.id,
            title_id: upload.title_id,
            asset_id: upload.asset_id,
            account_id: upload.account_id,
            state: upload.state,
            size_bytes: upload.parts.size_bytes,
            part_size: upload.parts.part_size,
            content_type: upload.content_type.clone(),
            multipart_id: upload.multipart_id.clone(),
            created_at: upload.created_at,
            expires_at: upload.expires_at,
            expires_at_epoch: upload.expires_at.as_second() + RETENTION_SECONDS,
            version,
            work_pk: is_completing.then(|| keys::completing(upload.id.bucket(keys::BUCKETS))),
            work_sk: is_completing.then(|| keys::at(upload.created_at, upload.title_id)),
        }
    }
}

impl From<UploadItem> for Upload {
    fn from(item: UploadItem) -> Self {
        Self {
            id: item.upload_id,
            title_id: item.title_id,
            asset_id: item.asset_id,
            account_id: item.account_id,
            state: item.state,
            parts: PartPlan {
                size_bytes: item.size_bytes,
                part_size: item.part_size,
            },
            content_type: item.content_type,
            multipart_id: item.multipart_id,
            created_at: item.created_at,
            expires_at: item.expires_at,
            version: item.version,
        }
    }
}

impl Uploads {
    /// The upload with this id, if it exists.
    pub async fn find(&self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        let item: Option<UploadItem> = self.0.get(keys::upload(id)).await?;

        Ok(item.map(Upload::from))
    }

    /// Writes a changed upload, if it has not changed since it was read, and increments its version.
    pub async fn save(&self, upload: &mut Upload) -> Result<(), StoreError> {
        let item = UploadItem::new(upload, upload.version + 1).to_item(keys::upload(upload.id))?;
        self.0.replace(item, upload.version).await?;
        upload.version += 1;

        Ok(())
    }

    /// Uploads that are being completed, for the sweeper; at most `limit` of each bucket.
    pub async fn completing(&self, limit: u8) -> Result<Vec<Upload>, StoreError> {
        let request = PageRequest::first(limit);
        let pages = (0..keys::BUCKETS).map(|bucket| {
            self.0
                .page::<UploadItem>(keys::WORK, vec![keys::completing(bucket)], None, &request)
        });

        Ok(try_join_all(pages)
            .await?
            .into_iter()
            .flat_map(|page| page.items)
            .map(Upload::from)
            .collect())
    }

    /// The same as [`Self::save`], inside a transaction.
    pub(super) fn change(&self, upload: &Upload) -> Result<Put, StoreError> {
        let item = UploadItem::new(upload, upload.version + 1).to_item(keys::upload(upload.id))?;

        self.0.replacement(item, upload.version)
    }

    /// A new upload, inside a transaction.
    pub(super) fn creation(&self, upload: &Upload) -> Result<Put, StoreError> {
        self.0
            .creation(UploadItem::new(upload, upload.version).to_item(keys::upload(upload.id))?)
    }
}
