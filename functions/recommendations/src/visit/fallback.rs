//! Rows without the recommender: of what is kept in the table.

use adapters::dynamodb::StoreError;
use domain::recommendation::{AtHand, Cause, Pick, Row, RowKind};
use futures::{future::try_join_all, try_join};
use kernel::id::TitleId;

use super::Visit;

/// How many of the most popular titles rows are made of.
const POPULAR: u8 = 50;

impl Visit<'_> {
    /// The same rows without the recommender.
    pub(super) async fn made_here(&mut self, causes: &[Cause]) -> Result<Vec<Row>, StoreError> {
        let neighbours = causes.iter().map(|cause| self.cx.similar.find(cause.title_id));
        let (popular, neighbours) = try_join!(self.popular_ids(), try_join_all(neighbours))?;
        let neighbours: Vec<_> = neighbours.into_iter().map(Option::unwrap_or_default).collect();
        let named = neighbours.iter().flatten().map(|similar| similar.title_id);
        let unread = self.unread(popular.iter().copied().chain(named));
        self.learn(self.cx.titles.find_many(&unread).await?);

        let hand = self.hand(&popular);
        let mut rows = vec![hand.personal()];
        for (cause, neighbours) in causes.iter().zip(neighbours) {
            if let Some(title) = self.cause(cause) {
                let mut picks: Vec<Pick> = neighbours
                    .into_iter()
                    .map(|similar| Pick {
                        title_id: similar.title_id,
                        reason: similar.reason,
                    })
                    .filter(|pick| self.dealings.with(pick.title_id).is_none())
                    .collect();
                picks.extend(hand.alike(title));
                rows.push(Row::because(cause.deed, title.details.name.as_str(), picks));
            }
        }
        rows.push(hand.new_here());
        rows.push(hand.popular_now());

        Ok(rows)
    }

    /// A model that was not trained says what is alike and what is new, but not what people watch: we do.
    pub(super) async fn say_what_people_watch(&mut self, rows: &mut Vec<Row>) -> Result<(), StoreError> {
        let popular = self.popular().await?;
        rows.retain(|row| row.kind != RowKind::Popular);
        rows.push(self.hand(&popular).popular_now());

        Ok(())
    }

    /// The most popular titles, read.
    pub(super) async fn popular(&mut self) -> Result<Vec<TitleId>, StoreError> {
        let popular = self.popular_ids().await?;
        let unread = self.unread(popular.iter().copied());
        self.learn(self.cx.titles.find_many(&unread).await?);

        Ok(popular)
    }

    async fn popular_ids(&self) -> Result<Vec<TitleId>, StoreError> {
        self.cx.popularity.most(POPULAR).await
    }

    /// What rows can be made of.
    pub(super) fn hand<'b>(&'b self, popular: &'b [TitleId]) -> AtHand<'b> {
        AtHand {
            dealings: &self.dealings,
            titles: &self.titles,
            newest: &self.newest,
            popular,
            now: self.now,
        }
    }
}
