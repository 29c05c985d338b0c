//! The similar titles of each title: the recommender's answer when it was published, and titles that were published since.

use domain::similar::{self, SimilarTitle};
use kernel::{Timestamp, id::TitleId};
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys, retry_on_conflict};

/// The table's similar titles.
#[derive(Clone, Debug)]
pub struct Similar(pub(super) Table);

#[derive(Serialize, Deserialize)]
struct SimilarItem {
    titles: Vec<SimilarTitle>,
    computed_at: Timestamp,
    version: u64,
}

impl Stored for SimilarItem {
    const KIND: &'static str = "similar";
}

impl Similar {
    /// The titles similar to `title`, best first; `None` if the recommender was never asked.
    pub async fn find(&self, title: TitleId) -> Result<Option<Vec<SimilarTitle>>, StoreError> {
        let item: Option<SimilarItem> = self.0.get(keys::similar(title)).await?;

        Ok(item.map(|item| item.titles))
    }

    /// Inserts `newcomer` into the titles similar to `title`, if it ranks high enough.
    pub async fn add(&self, title: TitleId, newcomer: &SimilarTitle, now: Timestamp) -> Result<(), StoreError> {
        self.change(title, now, |stored| similar::insert(stored, newcomer))
            .await
    }

    /// Stores a new answer of the recommender. `seen` was stored when the recommender was asked.
    pub async fn put(
        &self,
        title: TitleId,
        answer: &[SimilarTitle],
        seen: &[SimilarTitle],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(title, now, |stored| Some(similar::merge(answer, seen, stored)))
            .await
    }

    /// Changes the stored titles by `rule`, which answers `None` if nothing changes. Concurrent changes are not lost.
    async fn change(
        &self,
        title: TitleId,
        now: Timestamp,
        rule: impl Fn(&[SimilarTitle]) -> Option<Vec<SimilarTitle>>,
    ) -> Result<(), StoreError> {
        retry_on_conflict(|| async {
            let read: Option<SimilarItem> = self.0.get(keys::similar(title)).await?;
            let version = read.as_ref().map_or(0, |item| item.version);
            let stored = read.map(|item| item.titles).unwrap_or_default();
            let Some(titles) = rule(&stored) else { return Ok(()) };

            let item = SimilarItem {
                titles,
                computed_at: now,
                version: version + 1,
            };
            self.0.save(item.to_item(keys::similar(title))?, version).await
        })
        .await
    }
}
