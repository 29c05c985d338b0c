//! More of the same: titles like one.

use fnv::FnvHashSet;

use super::{Shelf, sort};
use crate::reason::{self, Because};
use crate::serve::alike::Alike;
use crate::serve::rank::Item;
use crate::serve::top;
use crate::words::Terms;

/// Of so many times more titles than a row has places, the best by factors, it is also looked at what is said of them.
const SEARCHED: usize = 25;

impl Shelf<'_> {
    /// Titles like one of the pool: for a person (`because`) only what they did not deal with yet.
    pub(super) fn like(&self, title_id: &str, limit: usize, because: bool) -> Vec<Item> {
        let Some(liked) = self.pool.find(title_id) else {
            return Vec::new();
        };
        let wanted = |title: usize| title != liked && if because { self.fresh(title) } else { self.free(title) };
        let alike = Alike::of(self.pool, liked);
        let Some(document) = self.pool.document(liked) else {
            return Vec::new();
        };
        let terms = Terms::of(&document);
        let reasoned = self.neighbours(&alike, liked, limit, wanted).into_iter();
        let reasoned = reasoned.filter_map(|(score, title)| {
            let shared = self.shared(liked, &terms, title);
            let reason = match shared.first() {
                _ if because => format!("Because you watched {}", document.name),
                Some(evidence) => evidence.sentence(),
                None if alike.is_company(title) => format!("Watched with {}", document.name),
                // Without a reason the likeness is an accident: of hashing, or of factors.
                None => return None,
            };
            Some(self.item(title, score, (reason, shared)))
        });
        reasoned.take(limit).collect()
    }

    fn neighbours(
        &self,
        alike: &Alike<'_>,
        liked: usize,
        limit: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(f32, usize)> {
        let factors = self.pool.factors(liked);
        let titles: FnvHashSet<usize> = if factors.is_empty() {
            self.pool.titles().filter(|&title| wanted(title)).collect()
        } else {
            let nearest = top::best(self.pool.model, factors, limit * SEARCHED, &wanted);
            let brought = self.pool.brought_titles();
            let all = nearest
                .into_iter()
                .map(|(_, title)| title)
                .chain(brought)
                .chain(alike.company());
            all.filter(|&title| wanted(title)).collect()
        };
        let scored = titles.into_iter().map(|title| (alike.score(title), title));
        let mut ranked: Vec<_> = scored.filter(|(score, _)| *score > 0.0).collect();
        sort(&mut ranked);
        ranked
    }

    fn shared(&self, liked: usize, terms: &Terms, title: usize) -> Vec<Because> {
        let Some(other) = self.pool.document(title) else {
            return Vec::new();
        };
        let alike = self.pool.content(liked).likeness(self.pool.content(title));
        reason::shared(terms, &Terms::of(&other), &alike, &self.pool.statistics)
    }
}
