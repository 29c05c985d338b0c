//! What people have to do with titles: one item a person and title.

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

/// What people have to do with titles.
#[derive(Clone, Debug)]
pub struct Engagements(pub(super) Table);

#[derive(Serialize, Deserialize)]
pub(super) struct EngagementItem {
    account_id: AccountId,
    title_id: TitleId,
    duration_ms: u64,
    /// Of all sittings: for those who read the stream or look at the table, the sittings say it too.
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
    fn of(engagement: &Engagement, version: u64) -> Self {
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
    /// Reads an item as it stands in the table's stream.
    pub fn read(item: Item) -> Result<Engagement, StoreError> {
        EngagementItem::from_item(item).map(Engagement::from)
    }

    /// What `account` has to do with `title`, if anything.
    pub async fn find(&self, account: AccountId, title: TitleId) -> Result<Option<Engagement>, StoreError> {
        let item: Option<EngagementItem> = self.0.get(keys::engagement(account, title)).await?;

        Ok(item.map(Engagement::from))
    }

    /// What `account` has to do with titles, last changed first.
    pub async fn newest(&self, account: AccountId, most: u8) -> Result<Vec<Engagement>, StoreError> {
        let partition = vec![keys::engaged(account)];
        let page = self
            .0
            .page::<EngagementItem>(keys::OWNED, partition, None, &PageRequest::first(most))
            .await?;

        Ok(page.items.into_iter().map(Engagement::from).collect())
    }

    /// Changes what stands there, or `nothing` if nothing does, by `rule`, which says whether it changed anything: only then
    /// it is written, and returned. What somebody else wrote meanwhile is read again, so that nothing is lost.
    pub async fn change(
        &self,
        nothing: &Engagement,
        rule: impl Fn(&mut Engagement) -> bool,
    ) -> Result<Option<Engagement>, StoreError> {
        let key = keys::engagement(nothing.account_id, nothing.title_id);
        retry_on_conflict(|| async {
            let found = self.find(nothing.account_id, nothing.title_id).await?;
            let mut engagement = found.unwrap_or_else(|| nothing.clone());
            if !rule(&mut engagement) {
                return Ok(None);
            }

            let read = engagement.version;
            let item = EngagementItem::of(&engagement, read + 1).to_item(key.clone())?;
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

    /// As it was first written: what is stored stays readable.
    #[test]
    fn the_first_form_of_an_item_is_understood() {
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
        assert_eq!(EngagementItem::of(&engagement, 3).to_item(key).unwrap(), item);
    }

    #[test]
    fn another_item_is_not_taken_for_one() {
        assert!(Engagements::read(Item::new()).is_err());
    }
}
