//! The titles that one request is ranked over: the model's together with those that the request brings, since a
//! catalogue is always newer than its model. What the request says of a title replaces what the model knows of it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::content::{ContentVector, ContentView, Statistics};
use crate::document::Document;
use crate::model::{Model, UNKNOWN};
use crate::territory::Territory;
use crate::words::Terms;

/// Titles by number: the model's own first, then those that the request brought.
pub(super) struct Pool<'a> {
    pub(super) model: &'a Model,
    pub(super) statistics: Statistics<'a>,
    brought: Vec<Brought<'a>>,
    by_id: HashMap<String, usize>,
    /// Titles of the model that were brought too.
    left_out: Vec<bool>,
}

struct Brought<'a> {
    document: Cow<'a, Document>,
    /// Its number in the model, which may know what the request leaves out.
    known: Option<usize>,
    vector: ContentVector,
    popularity: f32,
    /// As trained, or where its content places it.
    factors: Vec<f32>,
}

impl<'a> Pool<'a> {
    /// How telling a word is was counted in training, unless the request brings at least as many titles as the model knows
    /// (before the first training it knows none): then it is counted anew over both.
    pub(super) fn of(model: &'a Model, given: &[&'a Document]) -> Self {
        // In the order of their ids, as the model's are: of equals the first comes first, however the request puts them.
        let mut documents: Vec<Cow<'a, Document>> = given.iter().map(|&document| Cow::Borrowed(document)).collect();
        documents.sort_by(|left, right| left.title_id.cmp(&right.title_id));
        let mut left_out = vec![false; model.titles()];
        let replace = |documents: &[Cow<'_, Document>], left_out: &mut Vec<bool>| {
            for title in documents.iter().filter_map(|document| model.find(&document.title_id)) {
                left_out[title] = true;
            }
        };
        replace(&documents, &mut left_out);
        documents.retain(|document| !document.removed);

        let counted_anew = model.titles() <= documents.len();
        if counted_anew {
            let known = (0..model.titles()).filter(|&title| !left_out[title]);
            documents.extend(known.filter_map(|title| model.document(title)).map(Cow::Owned));
            replace(&documents, &mut left_out);
        }
        let terms: Vec<Terms> = documents.iter().map(|document| Terms::of(document)).collect();
        let statistics = if counted_anew {
            Statistics::of(&terms)
        } else {
            model.statistics()
        };

        let brought: Vec<Brought<'a>> = documents
            .into_iter()
            .zip(&terms)
            .map(|(document, terms)| Brought::of(document, terms, model, &statistics))
            .collect();
        let by_id = brought
            .iter()
            .zip(model.titles()..)
            .map(|(brought, number)| (brought.document.title_id.clone(), number))
            .collect();
        Self {
            model,
            statistics,
            brought,
            by_id,
            left_out,
        }
    }

    /// All titles that can be shown.
    pub(super) fn titles(&self) -> impl Iterator<Item = usize> {
        let known = (0..self.model.titles()).filter(|&title| !self.left_out[title]);
        known.chain(self.brought_titles())
    }

    /// Those that the request brought.
    pub(super) fn brought_titles(&self) -> std::ops::Range<usize> {
        self.model.titles()..self.model.titles() + self.brought.len()
    }

    /// The titles that most people watch, of those that are wanted: most watched first, then the newer, then by id.
    pub(super) fn most_watched(&self, count: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        if count == 0 {
            return Vec::new();
        }
        let known = self.model.by_popularity().filter(|&title| self.counts(title));
        let mut titles: Vec<usize> = known.filter(|&title| wanted(title)).take(count).collect();
        titles.extend(self.brought_titles().filter(|&title| wanted(title)));
        titles.sort_by(|&left, &right| self.more_watched(left, right));
        titles.truncate(count);
        titles
    }

    /// What people watch in a territory, of what is wanted: popularity there and titles, the most watched first.
    pub(super) fn most_watched_in(
        &self,
        territory: Territory,
        count: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(f32, usize)> {
        let watched = self.model.watched_in(territory);
        // What the request says of a title stands for what the model knows.
        let titles = watched.filter_map(|(popularity, title)| Some((popularity, self.find(self.model.id(title))?)));
        titles.filter(|&(_, title)| wanted(title)).take(count).collect()
    }

    /// More people first, then the newer, then by id so that the order is always the same.
    pub(super) fn more_watched(&self, left: usize, right: usize) -> Ordering {
        self.popularity(right)
            .total_cmp(&self.popularity(left))
            .then_with(|| self.published(right).cmp(&self.published(left)))
            .then_with(|| self.id(left).cmp(self.id(right)))
    }

    /// The titles that were published after a moment, of those that are wanted.
    pub(super) fn published_after(&self, moment: i64, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let known = self
            .model
            .by_age()
            .take_while(|&title| self.model.published(title) > moment);
        let known = known.filter(|&title| self.counts(title));
        let brought = self.brought_titles().filter(|&title| self.published(title) > moment);
        known.chain(brought).filter(|&title| wanted(title)).collect()
    }

    /// Whether a title of the model counts, or another stands for it.
    pub(super) fn counts(&self, title: usize) -> bool {
        self.left_out.get(title).is_none_or(|left_out| !left_out)
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied().or_else(|| self.model.find(id))
    }

    fn brought(&self, title: usize) -> Option<&Brought<'a>> {
        title
            .checked_sub(self.model.titles())
            .and_then(|place| self.brought.get(place))
    }

    pub(super) fn id(&self, title: usize) -> &str {
        self.brought(title)
            .map_or_else(|| self.model.id(title), |brought| brought.document.title_id.as_str())
    }

    pub(super) fn document(&self, title: usize) -> Option<Cow<'_, Document>> {
        match self.brought(title) {
            Some(brought) => Some(Cow::Borrowed(&*brought.document)),
            None => self.model.document(title).map(Cow::Owned),
        }
    }

    pub(super) fn content(&self, title: usize) -> ContentView<'_> {
        self.brought(title)
            .map_or_else(|| self.model.content(title), |brought| brought.vector.view())
    }

    pub(super) fn popularity(&self, title: usize) -> f32 {
        self.brought(title)
            .map_or_else(|| self.model.popularity(title), |brought| brought.popularity)
    }

    pub(super) fn published(&self, title: usize) -> i64 {
        match self.brought(title) {
            Some(brought) => brought.document.published_at.map_or(UNKNOWN, Timestamp::as_second),
            None => self.model.published(title),
        }
    }

    /// The hash of whoever made a title; nothing where nobody knows.
    pub(super) fn creator(&self, title: usize) -> Option<u64> {
        self.brought(title)
            .map_or_else(|| self.model.creator(title), |brought| brought.document.creator())
    }

    /// From which age on a title is for people; nothing where nobody knows.
    pub(super) fn maturity(&self, title: usize) -> Option<u8> {
        let known = |title| self.model.maturity(title);
        match self.brought(title) {
            Some(brought) => brought.document.maturity.or_else(|| known(brought.known?)),
            None => known(title),
        }
    }

    /// Whether a title may be shown in a territory.
    pub(super) fn is_shown_in(&self, title: usize, territory: Territory) -> bool {
        let known = |title| self.model.is_shown_in(title, territory);
        let Some(brought) = self.brought(title) else {
            return known(title);
        };
        match &brought.document.territories {
            Some(territories) => territories.is_empty() || territories.contains(&territory),
            None => brought.known.is_none_or(known),
        }
    }

    /// The hash of a title's series, and its place in it; nothing if it is no episode.
    pub(super) fn series(&self, title: usize) -> Option<(u64, u32)> {
        let known = |title| self.model.series(title);
        match self.brought(title) {
            Some(brought) if brought.document.says_no_series() => known(brought.known?),
            Some(brought) => brought.document.in_series(),
            None => known(title),
        }
    }

    /// The episodes of a series, in no order: their places and titles.
    pub(super) fn episodes(&self, series: u64) -> impl Iterator<Item = (u32, usize)> {
        let known = self.model.episodes(series).filter(|&(_, title)| self.counts(title));
        let brought = self.brought_titles().filter_map(move |title| {
            let (own, episode) = self.series(title)?;
            (own == series).then_some((episode, title))
        });
        known.chain(brought)
    }

    /// Whether the model was not trained on it: its factors are no more than what its content suggests.
    pub(super) fn is_unknown(&self, title: usize) -> bool {
        self.brought(title).is_some_and(|brought| brought.known.is_none())
    }

    /// Nothing where the model has no factors.
    pub(super) fn factors(&self, title: usize) -> &[f32] {
        self.brought(title)
            .map_or_else(|| self.model.factors(title), |brought| brought.factors.as_slice())
    }
}

impl<'a> Brought<'a> {
    fn of(document: Cow<'a, Document>, terms: &Terms, model: &Model, statistics: &Statistics<'_>) -> Self {
        let known = model.find(&document.title_id);
        let vector = ContentVector::of(terms, statistics);
        let factors = match known {
            Some(title) => model.factors(title).to_vec(),
            None => model.projected(vector.view()),
        };
        Self {
            document,
            known,
            popularity: known.map_or(0.0, |title| model.popularity(title)),
            vector,
            factors,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::tests::document;
    use crate::model::tests::model;

    fn title(id: &str, day: Option<u8>) -> Document {
        let at = day.map(|day| format!("2026-01-{:02}T00:00:00Z", day + 1).parse().unwrap());
        Document {
            published_at: at,
            ..document(id, "A", "", "")
        }
    }

    proptest! {
        #[test]
        fn orders_that_were_kept_are_those_of_a_full_search(
            known in prop::collection::vec((0u8..4, prop::option::of(0u8..6)), 1..30),
            brought in prop::collection::vec((0u8..40, prop::option::of(0u8..6)), 0..8),
            count in 1usize..12, every in 1usize..4, day in 0u8..6,
        ) {
            let known = known.into_iter().zip(0..);
            let model = model(known.map(|((popularity, day), id)| (title(&format!("{id:02}"), day), popularity.into())).collect(), &[]);
            let brought: std::collections::BTreeMap<_, _> = brought.into_iter().collect();
            let brought: Vec<Document> = brought.into_iter().map(|(id, day)| title(&format!("{id:02}"), day)).collect();
            let pool = Pool::of(&model, &brought.iter().collect::<Vec<_>>());
            let wanted = |title: usize| title.is_multiple_of(every);

            let mut all: Vec<usize> = pool.titles().filter(|&title| wanted(title)).collect();
            all.sort_by(|&left, &right| pool.more_watched(left, right));
            all.truncate(count);
            prop_assert_eq!(pool.most_watched(count, wanted), all);

            let moment = title("", Some(day)).published_at.unwrap().as_second();
            let mut new = pool.published_after(moment, wanted);
            new.sort_unstable();
            let mut all: Vec<usize> = pool.titles().filter(|&title| wanted(title) && pool.published(title) > moment).collect();
            all.sort_unstable();
            prop_assert_eq!(new, all);
        }
    }
}
