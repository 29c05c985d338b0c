//! The view of a title.

use domain::{
    account::{Person, creator_id},
    ingest::{Failure, IngestError, Step},
    title::{Rendition, Sound, Title, TitleState, Visibility},
};
use kernel::{
    Timestamp,
    id::{AssetId, CreatorId, TitleId, UploadId},
};
use runtime::http::{Sample, sample};
use serde::Serialize;
use utoipa::ToSchema;

/// A title as the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Title)]
pub struct TitleView {
    title_id: TitleId,
    #[schema(examples("Big Buck Bunny"))]
    name: String,
    description: String,
    genres: Vec<String>,
    /// The language that is spoken, as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    visibility: Visibility,
    state: TitleState,
    owner: OwnerView,
    /// Path of the poster, below this site's address; it needs no token.
    #[serde(skip_serializing_if = "Option::is_none")]
    poster_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    /// The qualities that a player can choose from, largest first; empty while nothing is playable.
    renditions: Vec<RenditionView>,
    /// The sound tracks to choose from; the first is played unless the viewer chooses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sounds: Vec<Sound>,
    /// Why the last run failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureView>,
    /// The newest upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_id: Option<AssetId>,
    /// The open upload, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_id: Option<UploadId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    published_at: Option<Timestamp>,
    /// Of an archived title: until when it can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    restorable_until: Option<Timestamp>,
    /// When its files were deleted. After that it cannot be restored or run again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    files_deleted_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Counts changes. A request to change the title names the version that it read.
    version: u64,
}

/// The account that created a title.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Owner)]
struct OwnerView {
    creator_id: CreatorId,
    display_name: String,
}

/// One quality that a player can choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Rendition)]
struct RenditionView {
    #[schema(examples(1280))]
    width: u32,
    #[schema(examples(720))]
    height: u32,
    /// Frames per second.
    #[schema(examples(23.976))]
    frame_rate: f64,
    /// Peak bits per second, audio included.
    #[schema(examples(2_400_000))]
    bitrate: u64,
    /// RFC 6381 codec names.
    #[schema(examples("avc1.64001f,mp4a.40.2"))]
    codecs: String,
}

/// Where and why a run failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Failure)]
pub struct FailureView {
    /// The name, for programs.
    error: IngestError,
    /// What happened and what to do, for people.
    #[schema(examples("This file has sound but no video. Upload a file with a video track."))]
    sentence: String,
    /// In which step.
    step: Step,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl TitleView {
    /// A title as `person` may see it.
    #[must_use]
    pub fn for_person(title: &Title, person: &Person) -> Self {
        if title.managed_by(person) {
            Self::for_manager(title)
        } else {
            Self::for_viewer(title)
        }
    }

    /// The view of its owner and of admins: everything.
    #[must_use]
    pub fn for_manager(title: &Title) -> Self {
        let publication = title.publication.as_ref();

        Self {
            title_id: title.id,
            name: title.details.name.as_str().to_owned(),
            description: title.details.description.as_str().to_owned(),
            genres: title
                .details
                .genres
                .iter()
                .map(|genre| genre.as_str().to_owned())
                .collect(),
            language: title
                .details
                .language
                .as_ref()
                .map(|language| language.as_str().to_owned()),
            visibility: title.details.visibility,
            state: title.state,
            owner: OwnerView {
                creator_id: creator_id(title.owner.account_id),
                display_name: title.owner.display_name.as_str().to_owned(),
            },
            poster_url: publication
                .and_then(|publication| publication.poster.as_ref())
                .map(|key| format!("/{key}")),
            duration_ms: publication.map(|publication| publication.duration_ms),
            renditions: publication.map_or_else(Vec::new, |p| p.renditions.iter().map(Into::into).collect()),
            sounds: publication.map_or_else(Vec::new, |p| p.sounds.clone()),
            failure: title.failure.as_ref().map(FailureView::from),
            asset_id: title.asset_id,
            upload_id: title.upload_id,
            published_at: publication.map(|publication| publication.published_at),
            restorable_until: title.restorable_until.filter(|_| title.files_deleted_at.is_none()),
            files_deleted_at: title.files_deleted_at,
            created_at: title.created_at,
            updated_at: title.updated_at,
            version: title.version,
        }
    }

    /// The view of all others: nothing about the pipeline.
    #[must_use]
    pub fn for_viewer(title: &Title) -> Self {
        Self {
            failure: None,
            asset_id: None,
            upload_id: None,
            restorable_until: None,
            files_deleted_at: None,
            ..Self::for_manager(title)
        }
    }
}

impl From<&Rendition> for RenditionView {
    fn from(rendition: &Rendition) -> Self {
        Self {
            width: rendition.width,
            height: rendition.height,
            frame_rate: f64::from(rendition.frame_rate_milli) / 1_000.0,
            bitrate: rendition.bandwidth,
            codecs: rendition.codecs.clone(),
        }
    }
}

impl From<&Failure> for FailureView {
    fn from(failure: &Failure) -> Self {
        Self {
            error: failure.reason.error,
            sentence: failure.reason.sentence.clone(),
            step: failure.step,
            at: failure.at,
        }
    }
}

impl Sample for TitleView {
    fn samples() -> Vec<Self> {
        let id = sample::uuid();
        let draft = Self {
            title_id: TitleId::from_uuid(id),
            name: "Big Buck Bunny".to_owned(),
            description: "A giant rabbit takes revenge on three bullies.".to_owned(),
            genres: vec!["animation".to_owned(), "comedy".to_owned()],
            language: Some("en".to_owned()),
            visibility: Visibility::Public,
            state: TitleState::Draft,
            owner: OwnerView {
                creator_id: CreatorId::from_uuid(id),
                display_name: "Ada Lovelace".to_owned(),
            },
            poster_url: None,
            duration_ms: None,
            renditions: vec![],
            sounds: vec![],
            failure: None,
            asset_id: None,
            upload_id: None,
            published_at: None,
            restorable_until: None,
            files_deleted_at: None,
            created_at: sample::time(),
            updated_at: sample::time(),
            version: 1,
        };
        let published = Self {
            state: TitleState::Published,
            poster_url: Some(format!("/images/{id}/4f1c2a7be0d94a518c3de6a7b9f00d12.jpg")),
            duration_ms: Some(596_458),
            renditions: vec![RenditionView {
                width: 1280,
                height: 720,
                frame_rate: 24.0,
                bitrate: 2_400_000,
                codecs: "avc1.64001f,mp4a.40.2".to_owned(),
            }],
            sounds: vec![Sound {
                name: "English".to_owned(),
                language: Some("en".to_owned()),
            }],
            asset_id: Some(AssetId::from_uuid(id)),
            published_at: Some(sample::time()),
            version: 4,
            ..draft.clone()
        };
        let failed = Self {
            state: TitleState::Failed,
            failure: Some(FailureView {
                error: IngestError::NoVideoStream,
                sentence: "This file has sound but no video. Upload a file with a video track.".to_owned(),
                step: Step::Validate,
                at: sample::time(),
            }),
            asset_id: Some(AssetId::from_uuid(id)),
            version: 3,
            ..draft.clone()
        };

        vec![published, draft, failed]
    }
}

#[cfg(test)]
mod tests {
    use domain::title::testing::{details, owner};
    use kernel::id::AccountId;

    use super::*;

    #[test]
    fn a_viewer_sees_nothing_of_the_pipeline() {
        let now = sample::time();
        let owner = owner(AccountId::mint(now));
        let mut title = Title::draft(TitleId::mint(now), owner, details("Film", &[]), now);
        title.asset_id = Some(AssetId::mint(now));
        title.upload_id = Some(UploadId::mint(now));
        title.failure = Some(Failure {
            reason: IngestError::Internal.into(),
            step: Step::Verify,
            at: now,
        });
        title.files_deleted_at = Some(now);

        let seen = serde_json::to_value(TitleView::for_viewer(&title)).unwrap();
        let all = serde_json::to_value(TitleView::for_manager(&title)).unwrap();

        for field in ["asset_id", "upload_id", "failure", "files_deleted_at"] {
            assert!(all.get(field).is_some(), "{field}");
            assert!(seen.get(field).is_none(), "{field}");
        }
        title.files_deleted_at = None;
        title.restorable_until = Some(now);
        let seen = serde_json::to_value(TitleView::for_viewer(&title)).unwrap();
        assert!(seen.get("restorable_until").is_none());
    }
}
