//! Rows of titles that are similar to one title.

use fnv::FnvHashSet;
use recommender_protocol::{Because, Item};

use super::{RowBuilder, TASTE_REASON, sort};
use crate::reason;
use crate::serve::similarity::Similarity;
use crate::serve::top_k;
use crate::terms::Terms;

/// How many times more titles than places are taken by factors, before content is compared.
const SEARCH_FACTOR: usize = 25;

impl RowBuilder<'_> {
    /// Titles that are similar to one of the set: in a row `because`, only those that the person has no action for.
    pub(super) fn like(&self, title_id: &str, limit: usize, because: bool) -> Vec<Item> {
        let Some(liked) = self.set.find(title_id) else {
            return Vec::new();
        };
        let wanted = |title: usize| {
            title != liked
                && if because {
                    self.may_suggest(title)
                } else {
                    self.may_show(title)
                }
        };
        let similarity = Similarity::new(self.set, liked);
        let Some(document) = self.set.document(liked) else {
            return Vec::new();
        };
        let terms = Terms::from_document(&document);
        let reasoned = self.neighbours(&similarity, liked, limit, wanted).into_iter();
        let reasoned = reasoned.filter_map(|(score, title)| {
            let shared = self.shared(liked, &terms, title);
            let reason = match shared.first() {
                Some(evidence) => reason::sentence(evidence),
                None if similarity.is_co_watched(title) => "Watched by the same people".to_owned(),
                None if because => TASTE_REASON.to_owned(),
                // A similarity without a reason is an accident of hashing or of factors.
                None => return None,
            };
            Some(self.item(title, score, (reason, shared)))
        });
        reasoned.take(limit).collect()
    }

    fn neighbours(
        &self,
        similarity: &Similarity<'_>,
        liked: usize,
        limit: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(f32, usize)> {
        let factors = self.set.factors(liked);
        let titles: FnvHashSet<usize> = if factors.is_empty() {
            self.set.titles().filter(|&title| wanted(title)).collect()
        } else {
            let nearest = top_k::best(self.set.model, factors, limit * SEARCH_FACTOR, &wanted);
            let of_request = self.set.request_titles();
            let all = nearest
                .into_iter()
                .map(|(_, title)| title)
                .chain(of_request)
                .chain(similarity.co_watched());
            all.filter(|&title| wanted(title)).collect()
        };
        let scored = titles.into_iter().map(|title| (similarity.score(title), title));
        let mut ranked: Vec<_> = scored.filter(|(score, _)| *score > 0.0).collect();
        sort(&mut ranked);
        ranked
    }

    fn shared(&self, liked: usize, terms: &Terms, title: usize) -> Vec<Because> {
        let Some(other) = self.set.document(title) else {
            return Vec::new();
        };
        let likeness = self.set.content(liked).likeness(self.set.content(title));
        reason::shared(terms, &Terms::from_document(&other), &likeness, &self.set.statistics)
    }
}
