//! Sessions that were ended before they expired, by signing out or because an old refresh token was used again. Cognito revokes single
//! tokens; these items refuse all tokens of a session.

use kernel::{Timestamp, error_kind::IgnoreConflict as _};
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys};

/// How long an item is kept: longer than the refresh tokens of a session are valid.
const RETENTION_SECONDS: i64 = 31 * 24 * 60 * 60;

/// The table's ended sessions.
#[derive(Clone, Debug)]
pub struct EndedSessions(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct EndedSessionItem {
    ended_at: Timestamp,
    /// Always 1: the item is written once.
    version: u64,
    expires_at_epoch: i64,
}

impl Stored for EndedSessionItem {
    const KIND: &'static str = "ended_session";
}

impl EndedSessions {
    /// Whether a session has ended.
    pub async fn contains(&self, session: &str) -> Result<bool, StoreError> {
        let found: Option<EndedSessionItem> = self.0.get(keys::ended_session(session)).await?;

        Ok(found.is_some())
    }

    /// Ends a session. May be repeated.
    pub async fn add(&self, session: &str, now: Timestamp) -> Result<(), StoreError> {
        let item = EndedSessionItem {
            ended_at: now,
            version: 1,
            expires_at_epoch: now.as_second() + RETENTION_SECONDS,
        };

        let item = item.to_item(keys::ended_session(session))?;
        self.0.create(item).await.ignore_conflict()
    }
}
