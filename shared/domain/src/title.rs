//! Titles and their states.
//!
//! `draft → uploading → processing → published`; a run may end in `failed`, and `archived` is the end. `ready` is for titles that passed the
//! output check and wait for their release.

use std::{fmt, str::FromStr};

use kernel::{
    Timestamp,
    id::{AccountId, AssetId, Attempt, TitleId, UploadId},
    language,
    text::{self, InvalidText},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    account::{DisplayName, Person, Role},
    ingest::{Failure, IngestError, Step},
};

/// A title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// Its id.
    pub id: TitleId,
    /// Its owner.
    pub owner: Owner,
    /// The details that its page shows.
    pub details: Details,
    /// Its state.
    pub state: TitleState,
    /// The asset of its newest upload.
    pub asset_id: Option<AssetId>,
    /// The upload in progress, if there is one.
    pub upload_id: Option<UploadId>,
    /// What is playable, once the title was published.
    pub publication: Option<Publication>,
    /// Why the last run failed.
    pub failure: Option<Failure>,
    /// Until when an archived title can be restored.
    pub restorable_until: Option<Timestamp>,
    /// Whether an admin who is not its owner archived it. Then its owner cannot restore it.
    pub archived_by_admin: bool,
    /// When its files were deleted. After that it can neither be restored nor run again.
    pub files_deleted_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes: a write names the version that it read.
    pub version: u64,
}

/// The account that created a title, with the name that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The account.
    pub account_id: AccountId,
    /// The account's display name when the title was created.
    pub display_name: DisplayName,
}

/// The details of a title, which its page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its name.
    pub name: TitleName,
    /// Its description.
    pub description: Description,
    /// Its genres, at most [`Genre::MAX_PER_TITLE`].
    pub genres: Vec<Genre>,
    /// The spoken language.
    pub language: Option<Language>,
    /// Who may see it once it is published.
    pub visibility: Visibility,
}

/// The state of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TitleState {
    /// Created; nothing is uploaded.
    Draft,
    /// An upload is in progress.
    Uploading,
    /// A run of the ingest machine is in progress.
    Processing,
    /// It passed the output check and waits for its release.
    Ready,
    /// It can be watched.
    Published,
    /// The last run failed.
    Failed,
    /// Taken down by its owner, or by an admin.
    Archived,
}

impl TitleState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Uploading,
        Self::Processing,
        Self::Ready,
        Self::Published,
        Self::Failed,
        Self::Archived,
    ];

    /// The name on the wire and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Uploading => "uploading",
            Self::Processing => "processing",
            Self::Ready => "ready",
            Self::Published => "published",
            Self::Failed => "failed",
            Self::Archived => "archived",
        }
    }
}

impl fmt::Display for TitleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No state has this name.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be one of draft, uploading, processing, ready, published, failed, archived")]
pub struct UnknownState;

impl FromStr for TitleState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(UnknownState)
    }
}

/// Who may see a published title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Every viewer; the title is listed.
    #[default]
    Public,
    /// Every viewer who has the link; the title is not listed.
    Unlisted,
    /// Its owner and admins.
    Private,
}

impl Visibility {
    /// The name on the wire and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
        }
    }

    /// Whether more people see or find a title with this visibility than with the other.
    #[must_use]
    pub const fn is_wider_than(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Public, Self::Unlisted | Self::Private) | (Self::Unlisted, Self::Private)
        )
    }
}

/// What is playable of a title. The step `publish` writes it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The asset that it was transcoded from.
    pub asset_id: AssetId,
    /// The attempt that wrote the files, which are below `media/<asset_id>/<attempt>/`.
    pub attempt: Attempt,
    /// The master playlist's key below that prefix.
    pub manifest: String,
    /// The poster's key in the media bucket. The edge serves it at the same path without a token.
    pub poster: Option<String>,
    /// Its length.
    pub duration_ms: u64,
    /// The renditions that a player chooses from, largest first.
    pub renditions: Vec<Rendition>,
    /// The sound tracks that a viewer chooses from; the first is the default.
    #[serde(default)]
    pub sounds: Vec<Sound>,
    /// When the title was published.
    pub published_at: Timestamp,
}

/// One rendition of the picture, as the master playlist declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rendition {
    /// Width in pixels.
    #[schema(examples(1280))]
    pub width: u32,
    /// Height in pixels.
    #[schema(examples(720))]
    pub height: u32,
    /// Frame rate, in thousandths of a frame per second.
    #[schema(examples(23976))]
    pub frame_rate_milli: u32,
    /// Peak bit rate in bits per second, audio included.
    #[schema(examples(2_400_000))]
    pub bandwidth: u64,
    /// RFC 6381 codec names.
    #[schema(examples("avc1.64001f,mp4a.40.2"))]
    pub codecs: String,
}

/// One sound track, as the master playlist declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sound {
    /// Its name in a menu, unique within the title.
    #[schema(examples("English commentary"))]
    pub name: String,
    /// Its language as a BCP 47 tag, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("en"))]
    pub language: Option<String>,
}

macro_rules! text_type {
    ($(#[doc = $doc:literal])+ $name:ident, $rule:path, $max:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(
            // Stored texts are not validated again: a stricter rule must not make a title unreadable.
            String,
        );

        impl $name {
            /// Maximum length in characters.
            pub const MAX: usize = $max;

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                $rule(&text, Self::MAX).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

text_type!(
    /// A title's name: one line of at most 200 characters.
    TitleName, text::line, 200
);
text_type!(
    /// A title's description: at most 5,000 characters, may be empty.
    Description, text::paragraphs, 5_000
);

impl Description {
    /// Length of the opening in characters.
    pub const OPENING: usize = 500;

    /// The beginning of the description. The recommender uses only this part, both in training and when it is asked, because the
    /// descriptions of a whole catalogue have to fit into one request.
    #[must_use]
    pub fn opening(&self) -> &str {
        match self.0.char_indices().nth(Self::OPENING) {
            Some((end, _)) => &self.0[..end],
            None => &self.0,
        }
    }
}

/// A genre: lower case words joined by hyphens, at most 32 characters, such as `science-fiction`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Genre(String);

/// The text is not a genre.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be lower case words joined by hyphens, at most 32 characters, such as science-fiction")]
pub struct InvalidGenre;

impl Genre {
    /// Maximum number of genres of a title.
    pub const MAX_PER_TITLE: usize = 5;

    /// The genre's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as people write it: `science fiction`.
    #[must_use]
    pub fn words(&self) -> String {
        self.0.replace('-', " ")
    }
}

impl TryFrom<String> for Genre {
    type Error = InvalidGenre;

    fn try_from(text: String) -> Result<Self, InvalidGenre> {
        let words_ok = text.split('-').all(|word| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_numeric() || (c.is_alphabetic() && !c.is_uppercase()))
        });

        if words_ok && text.chars().count() <= 32 {
            Ok(Self(text))
        } else {
            Err(InvalidGenre)
        }
    }
}

impl From<Genre> for String {
    fn from(genre: Genre) -> Self {
        genre.0
    }
}

/// A language tag (BCP 47, language with optional script, region and variants) in its canonical spelling: `en`, `pt-BR`,
/// `zh-Hant-TW`, `ca-valencia`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// The text is not a language tag.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be a BCP 47 language tag such as en, pt-BR or zh-Hant-TW")]
pub struct InvalidLanguage;

impl Language {
    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLanguage;

    fn try_from(tag: String) -> Result<Self, InvalidLanguage> {
        language::canonical(&tag).map(Self).ok_or(InvalidLanguage)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// The title's state does not allow an action.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a title that is {state} cannot {verb}; {advice}")]
pub struct NotAllowed {
    state: TitleState,
    verb: &'static str,
    advice: &'static str,
}

/// Why a person who manages a title cannot change it.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChangeRefused {
    /// Its state does not allow it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// More people would see it, and the person may not publish.
    #[error("only creators may show a title to more people")]
    NotCreator,
    /// An admin archived it.
    #[error("an admin archived this title: only an admin can restore it")]
    ArchivedByAdmin,
}

impl Title {
    /// A new title, without an upload.
    #[must_use]
    pub fn draft(id: TitleId, owner: Owner, details: Details, now: Timestamp) -> Self {
        Self {
            id,
            owner,
            details,
            state: TitleState::Draft,
            asset_id: None,
            upload_id: None,
            publication: None,
            failure: None,
            restorable_until: None,
            archived_by_admin: false,
            files_deleted_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Whether `person` may change this title and see its pipeline: its owner and admins.
    #[must_use]
    pub fn managed_by(&self, person: &Person) -> bool {
        self.owner.account_id == person.id || person.is(Role::Admin)
    }

    /// Whether `person` may know that this title exists.
    #[must_use]
    pub fn visible_to(&self, person: &Person) -> bool {
        self.managed_by(person) || self.is_shown()
    }

    /// Whether people who do not manage it may see its film and poster.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.state == TitleState::Published && self.details.visibility != Visibility::Private
    }

    /// Whether the same people may watch the same asset as `before`.
    #[must_use]
    pub fn same_access_as(&self, before: &Self) -> bool {
        let shown = |title: &Self| (title.state, title.is_shown(), title.playable_asset());

        shown(self) == shown(before)
    }

    /// The asset that playback tokens are or were issued for.
    #[must_use]
    pub fn playable_asset(&self) -> Option<AssetId> {
        let published = self.publication.as_ref().map(|publication| publication.asset_id);

        published.or(self.asset_id)
    }

    /// Whether it is in the list of published titles.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.state == TitleState::Published && self.details.visibility == Visibility::Public
    }

    /// Replaces the details. Only a person who may publish can make the title visible to more people.
    pub fn update_details(&mut self, details: Details, by: &Person, now: Timestamp) -> Result<(), ChangeRefused> {
        if self.state == TitleState::Archived {
            return Err(ChangeRefused::NotAllowed(NotAllowed {
                state: self.state,
                verb: "be changed",
                advice: "create another title",
            }));
        }
        if details.visibility.is_wider_than(self.details.visibility) && !by.may_publish() {
            return Err(ChangeRefused::NotCreator);
        }

        self.details = details;
        self.updated_at = now;

        Ok(())
    }

    /// Starts an upload. It replaces an unfinished or failed upload.
    pub fn start_upload(&mut self, asset_id: AssetId, upload_id: UploadId, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Draft, TitleState::Uploading, TitleState::Failed],
            "take an upload",
            "create another title, or cancel the processing of this one",
        )?;

        self.asset_id = Some(asset_id);
        self.upload_id = Some(upload_id);
        self.failure = None;
        self.files_deleted_at = None;
        self.enter(TitleState::Uploading, now);

        Ok(())
    }

    /// Aborts the upload: the title is a draft again.
    pub fn abort_upload(&mut self, asset_id: AssetId, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Uploading],
            "abort an upload",
            "only an upload in progress can be aborted",
        )?;

        if self.asset_id == Some(asset_id) {
            self.asset_id = None;
            self.upload_id = None;
            self.enter(TitleState::Draft, now);
        }

        Ok(())
    }

    /// Starts a run over the uploaded source, for the first time or after a failure.
    pub fn start_processing(&mut self, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Uploading, TitleState::Failed],
            "be processed",
            "only a complete upload or a failed run can be started",
        )?;
        if self.files_deleted_at.is_some() {
            return Err(NotAllowed {
                state: self.state,
                verb: "be processed",
                advice: "its file is deleted: upload it again",
            });
        }

        self.upload_id = None;
        self.failure = None;
        self.enter(TitleState::Processing, now);

        Ok(())
    }

    /// Publishes the title.
    pub fn publish(&mut self, publication: Publication, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Processing, TitleState::Ready],
            "be published",
            "it must be processed first",
        )?;

        self.publication = Some(publication);
        self.failure = None;
        self.enter(TitleState::Published, now);

        Ok(())
    }

    /// Marks the run as failed. A title that was published in the meantime stays published.
    pub fn fail(&mut self, failure: Failure, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Uploading, TitleState::Processing, TitleState::Ready],
            "fail",
            "only a title that is uploading, processing or ready can fail",
        )?;

        self.upload_id = None;
        self.failure = Some(failure);
        self.enter(TitleState::Failed, now);

        Ok(())
    }

    /// Its owner or an admin cancels its run, which is at `step`.
    pub fn cancel(&mut self, step: Step, now: Timestamp) -> Result<Failure, NotAllowed> {
        self.require(
            &[TitleState::Processing],
            "be canceled",
            "only processing can be canceled; an upload in progress can be aborted",
        )?;

        let failure = Failure {
            reason: IngestError::Canceled.into(),
            step,
            at: now,
        };
        self.failure = Some(failure.clone());
        self.enter(TitleState::Failed, now);

        Ok(failure)
    }

    /// Whether its newest run was canceled.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        let error = self.failure.as_ref().map(|failure| failure.reason.error);

        self.state == TitleState::Failed && error == Some(IngestError::Canceled)
    }

    /// Withdraws a published title whose output is unplayable, until another run succeeds.
    pub fn withdraw(&mut self, failure: Failure, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Published],
            "be withdrawn",
            "only a published title can be withdrawn",
        )?;

        self.publication = None;
        self.failure = Some(failure);
        self.enter(TitleState::Failed, now);

        Ok(())
    }

    /// Archives the title, by its owner or an admin.
    pub fn archive(&mut self, by: &Person, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[
                TitleState::Draft,
                TitleState::Ready,
                TitleState::Published,
                TitleState::Failed,
            ],
            "be archived",
            "abort its upload, or cancel its processing, first",
        )?;

        self.archived_by_admin = self.owner.account_id != by.id;
        self.enter(TitleState::Archived, now);

        Ok(())
    }

    /// An admin archives a title that its owner has archived, so that its owner cannot restore it. Returns whether anything changed.
    pub fn archive_again(&mut self, by: &Person, now: Timestamp) -> bool {
        let is_new = self.state == TitleState::Archived && !self.archived_by_admin && self.owner.account_id != by.id;
        if is_new {
            self.archived_by_admin = true;
            self.updated_at = now;
        }

        is_new
    }

    /// Sets until when the archived title can be restored.
    pub fn keep_until(&mut self, until: Timestamp) {
        self.restorable_until = Some(until);
    }

    /// Restores the state before the title was archived. Its owner may do so unless an admin archived it, if they may still publish; an
    /// admin may always.
    pub fn restore(&mut self, by: &Person, now: Timestamp) -> Result<(), ChangeRefused> {
        self.require(&[TitleState::Archived], "be restored", "only an archived title can")?;
        if self.archived_by_admin && !by.is(Role::Admin) {
            return Err(ChangeRefused::ArchivedByAdmin);
        }
        if !by.may_publish() {
            return Err(ChangeRefused::NotCreator);
        }
        if self.files_deleted_at.is_some() {
            return Err(ChangeRefused::NotAllowed(NotAllowed {
                state: self.state,
                verb: "be restored",
                advice: "its files are deleted: upload the film again as another title",
            }));
        }

        self.restorable_until = None;
        self.archived_by_admin = false;
        let before = match (&self.publication, &self.failure, self.asset_id) {
            (Some(_), ..) => TitleState::Published,
            (None, Some(_), _) => TitleState::Failed,
            (None, None, Some(_)) => TitleState::Ready,
            (None, None, None) => TitleState::Draft,
        };
        self.enter(before, now);

        Ok(())
    }

    /// Whether it was never published, so that it can be deleted at once.
    #[must_use]
    pub fn is_unpublished(&self) -> bool {
        self.publication.is_none() && matches!(self.state, TitleState::Draft | TitleState::Failed)
    }

    /// Marks its files as deleted, right before they are.
    pub fn mark_files_deleted(&mut self, now: Timestamp) {
        self.publication = None;
        self.files_deleted_at = Some(now);
    }

    /// Whether it has or plays this asset.
    #[must_use]
    pub fn uses(&self, asset: AssetId) -> bool {
        let published = self.publication.as_ref().map(|publication| publication.asset_id);

        self.asset_id == Some(asset) || published == Some(asset)
    }

    fn require(&self, states: &[TitleState], verb: &'static str, advice: &'static str) -> Result<(), NotAllowed> {
        if states.contains(&self.state) {
            Ok(())
        } else {
            Err(NotAllowed {
                state: self.state,
                verb,
                advice,
            })
        }
    }

    fn enter(&mut self, state: TitleState, now: Timestamp) {
        self.state = state;
        self.updated_at = now;
    }
}

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
#[path = "title_tests.rs"]
pub(crate) mod tests;
