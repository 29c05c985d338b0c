//! How popular titles are: a list that is there when the recommender is not.

use std::collections::HashSet;

use domain::popularity::Heat;
use kernel::{Timestamp, id::TitleId};
use serde::{Deserialize, Serialize};

use super::{PageRequest, StoreError, Table, item::Stored, keys, retry_on_conflict};

/// The table's popularity of titles.
#[derive(Clone, Debug)]
pub struct Popularity(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct PopularityItem {
    title_id: TitleId,
    heat: f64,
    updated_at: Timestamp,
    version: u64,
    lists_pk: String,
    lists_sk: String,
}

impl Stored for PopularityItem {
    const KIND: &'static str = "popularity";
}

impl Popularity {
    /// Counts one person more. Gives up where others count all the time: a title that so many people begin at one moment is in front
    /// anyway.
    pub async fn count(&self, title: TitleId, now: Timestamp) -> Result<(), StoreError> {
        let counted = retry_on_conflict(|| async {
            let found: Option<PopularityItem> = self.0.get(keys::popularity(title)).await?;
            let (heat, read) = match &found {
                Some(item) => (Heat::from_log2(item.heat).and(Heat::of_one(now)), item.version),
                None => (Heat::of_one(now), 0),
            };
            let item = PopularityItem {
                title_id: title,
                heat: heat.log2(),
                updated_at: now,
                version: read + 1,
                lists_pk: keys::popular(title.bucket(keys::BUCKETS)),
                lists_sk: format!("{}#{title}", heat.place()),
            };

            self.0.save(item.to_item(keys::popularity(title))?, read).await
        });

        match counted.await {
            Err(StoreError::Contended) => Ok(()),
            counted => counted,
        }
    }

    /// The most popular titles, whether they are listed or not (any more).
    pub async fn most(&self, most: u8) -> Result<Vec<TitleId>, StoreError> {
        let buckets = (0..keys::BUCKETS).map(keys::popular).collect();
        let page = self
            .0
            .page::<PopularityItem>(keys::LISTS, buckets, None, &PageRequest::first(most))
            .await?;

        // Earlier releases kept an item below the title's key; it may still be in the list.
        let mut seen = HashSet::new();
        let titles = page.items.into_iter().map(|item| item.title_id);
        Ok(titles.filter(|title| seen.insert(*title)).collect())
    }
}
