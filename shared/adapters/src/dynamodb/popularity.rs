//! The popularity of titles, which the rows of the home page fall back to when the recommender does not answer.

use std::collections::HashSet;

use domain::popularity::PopularityScore;
use kernel::{Timestamp, id::TitleId};
use serde::{Deserialize, Serialize};

use super::{PageRequest, StoreError, Table, item::Stored, keys, retry_on_conflict};

/// The table's popularity of titles.
#[derive(Clone, Debug)]
pub struct Popularity(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct PopularityItem {
    title_id: TitleId,
    #[serde(alias = "heat")]
    score: f64,
    updated_at: Timestamp,
    version: u64,
    lists_pk: String,
    lists_sk: String,
}

impl Stored for PopularityItem {
    const KIND: &'static str = "popularity";
}

impl Popularity {
    /// Counts one more person. Gives up after a few conflicts: a title that many people start at the same moment is popular anyway.
    pub async fn count(&self, title: TitleId, now: Timestamp) -> Result<(), StoreError> {
        let counted = retry_on_conflict(|| async {
            let found: Option<PopularityItem> = self.0.get(keys::popularity(title)).await?;
            let person = PopularityScore::from_one_person(now);
            let (score, version) = match &found {
                Some(item) => (PopularityScore::from_log2(item.score).plus(person), item.version),
                None => (person, 0),
            };
            let item = PopularityItem {
                title_id: title,
                score: score.log2(),
                updated_at: now,
                version: version + 1,
                lists_pk: keys::popular(title.bucket(keys::BUCKETS)),
                lists_sk: format!("{}#{title}", score.sort_key()),
            };

            self.0.save(item.to_item(keys::popularity(title))?, version).await
        });

        match counted.await {
            Err(StoreError::Contended) => Ok(()),
            counted => counted,
        }
    }

    /// The most popular titles, including those that are not listed or no longer exist.
    pub async fn most_popular(&self, limit: u8) -> Result<Vec<TitleId>, StoreError> {
        let buckets = (0..keys::BUCKETS).map(keys::popular).collect();
        let page = self
            .0
            .page::<PopularityItem>(keys::LISTS, buckets, None, &PageRequest::first(limit))
            .await?;

        // Earlier releases stored an item under the title's key, which may still be in the list.
        let mut seen = HashSet::new();
        let titles = page.items.into_iter().map(|item| item.title_id);
        Ok(titles.filter(|title| seen.insert(*title)).collect())
    }
}
