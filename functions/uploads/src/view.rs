//! An upload as the API shows it.

use adapters::s3::StoredPart;
use domain::upload::{Upload, UploadState};
use kernel::{
    Timestamp,
    id::{AssetId, TitleId, UploadId},
};
use runtime::http::{Sample, sample};
use serde::Serialize;
use utoipa::ToSchema;

/// An upload.
#[derive(Serialize, ToSchema)]
#[schema(as = Upload)]
pub(crate) struct UploadView {
    upload_id: UploadId,
    title_id: TitleId,
    /// The id of the film in the pipeline.
    asset_id: AssetId,
    state: UploadStateView,
    size_bytes: u64,
    #[schema(examples("video/mp4"))]
    content_type: String,
    /// How many bytes every part has, except the last, which has the rest.
    #[schema(examples(8_388_608))]
    part_size: u64,
    /// How many parts there are; they are numbered from 1.
    part_count: u32,
    /// The parts that have arrived, while the upload is open.
    parts: Vec<StoredPartView>,
    /// When it expires if it is not completed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// The state of an upload.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UploadState)]
enum UploadStateView {
    /// Accepts parts.
    Open,
    /// The bucket assembles the film.
    Completing,
    /// The film is in the bucket, and its pipeline starts.
    Uploaded,
    /// The owner aborted it.
    Aborted,
    /// It was not completed in time.
    Expired,
}

/// A part that has arrived.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredPart)]
struct StoredPartView {
    part_number: u32,
    size_bytes: u64,
    etag: String,
    /// In base64.
    checksum_sha256: String,
}

impl UploadView {
    /// Shows an upload with the parts that have arrived.
    pub(crate) fn new(upload: &Upload, parts: Vec<StoredPart>, now: Timestamp) -> Self {
        let state = match upload.state {
            UploadState::Open if upload.is_expired(now) => UploadStateView::Expired,
            UploadState::Open => UploadStateView::Open,
            UploadState::Completing => UploadStateView::Completing,
            UploadState::Uploaded => UploadStateView::Uploaded,
            UploadState::Aborted => UploadStateView::Aborted,
        };

        Self {
            upload_id: upload.id,
            title_id: upload.title_id,
            asset_id: upload.asset_id,
            state,
            size_bytes: upload.parts.size_bytes,
            content_type: upload.content_type.as_str().to_owned(),
            part_size: upload.parts.part_size,
            part_count: upload.parts.count(),
            parts: parts.into_iter().map(StoredPartView::from).collect(),
            expires_at: upload.expires_at,
            created_at: upload.created_at,
        }
    }
}

impl From<StoredPart> for StoredPartView {
    fn from(StoredPart { part, size_bytes }: StoredPart) -> Self {
        Self {
            part_number: part.number,
            size_bytes,
            etag: part.etag,
            checksum_sha256: part.checksum_sha256,
        }
    }
}

impl Sample for UploadView {
    fn samples() -> Vec<Self> {
        let id = sample::uuid();

        vec![Self {
            upload_id: UploadId::from_uuid(id),
            title_id: TitleId::from_uuid(id),
            asset_id: AssetId::from_uuid(id),
            state: UploadStateView::Open,
            size_bytes: 20_000_000,
            content_type: "video/mp4".to_owned(),
            part_size: 8_388_608,
            part_count: 3,
            parts: vec![StoredPartView {
                part_number: 1,
                size_bytes: 8_388_608,
                etag: "\"9b2cf535f27731c974343645a3985328\"".to_owned(),
                checksum_sha256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=".to_owned(),
            }],
            expires_at: sample::time(),
            created_at: sample::time(),
        }]
    }
}
