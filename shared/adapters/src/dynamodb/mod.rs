//! The table. Keys are in `keys`; each entity has a file with its stored item, its reads and its writes.
//!
//! A write that depends on a read is conditional on the version that was read: the caller gets [`StoreError::Changed`] and reads again.

mod accounts;
mod admins;
mod assets;
mod attempts;
mod audit_log;
mod changes;
mod condition;
mod creator_requests;
mod ended_sessions;
mod engagement;
mod error;
mod experiments;
mod exposures;
mod genres;
mod item;
pub mod keys;
mod models;
mod notices;
mod pages;
mod playback_sessions;
mod popularity;
mod quotas;
mod rate_limits;
mod retention;
mod retrainings;
mod similar;
mod step_data;
mod sweep_cursor;
#[cfg(feature = "testing")]
pub mod testing;
mod titles;
mod transcodes;
mod uploads;

pub use self::{
    accounts::Accounts,
    admins::{Admins, DisabledFlag},
    assets::Assets,
    attempts::{Decision, MayConflict, retry_on_conflict},
    audit_log::{AuditLog, ListAudit},
    changes::{Change, StreamRecord},
    creator_requests::CreatorRequests,
    ended_sessions::EndedSessions,
    engagement::Engagements,
    error::StoreError,
    experiments::Experiments,
    exposures::Exposures,
    genres::{AddGenreError, Genres},
    models::Models,
    notices::{Notices, Receipt},
    pages::{Page, PageRequest},
    playback_sessions::PlaybackSessions,
    popularity::Popularity,
    quotas::{Budgets, QuotaError, Quotas},
    rate_limits::{BucketKey, RateLimits},
    retention::{DueCursor, Files, Retention},
    retrainings::Retrainings,
    similar::Similar,
    step_data::{StepInput, StepOutput},
    sweep_cursor::SweepCursor,
    titles::{ListTitles, Titles},
    transcodes::{Claim, Transcodes},
    uploads::Uploads,
};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;

/// The table and a client for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Table {
    /// The table called `name`.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            name: name.into(),
        }
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts(self.clone())
    }

    /// What admins do to accounts.
    #[must_use]
    pub fn admins(&self) -> Admins {
        Admins(self.clone())
    }

    /// The audit log.
    #[must_use]
    pub fn audit_log(&self) -> AuditLog {
        AuditLog(self.clone())
    }

    /// The requests to become a creator.
    #[must_use]
    pub fn creator_requests(&self) -> CreatorRequests {
        CreatorRequests(self.clone())
    }

    /// The titles.
    #[must_use]
    pub fn titles(&self) -> Titles {
        Titles(self.clone())
    }

    /// The engagements of accounts with titles.
    #[must_use]
    pub fn engagements(&self) -> Engagements {
        Engagements(self.clone())
    }

    /// The use of quotas and budgets.
    #[must_use]
    pub fn quotas(&self) -> Quotas {
        Quotas(self.clone())
    }

    /// The playback sessions.
    #[must_use]
    pub fn playback_sessions(&self) -> PlaybackSessions {
        PlaybackSessions(self.clone())
    }

    /// The popularity of titles.
    #[must_use]
    pub fn popularity(&self) -> Popularity {
        Popularity(self.clone())
    }

    /// The sessions that were ended before they expired.
    #[must_use]
    pub fn ended_sessions(&self) -> EndedSessions {
        EndedSessions(self.clone())
    }

    /// The token buckets of rate limits.
    #[must_use]
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits(self.clone())
    }

    /// The uploads.
    #[must_use]
    pub fn uploads(&self) -> Uploads {
        Uploads(self.clone())
    }

    /// The assets.
    #[must_use]
    pub fn assets(&self) -> Assets {
        Assets(self.clone())
    }

    /// The claims on transcoding.
    #[must_use]
    pub fn transcodes(&self) -> Transcodes {
        Transcodes(self.clone())
    }

    /// The receipts of notices.
    #[must_use]
    pub fn notices(&self) -> Notices {
        Notices(self.clone())
    }

    /// The serving model.
    #[must_use]
    pub fn models(&self) -> Models {
        Models(self.clone())
    }

    /// The runs of the retrain machine.
    #[must_use]
    pub fn retrainings(&self) -> Retrainings {
        Retrainings(self.clone())
    }

    /// The experiments.
    #[must_use]
    pub fn experiments(&self) -> Experiments {
        Experiments(self.clone())
    }

    /// What accounts were shown of experiments.
    #[must_use]
    pub fn exposures(&self) -> Exposures {
        Exposures(self.clone())
    }

    /// The genres that admins added.
    #[must_use]
    pub fn genres(&self) -> Genres {
        Genres(self.clone())
    }

    /// The retention of files.
    #[must_use]
    pub fn retention(&self) -> Retention {
        Retention(self.clone())
    }

    /// The stored similar titles.
    #[must_use]
    pub fn similar(&self) -> Similar {
        Similar(self.clone())
    }

    /// The sweeper's cursor in the list of published titles.
    #[must_use]
    pub fn sweep_cursor(&self) -> SweepCursor {
        SweepCursor(self.clone())
    }
}
