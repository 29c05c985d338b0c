//! The titles that one request ranks: those of the model and those of the request, because a catalogue is always newer than
//! its model. A title of the request replaces the model's copy.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use recommender_protocol::Territory;

use crate::content::{ContentVector, ContentView, Statistics};
use crate::document::{self, Document};
use crate::model::{Model, UNKNOWN};
use crate::terms::Terms;

/// Titles by index: first those of the model, then those of the request.
pub(super) struct CandidateSet<'a> {
    pub(super) model: &'a Model,
    pub(super) statistics: Statistics<'a>,
    of_request: Vec<RequestTitle<'a>>,
    by_id: HashMap<String, usize>,
    /// Titles of the model that the request replaces or removes.
    replaced: Vec<bool>,
}

struct RequestTitle<'a> {
    document: Cow<'a, Document>,
    /// Its index in the model, which has the fields that the request leaves out.
    known: Option<usize>,
    vector: ContentVector,
    popularity: f32,
    /// Of the training, or computed from the content.
    factors: Vec<f32>,
}

impl<'a> CandidateSet<'a> {
    /// Document frequencies are those of the training, unless the request has at least as many titles as the model (which is
    /// empty before the first training): then they are counted over both.
    pub(super) fn new(model: &'a Model, given: &[&'a Document]) -> Self {
        // Sorted by id, as those of the model: so ties do not depend on the order of the request.
        let mut documents: Vec<Cow<'a, Document>> = given.iter().map(|&document| Cow::Borrowed(document)).collect();
        documents.sort_by(|left, right| left.title_id.cmp(&right.title_id));
        let mut replaced = vec![false; model.titles()];
        let replace = |documents: &[Cow<'_, Document>], replaced: &mut Vec<bool>| {
            for title in documents.iter().filter_map(|document| model.find(&document.title_id)) {
                replaced[title] = true;
            }
        };
        replace(&documents, &mut replaced);
        documents.retain(|document| !document.removed);

        let recount = model.titles() <= documents.len();
        if recount {
            let known = (0..model.titles()).filter(|&title| !replaced[title]);
            documents.extend(known.filter_map(|title| model.document(title)).map(Cow::Owned));
            replace(&documents, &mut replaced);
        }
        let terms: Vec<Terms> = documents
            .iter()
            .map(|document| Terms::from_document(document))
            .collect();
        let statistics = if recount {
            Statistics::count(&terms)
        } else {
            model.statistics()
        };

        let of_request: Vec<RequestTitle<'a>> = documents
            .into_iter()
            .zip(&terms)
            .map(|(document, terms)| RequestTitle::new(document, terms, model, &statistics))
            .collect();
        let by_id = of_request
            .iter()
            .zip(model.titles()..)
            .map(|(brought, number)| (brought.document.title_id.clone(), number))
            .collect();
        Self {
            model,
            statistics,
            of_request,
            by_id,
            replaced,
        }
    }

    /// All titles that are not replaced or removed.
    pub(super) fn titles(&self) -> impl Iterator<Item = usize> {
        let known = (0..self.model.titles()).filter(|&title| !self.replaced[title]);
        known.chain(self.request_titles())
    }

    /// The titles of the request.
    pub(super) fn request_titles(&self) -> std::ops::Range<usize> {
        self.model.titles()..self.model.titles() + self.of_request.len()
    }

    /// The most watched of the wanted titles; of equally watched ones the newer first, then by id.
    pub(super) fn most_watched(&self, count: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        if count == 0 {
            return Vec::new();
        }
        let known = self.model.by_popularity().filter(|&title| self.is_current(title));
        let mut titles: Vec<usize> = known.filter(|&title| wanted(title)).take(count).collect();
        titles.extend(self.request_titles().filter(|&title| wanted(title)));
        titles.sort_by(|&left, &right| self.more_watched(left, right));
        titles.truncate(count);
        titles
    }

    /// The most watched of the wanted titles in a territory, with their popularity there.
    pub(super) fn most_watched_in(
        &self,
        territory: Territory,
        count: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(f32, usize)> {
        let watched = self.model.watched_in(territory);
        // A title of the request replaces that of the model.
        let titles = watched.filter_map(|(popularity, title)| Some((popularity, self.find(self.model.id(title))?)));
        titles.filter(|&(_, title)| wanted(title)).take(count).collect()
    }

    /// The order of popularity: the more watched first, then the newer, then by id so that the order is deterministic.
    pub(super) fn more_watched(&self, left: usize, right: usize) -> Ordering {
        self.popularity(right)
            .total_cmp(&self.popularity(left))
            .then_with(|| self.published(right).cmp(&self.published(left)))
            .then_with(|| self.id(left).cmp(self.id(right)))
    }

    /// The wanted titles that were published after a moment.
    pub(super) fn published_after(&self, moment: i64, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let known = self
            .model
            .by_age()
            .take_while(|&title| self.model.published(title) > moment);
        let known = known.filter(|&title| self.is_current(title));
        let brought = self.request_titles().filter(|&title| self.published(title) > moment);
        known.chain(brought).filter(|&title| wanted(title)).collect()
    }

    /// Whether the request neither replaces nor removes a title of the model.
    pub(super) fn is_current(&self, title: usize) -> bool {
        self.replaced.get(title).is_none_or(|replaced| !replaced)
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied().or_else(|| self.model.find(id))
    }

    fn request_title(&self, title: usize) -> Option<&RequestTitle<'a>> {
        title
            .checked_sub(self.model.titles())
            .and_then(|place| self.of_request.get(place))
    }

    pub(super) fn id(&self, title: usize) -> &str {
        self.request_title(title)
            .map_or_else(|| self.model.id(title), |brought| brought.document.title_id.as_str())
    }

    pub(super) fn document(&self, title: usize) -> Option<Cow<'_, Document>> {
        match self.request_title(title) {
            Some(brought) => Some(Cow::Borrowed(&*brought.document)),
            None => self.model.document(title).map(Cow::Owned),
        }
    }

    pub(super) fn content(&self, title: usize) -> ContentView<'_> {
        self.request_title(title)
            .map_or_else(|| self.model.content(title), |brought| brought.vector.view())
    }

    pub(super) fn popularity(&self, title: usize) -> f32 {
        self.request_title(title)
            .map_or_else(|| self.model.popularity(title), |brought| brought.popularity)
    }

    pub(super) fn published(&self, title: usize) -> i64 {
        match self.request_title(title) {
            Some(brought) => brought.document.published_at.map_or(UNKNOWN, Timestamp::as_second),
            None => self.model.published(title),
        }
    }

    /// The hash of the creator of a title, if it is known.
    pub(super) fn creator(&self, title: usize) -> Option<u64> {
        self.request_title(title).map_or_else(
            || self.model.creator(title),
            |brought| document::creator(&brought.document),
        )
    }

    /// The minimum age of a title's viewers, if it has a rating.
    pub(super) fn maturity(&self, title: usize) -> Option<u8> {
        let known = |title| self.model.maturity(title);
        match self.request_title(title) {
            Some(brought) => brought.document.maturity.or_else(|| known(brought.known?)),
            None => known(title),
        }
    }

    /// Whether a title may be shown in a territory.
    pub(super) fn is_shown_in(&self, title: usize, territory: Territory) -> bool {
        let known = |title| self.model.is_shown_in(title, territory);
        let Some(brought) = self.request_title(title) else {
            return known(title);
        };
        match &brought.document.territories {
            Some(territories) => territories.is_empty() || territories.contains(&territory),
            None => brought.known.is_none_or(known),
        }
    }

    /// The hash of an episode's series, and its place in the series.
    pub(super) fn series(&self, title: usize) -> Option<(u64, u32)> {
        let known = |title| self.model.series(title);
        match self.request_title(title) {
            Some(brought) if brought.document.says_no_series() => known(brought.known?),
            Some(brought) => document::in_series(&brought.document),
            None => known(title),
        }
    }

    /// The episodes of a series with their places, in no particular order.
    pub(super) fn episodes(&self, series: u64) -> impl Iterator<Item = (u32, usize)> {
        let known = self.model.episodes(series).filter(|&(_, title)| self.is_current(title));
        let brought = self.request_titles().filter_map(move |title| {
            let (own, episode) = self.series(title)?;
            (own == series).then_some((episode, title))
        });
        known.chain(brought)
    }

    /// Whether the model was not trained on the title: then its factors are computed from its content.
    pub(super) fn is_unknown(&self, title: usize) -> bool {
        self.request_title(title).is_some_and(|brought| brought.known.is_none())
    }

    /// Empty if the model has no factors.
    pub(super) fn factors(&self, title: usize) -> &[f32] {
        self.request_title(title)
            .map_or_else(|| self.model.factors(title), |brought| brought.factors.as_slice())
    }
}

impl<'a> RequestTitle<'a> {
    fn new(document: Cow<'a, Document>, terms: &Terms, model: &Model, statistics: &Statistics<'_>) -> Self {
        let known = model.find(&document.title_id);
        let vector = ContentVector::new(terms, statistics);
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
        fn stored_orders_are_those_of_a_full_search(
            known in prop::collection::vec((0u8..4, prop::option::of(0u8..6)), 1..30),
            brought in prop::collection::vec((0u8..40, prop::option::of(0u8..6)), 0..8),
            count in 1usize..12, every in 1usize..4, day in 0u8..6,
        ) {
            let known = known.into_iter().zip(0..);
            let model = model(known.map(|((popularity, day), id)| (title(&format!("{id:02}"), day), popularity.into())).collect(), &[]);
            let brought: std::collections::BTreeMap<_, _> = brought.into_iter().collect();
            let brought: Vec<Document> = brought.into_iter().map(|(id, day)| title(&format!("{id:02}"), day)).collect();
            let set = CandidateSet::new(&model, &brought.iter().collect::<Vec<_>>());
            let wanted = |title: usize| title.is_multiple_of(every);

            let mut all: Vec<usize> = set.titles().filter(|&title| wanted(title)).collect();
            all.sort_by(|&left, &right| set.more_watched(left, right));
            all.truncate(count);
            prop_assert_eq!(set.most_watched(count, wanted), all);

            let moment = title("", Some(day)).published_at.unwrap().as_second();
            let mut new = set.published_after(moment, wanted);
            new.sort_unstable();
            let mut all: Vec<usize> = set.titles().filter(|&title| wanted(title) && set.published(title) > moment).collect();
            all.sort_unstable();
            prop_assert_eq!(new, all);
        }
    }
}
