//! Titles: what people see and watch, and the states a title goes through.
//!
//! `draft → uploading → processing → published`, with `failed` beside and `archived` at the end. `ready` is for titles
//! that are proved playable and wait for a release.

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
    /// Who made it.
    pub owner: Owner,
    /// What its page says.
    pub details: Details,
    /// Where it stands.
    pub state: TitleState,
    /// The upload that it is made of, or will be.
    pub asset_id: Option<AssetId>,
    /// The upload that is on its way, while it is.
    pub upload_id: Option<UploadId>,
    /// What is playable, once something is.
    pub publication: Option<Publication>,
    /// Why the last run failed.
    pub failure: Option<Failure>,
    /// Until when its files are kept, once it is archived.
    pub restorable_until: Option<Timestamp>,
    /// Whether an admin who is not its owner archived it: then its owner cannot restore it.
    pub archived_by_admin: bool,
    /// When its files were given up: from then on it can neither be restored nor run again.
    pub files_deleted_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes: a write names the version that it read.
    pub version: u64,
}

/// Who made a title, with the name shown beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The account.
    pub account_id: AccountId,
    /// Its name when the title was created.
    pub display_name: DisplayName,
}

/// What a title's page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its name.
    pub name: TitleName,
    /// What it is about.
    pub description: Description,
    /// At most [`Genre::MAX_PER_TITLE`].
    pub genres: Vec<Genre>,
    /// The language that is spoken.
    pub language: Option<Language>,
    /// Who may see it once it is published.
    pub visibility: Visibility,
}

/// Where a title stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TitleState {
    /// Described; nothing uploaded.
    Draft,
    /// A file is on its way.
    Uploading,
    /// The ingest machine works on it.
    Processing,
    /// Proved playable, waiting for its release.
    Ready,
    /// Visible.
    Published,
    /// The last run ended with a failure.
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

    /// The word on the wire and in the table.
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
    /// Everybody who is signed in; it is listed.
    #[default]
    Public,
    /// Everybody who has the link; it is not listed.
    Unlisted,
    /// Its owner and admins.
    Private,
}

impl Visibility {
    /// The word on the wire and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
        }
    }

    /// Whether more people see, or find, what has this visibility than what has the other.
    #[must_use]
    pub const fn is_wider_than(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Public, Self::Unlisted | Self::Private) | (Self::Unlisted, Self::Private)
        )
    }
}

/// What is playable: written once, by the step that publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Which asset it was made of.
    pub asset_id: AssetId,
    /// Which attempt wrote the files: they are below `media/<asset_id>/<attempt>/`.
    pub attempt: Attempt,
    /// The master playlist's key below that prefix.
    pub manifest: String,
    /// The poster's key in the media bucket, served at the same path without a token.
    pub poster: Option<String>,
    /// How long it plays.
    pub duration_ms: u64,
    /// What the player can choose from, largest first.
    pub renditions: Vec<Rendition>,
    /// The sound tracks to choose from; the first is played unless the viewer chooses.
    #[serde(default)]
    pub sounds: Vec<Sound>,
    /// When it became visible.
    pub published_at: Timestamp,
}

/// One rung of the ladder, as the master playlist declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rendition {
    /// Pixels across.
    #[schema(examples(1280))]
    pub width: u32,
    /// Pixels down.
    #[schema(examples(720))]
    pub height: u32,
    /// Thousandths of a frame per second.
    #[schema(examples(23976))]
    pub frame_rate_milli: u32,
    /// Peak bits per second, audio included.
    #[schema(examples(2_400_000))]
    pub bandwidth: u64,
    /// RFC 6381 codec names.
    #[schema(examples("avc1.64001f,mp4a.40.2"))]
    pub codecs: String,
}

/// One sound track, as the master playlist declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sound {
    /// What a menu calls it; no two of a title have the same.
    #[schema(examples("English commentary"))]
    pub name: String,
    /// BCP 47 tag, if it is known.
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
            // A stored text passed the rule of its day: a stricter rule must not make a title unreadable.
            String,
        );

        impl $name {
            /// The longest text, in characters.
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
    /// What a title is about: at most 5,000 characters, may be empty.
    Description, text::paragraphs, 5_000
);

impl Description {
    /// How much of it says what a title is about, in characters.
    pub const OPENING: usize = 500;

    /// Its beginning, which is all that the recommender knows of it, in training and in questions alike: the descriptions of
    /// a whole catalogue have to fit into one question.
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
    /// How many genres a title may have.
    pub const MAX_PER_TITLE: usize = 5;

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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

/// The title's state does not allow this.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a title that is {state} cannot {verb}; {advice}")]
pub struct NotAllowed {
    state: TitleState,
    verb: &'static str,
    advice: &'static str,
}

/// Why a title is not changed by somebody who manages it.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChangeRefused {
    /// Its state does not allow it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// More people would see it, and its owner may not publish any more.
    #[error("only creators may show a title to more people")]
    NotCreator,
    /// An admin took it down.
    #[error("an administrator archived this title: only an administrator can restore it")]
    ArchivedByAdmin,
}

impl Title {
    /// A new title, not uploaded yet.
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

    /// Whether `person` may change this title and see its pipeline.
    #[must_use]
    pub fn managed_by(&self, person: &Person) -> bool {
        self.owner.account_id == person.id || person.is(Role::Admin)
    }

    /// Whether `person` may know that this title exists.
    #[must_use]
    pub fn visible_to(&self, person: &Person) -> bool {
        self.managed_by(person) || self.is_shown()
    }

    /// Whether its film and its poster are for others than those who manage it.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.state == TitleState::Published && self.details.visibility != Visibility::Private
    }

    /// Whether the same people may watch the same film as they could `before`.
    #[must_use]
    pub fn same_access_as(&self, before: &Self) -> bool {
        let shown = |title: &Self| (title.state, title.is_shown(), title.playable_asset());

        shown(self) == shown(before)
    }

    /// The asset that tokens are for, or were for.
    #[must_use]
    pub fn playable_asset(&self) -> Option<AssetId> {
        let published = self.publication.as_ref().map(|publication| publication.asset_id);

        published.or(self.asset_id)
    }

    /// Whether it stands in the list of published titles.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.state == TitleState::Published && self.details.visibility == Visibility::Public
    }

    /// Its page says something else from now on. Only who may publish shows it to more people.
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

    /// A file is about to be uploaded. Replaces an upload that was begun and not finished, or that failed.
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

    /// The upload was aborted: back to a draft.
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

    /// The file is there and the machine starts, for the first time or again after a failure.
    pub fn start_processing(&mut self, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Uploading, TitleState::Failed],
            "be processed",
            "only an upload that arrived, or a run that failed, can be started",
        )?;
        if self.files_deleted_at.is_some() {
            return Err(NotAllowed {
                state: self.state,
                verb: "be processed",
                advice: "its file is deleted by now: upload it again",
            });
        }

        self.upload_id = None;
        self.failure = None;
        self.enter(TitleState::Processing, now);

        Ok(())
    }

    /// Flips to published.
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

    /// The run ended badly. A title that was published in the meantime stays so.
    pub fn fail(&mut self, failure: Failure, now: Timestamp) -> Result<(), NotAllowed> {
        self.require(
            &[TitleState::Uploading, TitleState::Processing, TitleState::Ready],
            "fail",
            "only a title that is being made can fail",
        )?;

        self.upload_id = None;
        self.failure = Some(failure);
        self.enter(TitleState::Failed, now);

        Ok(())
    }

    /// Its owner or an admin stops its run, which stands at `step`.
    pub fn cancel(&mut self, step: Step, now: Timestamp) -> Result<Failure, NotAllowed> {
        self.require(
            &[TitleState::Processing],
            "be canceled",
            "only processing can be canceled; an upload that is on its way can be aborted",
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

    /// What was published does not play any more: out of the lists until it is mended.
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

    /// Taken down by its owner, or by an admin.
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

    /// An admin archives what its owner archived already, so that its owner cannot restore it. Says whether that is new.
    pub fn archive_again(&mut self, by: &Person, now: Timestamp) -> bool {
        let is_new = self.state == TitleState::Archived && !self.archived_by_admin && self.owner.account_id != by.id;
        if is_new {
            self.archived_by_admin = true;
            self.updated_at = now;
        }

        is_new
    }

    /// Archived, and its files are kept until then.
    pub fn keep_until(&mut self, until: Timestamp) {
        self.restorable_until = Some(until);
    }

    /// Back to what it was before it was archived: by its owner, who may still publish, unless an admin archived it; or by an
    /// admin.
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

    /// Whether nothing of it was ever to be seen, so that deleting it takes nothing from anybody.
    #[must_use]
    pub fn is_unpublished(&self) -> bool {
        self.publication.is_none() && matches!(self.state, TitleState::Draft | TitleState::Failed)
    }

    /// Its files are about to be deleted.
    pub fn mark_files_deleted(&mut self, now: Timestamp) {
        self.publication = None;
        self.files_deleted_at = Some(now);
    }

    /// Whether it is made of this asset, or plays it.
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

#[cfg(test)]
#[path = "title_tests.rs"]
pub(crate) mod tests;
