//! Uploads: the transfer of a source in parts, directly into the bucket.

use std::{fmt, str::FromStr, time::Duration};

use kernel::{
    Timestamp,
    id::{AccountId, AssetId, TitleId, UploadId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::{Person, Role};

/// One upload of a source for a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// The title.
    pub title_id: TitleId,
    /// The asset.
    pub asset_id: AssetId,
    /// The account that uploads.
    pub account_id: AccountId,
    /// Its state.
    pub state: UploadState,
    /// How the source is divided into parts.
    pub parts: PartPlan,
    /// The declared media type.
    pub content_type: ContentType,
    /// S3's id of the multipart upload.
    pub multipart_id: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires. No part is signed after that.
    pub expires_at: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

impl Upload {
    /// The key of the source's object, which is written once.
    #[must_use]
    pub fn key(&self) -> String {
        key(self.id)
    }

    /// When an upload that begins now expires: before the bucket deletes the parts of unfinished uploads, after a week.
    #[must_use]
    pub fn expiry(now: Timestamp) -> Timestamp {
        now.saturating_add(Duration::from_hours(6 * 24))
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether it has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// Whether `person` may know that it exists: the person who began it and admins.
    #[must_use]
    pub fn visible_to(&self, person: &Person) -> bool {
        self.managed_by(person) || person.is(Role::Admin)
    }

    /// Whether `person` may continue or abort it: only the person who began it.
    #[must_use]
    pub fn managed_by(&self, person: &Person) -> bool {
        self.account_id == person.id
    }
}

/// The prefix of the keys of an upload's objects, without the slash.
#[must_use]
pub fn folder(id: UploadId) -> String {
    format!("uploads/{id}")
}

/// The key of an upload's source.
#[must_use]
pub fn key(id: UploadId) -> String {
    format!("{}/source", folder(id))
}

/// The upload of a source's key; `None` for other keys.
#[must_use]
pub fn upload_id_from_key(key: &str) -> Option<UploadId> {
    key.strip_prefix("uploads/")?.strip_suffix("/source")?.parse().ok()
}

/// The state of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// It accepts parts.
    Open,
    /// All parts are declared; the object is being assembled.
    Completing,
    /// The object is in the bucket.
    Uploaded,
    /// The owner aborted it.
    Aborted,
}

impl fmt::Display for UploadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Completing => "completing",
            Self::Uploaded => "uploaded",
            Self::Aborted => "aborted",
        })
    }
}

/// A file's declared media type: `video/*`, `audio/*`, a picture that may be animated, or `application/*`, in lower case and without
/// parameters. The step `validate` finds out what the file really is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentType(String);

/// The text is not a media type that may be uploaded.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be the media type of a film such as video/mp4, or empty if it is not known")]
pub struct InvalidContentType;

/// The media type of a file whose type is not declared.
const UNKNOWN: &str = "application/octet-stream";
/// Subtypes of pictures that may be animated.
const PICTURES: [&str; 5] = ["apng", "avif", "gif", "png", "webp"];

impl ContentType {
    /// The media type.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContentType {
    type Err = InvalidContentType;

    /// Parses a media type (RFC 9110): case does not matter, parameters are ignored. An empty text means unknown.
    fn from_str(text: &str) -> Result<Self, InvalidContentType> {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        if text.len() > 255
            || !parameters
                .bytes()
                .all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
        {
            return Err(InvalidContentType);
        }
        let essence = essence.trim_matches([' ', '\t']).to_ascii_lowercase();
        if essence.is_empty() && parameters.is_empty() {
            return Ok(Self(UNKNOWN.to_owned()));
        }

        let (kind, subtype) = essence.split_once('/').ok_or(InvalidContentType)?;
        if subtype.is_empty() || !subtype.chars().all(is_token) {
            return Err(InvalidContentType);
        }
        let film = match kind {
            "video" | "audio" => true,
            "image" => PICTURES.contains(&subtype),
            // Nothing that a browser would execute if it were shown the file.
            "application" => !(subtype.ends_with("+xml") || subtype.contains("script")),
            _ => false,
        };

        if film {
            Ok(Self(essence))
        } else {
            Err(InvalidContentType)
        }
    }
}

/// A character of a token (RFC 9110, section 5.6.2).
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

impl TryFrom<String> for ContentType {
    type Error = InvalidContentType;

    fn try_from(text: String) -> Result<Self, InvalidContentType> {
        text.parse()
    }
}

impl From<ContentType> for String {
    fn from(content_type: ContentType) -> Self {
        content_type.0
    }
}

const MIB: u64 = 1 << 20;

/// How a source is divided into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPlan {
    /// Size of the source.
    pub size_bytes: u64,
    /// Size of each part but the last, which is the rest.
    pub part_size: u64,
}

/// A file of this size cannot be uploaded.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidSize {
    /// The file is empty.
    #[error("must be at least 1 byte: this file is empty")]
    Empty,
    /// The file is larger than the limit.
    #[error("must be at most {max} bytes, this file has {actual}")]
    TooLarge {
        /// The installation's limit.
        max: u64,
        /// The file's size.
        actual: u64,
    },
}

impl PartPlan {
    /// Minimum size of a part. S3 accepts 5 MiB; larger parts save requests.
    pub const MIN_PART: u64 = 8 * MIB;
    /// Maximum number of parts. S3 accepts 10,000; with fewer, the list of parts fits into one answer.
    pub const MAX_PARTS: u64 = 1_000;

    /// Divides a source of `size_bytes` into parts, all of the same size but the last.
    pub fn new(size_bytes: u64, max_bytes: u64) -> Result<Self, InvalidSize> {
        if size_bytes == 0 {
            return Err(InvalidSize::Empty);
        }
        if size_bytes > max_bytes {
            return Err(InvalidSize::TooLarge {
                max: max_bytes,
                actual: size_bytes,
            });
        }

        let needed = size_bytes.div_ceil(Self::MAX_PARTS).div_ceil(MIB) * MIB;

        Ok(Self {
            size_bytes,
            part_size: needed.max(Self::MIN_PART),
        })
    }

    /// The number of parts.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.size_bytes.div_ceil(self.part_size)).unwrap_or(u32::MAX)
    }

    /// The size of part `number` (from 1); `None` if there is no such part.
    #[must_use]
    pub fn size_of(&self, number: u32) -> Option<u64> {
        if number == 0 || number > self.count() {
            return None;
        }

        let start = u64::from(number - 1) * self.part_size;

        Some(self.part_size.min(self.size_bytes - start))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_and_upload_ids_round_trip() {
        let id = UploadId::mint(Timestamp::UNIX_EPOCH);

        assert_eq!(upload_id_from_key(&key(id)), Some(id));
        assert_eq!(upload_id_from_key(&format!("uploads/{}/source", id.simple())), None);
        assert_eq!(upload_id_from_key("uploads/été + 1/source"), None);
        assert_eq!(upload_id_from_key("elsewhere"), None);
    }

    #[test]
    fn admins_see_an_upload_and_only_its_owner_continues_it() {
        let now = Timestamp::UNIX_EPOCH;
        let person = |roles: &[Role]| Person {
            id: AccountId::mint(now),
            roles: roles.to_vec(),
        };
        let owner = person(&[]);
        let upload = Upload {
            id: UploadId::mint(now),
            title_id: TitleId::mint(now),
            asset_id: AssetId::mint(now),
            account_id: owner.id,
            state: UploadState::Open,
            parts: PartPlan::new(1, 10).unwrap(),
            content_type: "video/mp4".parse().unwrap(),
            multipart_id: String::new(),
            created_at: now,
            expires_at: Upload::expiry(now),
            version: 1,
        };
        let rights = |person: &Person| (upload.visible_to(person), upload.managed_by(person));

        assert_eq!(rights(&owner), (true, true));
        assert_eq!(rights(&person(&[Role::Admin])), (true, false));
        assert_eq!(rights(&person(&[Role::Creator])), (false, false));
    }

    #[test]
    fn sizes_outside_the_limits_are_refused() {
        assert_eq!(PartPlan::new(0, 10), Err(InvalidSize::Empty));
        assert_eq!(
            PartPlan::new(11, 10),
            Err(InvalidSize::TooLarge { max: 10, actual: 11 })
        );
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_file(size in 1u64..5_000_000_000_000) {
            let plan = PartPlan::new(size, u64::MAX).unwrap();
            let parts: Vec<u64> = (1..=plan.count()).map_while(|number| plan.size_of(number)).collect();

            prop_assert_eq!(parts.iter().sum::<u64>(), size);
            prop_assert!(parts.len() as u64 <= PartPlan::MAX_PARTS);
            prop_assert!(parts.iter().rev().skip(1).all(|part| *part >= PartPlan::MIN_PART));
            prop_assert_eq!(plan.size_of(plan.count() + 1), None);
        }
    }

    #[test]
    fn media_types_are_parsed_by_rfc_9110() {
        for (text, read) in [
            ("video/mp4", "video/mp4"),
            ("VIDEO/MP4", "video/mp4"),
            ("video/x-matroska", "video/x-matroska"),
            ("video/webm;codecs=vp8", "video/webm"),
            ("video/mp4; codecs=\"avc1.64001f, mp4a.40.2\"", "video/mp4"),
            ("Audio/MPEG ; x=y", "audio/mpeg"),
            ("image/gif", "image/gif"),
            ("application/mxf", "application/mxf"),
            ("application/octet-stream", "application/octet-stream"),
            ("", "application/octet-stream"),
            (" ", "application/octet-stream"),
        ] {
            assert_eq!(
                text.parse::<ContentType>().as_ref().map(ContentType::as_str),
                Ok(read),
                "{text}"
            );
        }
        for bad in [
            "mp4",
            "video/",
            "/mp4",
            "video/mp4/x",
            "video/mp4\r\nx: y",
            "video/mp4; x=\r\ny",
            "video /mp4",
            "; codecs=x",
            "chemical/x",
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "text/javascript",
            "application/javascript",
            "application/xhtml+xml",
            "image/svg+xml",
            "multipart/form-data",
            &format!("video/mp4;{}", "x".repeat(300)),
        ] {
            assert_eq!(bad.parse::<ContentType>(), Err(InvalidContentType), "{bad}");
        }
    }
}
