//! Playback sessions: written by `create-playback`, read by `record-progress`, deleted by TTL.

use domain::engagement::PlaybackSession;
use kernel::{
    Timestamp,
    id::{AccountId, PlaybackId, TitleId},
};
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys};

/// The table's playback sessions.
#[derive(Clone, Debug)]
pub struct PlaybackSessions(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct PlaybackSessionItem {
    playback_id: PlaybackId,
    account_id: AccountId,
    title_id: TitleId,
    began_at: Timestamp,
    /// When the item may be deleted (the table's TTL attribute).
    expires_at_epoch: i64,
    version: u64,
}

impl Stored for PlaybackSessionItem {
    const KIND: &'static str = "playback_session";
}

impl PlaybackSessions {
    /// Writes a new session.
    pub async fn begin(&self, session: &PlaybackSession) -> Result<(), StoreError> {
        let item = PlaybackSessionItem {
            playback_id: session.playback_id,
            account_id: session.account_id,
            title_id: session.title_id,
            began_at: session.began_at,
            expires_at_epoch: session.expires_at().as_second(),
            version: 1,
        };
        let key = keys::playback_session(session.account_id, session.playback_id);

        self.0.create(item.to_item(key)?).await
    }

    /// The session of `account` with this id, unless it has expired.
    pub async fn find(
        &self,
        account: AccountId,
        id: PlaybackId,
        now: Timestamp,
    ) -> Result<Option<PlaybackSession>, StoreError> {
        let item: Option<PlaybackSessionItem> = self.0.get(keys::playback_session(account, id)).await?;
        let session = item.map(|item| PlaybackSession {
            playback_id: item.playback_id,
            account_id: item.account_id,
            title_id: item.title_id,
            began_at: item.began_at,
        });

        // DynamoDB may delete an item two days after its TTL.
        Ok(session.filter(|session| now < session.expires_at()))
    }
}
