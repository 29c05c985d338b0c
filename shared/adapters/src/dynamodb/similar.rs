//! Stored similar titles: what the recommender said when a title was published.

use std::slice;

use kernel::{Timestamp, id::TitleId};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    item::{Stored, value},
    keys,
};

/// How often a hint is tried when somebody else changes the list at the same moment.
const TRIES: u8 = 3;

/// The table's similar titles.
#[derive(Clone, Debug)]
pub struct Similar(pub(super) Table);

/// A title that is similar to another, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimilarTitle {
    /// The similar one.
    pub title_id: TitleId,
    /// A sentence fragment for people: `Also drama`.
    pub reason: String,
}

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

    /// Puts `similar` at the end of what is similar to `title`, unless it stands there or `most` do. Of two that come at the
    /// same moment none is lost; after a few tries it is let be, as it is only a hint.
    pub async fn add(
        &self,
        title: TitleId,
        similar: &SimilarTitle,
        most: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let seen = self.find(title).await?.unwrap_or_default();
            if seen.len() >= most || seen.iter().any(|known| known.title_id == similar.title_id) {
                return Ok(());
            }
            let item = SimilarItem {
                titles: [seen.as_slice(), slice::from_ref(similar)].concat(),
                computed_at: now,
                version: 1,
            };
            let put = self
                .0
                .client
                .put_item()
                .table_name(&self.0.name)
                .set_item(Some(item.to_item(keys::similar(title))?))
                .condition_expression("attribute_not_exists(pk) OR titles = :seen")
                .expression_attribute_values(":seen", value(&seen)?)
                .send()
                .await;
            match put.map_err(StoreError::from) {
                Err(StoreError::Changed) => {}
                done => return done.map(drop),
            }
        }

        Ok(())
    }

    /// Replaces what is similar to `title`: the newest answer counts.
    pub async fn put(&self, title: TitleId, titles: Vec<SimilarTitle>, now: Timestamp) -> Result<(), StoreError> {
        let item = SimilarItem {
            titles,
            computed_at: now,
            version: 1,
        };
        self.0
            .client
            .put_item()
            .table_name(&self.0.name)
            .set_item(Some(item.to_item(keys::similar(title))?))
            .send()
            .await?;

        Ok(())
    }
}
