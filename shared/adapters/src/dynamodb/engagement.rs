//! Engagements: one item for each account and title.

use domain::engagement::{Engagement, Feedback, WatchProgress};
use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
    territory::Territory,
};
use serde::{Deserialize, Serialize};

use super::{
    PageRequest, StoreError, Table,
    item::{Item, Stored},
    keys, retry_on_conflict,
};

/// The table's engagements.
#[derive(Clone, Debug)]
pub struct Engagements(pub(super) Table);

#[derive(Serialize, Deserialize)]
pub(super) struct EngagementItem {
    account_id: AccountId,
    title_id: TitleId,
    duration_ms: u64,
    /// The sum of all watch sessions, for consumers of the stream and people who look at the table.
    watched_ms: u64,
    position_ms: u64,
    #[serde(default)]
    watching: WatchProgress,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    liked_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    feedback: Option<Feedback>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    territory: Option<Territory>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counted_at: Option<Timestamp>,
    updated_at: Timestamp,
    version: u64,
    owned_pk: String,
    owned_sk: String,
}

impl Stored for EngagementItem {
    const KIND: &'static str = "engagement";
}

impl EngagementItem {
    fn new(engagement: &Engagement, version: u64) -> Self {
        Self {
            account_id: engagement.account_id,
            title_id: engagement.title_id,
            duration_ms: engagement.duration_ms,
            watched_ms: engagement.watching.watched_ms(),
            position_ms: engagement.watching.position_ms(),
            watching: engagement.watching.clone(),
            liked_at: engagement.liked_at,
            feedback: engagement.feedback,
            territory: engagement.territory,
            counted_at: engagement.counted_at,
            updated_at: engagement.updated_at,
            version,
            owned_pk: keys::engaged(engagement.account_id),
            owned_sk: keys::at(engagement.updated_at, engagement.title_id),
        }
    }
}

impl From<EngagementItem> for Engagement {
    fn from(item: EngagementItem) -> Self {
        Self {
            account_id: item.account_id,
            title_id: item.title_id,
            duration_ms: item.duration_ms,
            watching: item.watching,
            liked_at: item.liked_at,
            feedback: item.feedback,
            territory: item.territory,
            counted_at: item.counted_at,
            updated_at: item.updated_at,
            version: item.version,
        }
    }
}

impl Engagements {
    /// Parses an item of the table's stream.
    pub fn read(item: Item) -> Result<Engagement, StoreError> {
        EngagementItem::from_item(item).map(Engagement::from)
    }

    /// The engagement of `account` with `title`, if it exists.
    pub async fn find(&self, account: AccountId, title: TitleId) -> Result<Option<Engagement>, StoreError> {
        let item: Option<EngagementItem> = self.0.get(keys::engagement(account, title)).await?;

        Ok(item.map(Engagement::from))
    }

    /// At most `limit` engagements of `account`, last changed first.
    pub async fn newest(&self, account: AccountId, limit: u8) -> Result<Vec<Engagement>, StoreError> {
        let partition = vec![keys::engaged(account)];
        let page = self
            .0
            .page::<EngagementItem>(keys::OWNED, partition, None, &PageRequest::first(limit))
            .await?;

        Ok(page.items.into_iter().map(Engagement::from).collect())
    }

    /// Changes an engagement by `rule`, or `new` if it does not exist. The engagement is written and returned if `rule` returns true. After
    /// a conflict with another writer it is read again, so that no write is lost.
    pub async fn change(
        &self,
        new: &Engagement,
        rule: impl Fn(&mut Engagement) -> bool,
    ) -> Result<Option<Engagement>, StoreError> {
        let key = keys::engagement(new.account_id, new.title_id);
        retry_on_conflict(|| async {
            let found = self.find(new.account_id, new.title_id).await?;
            let mut engagement = found.unwrap_or_else(|| new.clone());
            if !rule(&mut engagement) {
                return Ok(None);
            }

            let read = engagement.version;
            let item = EngagementItem::new(&engagement, read + 1).to_item(key.clone())?;
            self.0.save(item, read).await?;
            engagement.version += 1;

            Ok(Some(engagement))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use serde_dynamo::aws_sdk_dynamodb_1 as codec;
    use serde_json::json;

    use super::*;

    /// The format of the first release, which stays readable.
    #[test]
    fn an_item_in_the_first_format_is_read() {
        let id = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
        let item: Item = codec::to_item(json!({
            "pk": format!("ACCOUNT#{id}"), "sk": format!("ENGAGEMENT#{id}"), "kind": "engagement",
            "account_id": id, "title_id": id, "duration_ms": 1_000, "watched_ms": 400, "position_ms": 300,
            "watching": {
                "sittings": [{
                    "playback_id": id, "began_at": "2026-11-18T10:26:40Z", "watched_ms": 300, "position_ms": 300,
                }],
                "earlier_ms": 100,
            },
            "feedback": "less_of_this", "updated_at": "2026-11-18T10:26:40Z", "version": 3,
            "owned_pk": format!("ENGAGED#{id}"), "owned_sk": format!("2026-11-18T10:26:40.000Z#{id}"),
        }))
        .unwrap();
        let engagement = Engagements::read(item.clone()).unwrap();

        assert_eq!(engagement.feedback, Some(Feedback::LessOfThis));
        assert!((engagement.watched_share(1_000) - 0.4).abs() < 1e-9);
        let key = keys::engagement(engagement.account_id, engagement.title_id);
        assert_eq!(EngagementItem::new(&engagement, 3).to_item(key).unwrap(), item);
    }

    #[test]
    fn another_item_is_refused() {
        assert!(Engagements::read(Item::new()).is_err());
    }
}
