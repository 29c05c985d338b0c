//! Rows without the recommender, from the table.

use adapters::dynamodb::StoreError;
use domain::recommendation::{FallbackSources, Pick, Row, RowKind, SeedTitle};
use futures::{future::try_join_all, try_join};
use kernel::id::TitleId;

use super::HomePage;

/// How many of the most popular titles are used for rows.
const POPULAR: u8 = 50;

impl HomePage<'_> {
    /// All rows, without the recommender.
    pub(super) async fn fallback_rows(&mut self, seeds: &[SeedTitle]) -> Result<Vec<Row>, StoreError> {
        let similar = seeds.iter().map(|seed| self.cx.similar.find(seed.title_id));
        let (popular, similar) = try_join!(self.popular_ids(), try_join_all(similar))?;
        let similar: Vec<_> = similar.into_iter().map(Option::unwrap_or_default).collect();
        let named = similar.iter().flatten().map(|similar| similar.title_id);
        let unread = self.unread(popular.iter().copied().chain(named));
        self.add_titles(self.cx.titles.find_many(&unread).await?);

        let sources = self.fallback_sources(&popular);
        let mut rows = vec![sources.personal()];
        for (seed, similar) in seeds.iter().zip(similar) {
            if let Some(title) = self.watchable(seed.title_id) {
                let mut picks: Vec<Pick> = similar
                    .into_iter()
                    .map(|similar| Pick {
                        title_id: similar.title_id,
                        reason: similar.reason,
                    })
                    .filter(|pick| self.history.engagement(pick.title_id).is_none())
                    .collect();
                picks.extend(sources.similar_to(title));
                rows.push(Row::because(seed.action, title.details.name.as_str(), picks));
            }
        }
        rows.push(sources.new_titles());
        rows.push(sources.popular_titles());

        Ok(rows)
    }

    /// A model that was not trained knows similar and new titles, but not what people watch: the popular row is made here.
    pub(super) async fn replace_popular_row(&mut self, rows: &mut Vec<Row>) -> Result<(), StoreError> {
        let popular = self.popular().await?;
        rows.retain(|row| row.kind != RowKind::Popular);
        rows.push(self.fallback_sources(&popular).popular_titles());

        Ok(())
    }

    /// Reads the most popular titles.
    pub(super) async fn popular(&mut self) -> Result<Vec<TitleId>, StoreError> {
        let popular = self.popular_ids().await?;
        let unread = self.unread(popular.iter().copied());
        self.add_titles(self.cx.titles.find_many(&unread).await?);

        Ok(popular)
    }

    async fn popular_ids(&self) -> Result<Vec<TitleId>, StoreError> {
        self.cx.popularity.most_popular(POPULAR).await
    }

    pub(super) fn fallback_sources<'b>(&'b self, popular: &'b [TitleId]) -> FallbackSources<'b> {
        FallbackSources {
            history: &self.history,
            titles: &self.titles,
            newest: &self.newest,
            popular,
            now: self.now,
        }
    }
}
