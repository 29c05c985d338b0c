//! The table. Keys are written in `keys`; each entity has its own file with its stored item, its reads and its writes.
//!
//! A write that depends on a read is conditional on the version read; the caller sees [`StoreError::Changed`] and reads again.

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
    genres::{CoinError, Genres},
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

    /// Its accounts.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts(self.clone())
    }

    /// What admins do to accounts.
    #[must_use]
    pub fn admins(&self) -> Admins {
        Admins(self.clone())
    }

    /// Its audit log.
    #[must_use]
    pub fn audit_log(&self) -> AuditLog {
        AuditLog(self.clone())
    }

    /// Its requests to become a creator.
    #[must_use]
    pub fn creator_requests(&self) -> CreatorRequests {
        CreatorRequests(self.clone())
    }

    /// Its titles.
    #[must_use]
    pub fn titles(&self) -> Titles {
        Titles(self.clone())
    }

    /// What people have to do with titles.
    #[must_use]
    pub fn engagements(&self) -> Engagements {
        Engagements(self.clone())
    }

    /// What is used of quotas.
    #[must_use]
    pub fn quotas(&self) -> Quotas {
        Quotas(self.clone())
    }

    /// Its playback sessions.
    #[must_use]
    pub fn playback_sessions(&self) -> PlaybackSessions {
        PlaybackSessions(self.clone())
    }

    /// How popular titles are.
    #[must_use]
    pub fn popularity(&self) -> Popularity {
        Popularity(self.clone())
    }

    /// Sessions that are over before their time.
    #[must_use]
    pub fn ended_sessions(&self) -> EndedSessions {
        EndedSessions(self.clone())
    }

    /// How often things were tried.
    #[must_use]
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits(self.clone())
    }

    /// Its uploads.
    #[must_use]
    pub fn uploads(&self) -> Uploads {
        Uploads(self.clone())
    }

    /// Its assets.
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

    /// Which model serves.
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

    /// What people were shown of them.
    #[must_use]
    pub fn exposures(&self) -> Exposures {
        Exposures(self.clone())
    }

    /// The genres that admins coined.
    #[must_use]
    pub fn genres(&self) -> Genres {
        Genres(self.clone())
    }

    /// Which files are kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        Retention(self.clone())
    }

    /// The stored similar titles.
    #[must_use]
    pub fn similar(&self) -> Similar {
        Similar(self.clone())
    }

    /// How far the sweeper's check of published titles has come.
    #[must_use]
    pub fn sweep_cursor(&self) -> SweepCursor {
        SweepCursor(self.clone())
    }
}
