//! More of the same: titles like one.

use fnv::FnvHashSet;

use super::{CHOICE, Shelf, sort};
use crate::reason::{self, Because};
use crate::serve::alike::Alike;
use crate::serve::rank::Item;
use crate::serve::top;
use crate::words::Terms;

impl Shelf<'_> {
    /// Titles like one of the pool: for a person (`because`) only what they did not deal with yet.
    pub(super) fn like(&self, title_id: &str, limit: usize, because: bool) -> Vec<Item> {
        let Some(liked) = self.pool.find(title_id) else {
            return Vec::new();
        };
        let wanted = |title: usize| title != liked && if because { self.fresh(title) } else { self.free(title) };
        let alike = Alike::of(self.pool, liked);
        let mut ranked = self.neighbours(&alike, liked, limit * CHOICE, wanted);
        ranked.truncate(limit);
        let name = self
            .pool
            .document(liked)
            .map(|liked| liked.name.clone())
            .unwrap_or_default();
        let reasoned = ranked.into_iter().map(|(score, title)| {
            let shared = self.shared(liked, title);
            let reason = match shared.first() {
                Some(evidence) if !because => evidence.sentence(),
                None if !because => format!("Watched with {name}"),
                _ => format!("Because you watched {name}"),
            };
            self.item(title, score, (reason, shared))
        });
        reasoned.collect()
    }

    fn neighbours(
        &self,
        alike: &Alike<'_>,
        liked: usize,
        count: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(f32, usize)> {
        let factors = self.pool.factors(liked);
        let titles: FnvHashSet<usize> = if factors.is_empty() {
            self.pool.titles().filter(|&title| wanted(title)).collect()
        } else {
            let nearest = top::best(self.pool.model, factors, count * CHOICE, &wanted);
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
        ranked.truncate(count);
        ranked
    }

    fn shared(&self, liked: usize, title: usize) -> Vec<Because> {
        let (Some(one), Some(other)) = (self.pool.document(liked), self.pool.document(title)) else {
            return Vec::new();
        };
        let alike = self.pool.content(liked).likeness(self.pool.content(title));
        reason::shared(&Terms::of(&one), &Terms::of(&other), &alike, &self.pool.statistics)
    }
}
