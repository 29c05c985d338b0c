//! Stored similar titles: what the recommender said when a title was published, and what came since.

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
    /// What is similar to `title`, best first; nothing if it was never asked for.
    pub async fn find(&self, title: TitleId) -> Result<Option<Vec<SimilarTitle>>, StoreError> {
        let item: Option<SimilarItem> = self.0.get(keys::similar(title)).await?;

        Ok(item.map(|item| item.titles))
    }

    /// Gives `newcomer` its place in what is similar to `title`, if it has one there.
    pub async fn add(&self, title: TitleId, newcomer: &SimilarTitle, now: Timestamp) -> Result<(), StoreError> {
        self.change(title, now, |kept| similar::with(kept, newcomer)).await
    }

    /// Keeps a new answer of the recommender, which was asked when `seen` was kept.
    pub async fn put(
        &self,
        title: TitleId,
        answer: &[SimilarTitle],
        seen: &[SimilarTitle],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(title, now, |kept| Some(similar::after(answer, seen, kept)))
            .await
    }

    /// Changes what is kept by `rule`, unless that leaves it as it is. Of two changes at the same moment none is lost.
    async fn change(
        &self,
        title: TitleId,
        now: Timestamp,
        rule: impl Fn(&[SimilarTitle]) -> Option<Vec<SimilarTitle>>,
    ) -> Result<(), StoreError> {
        retry_on_conflict(|| async {
            let read: Option<SimilarItem> = self.0.get(keys::similar(title)).await?;
            let version = read.as_ref().map_or(0, |item| item.version);
            let kept = read.map(|item| item.titles).unwrap_or_default();
            let Some(titles) = rule(&kept) else { return Ok(()) };

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
