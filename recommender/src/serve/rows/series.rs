//! What comes next in the series that somebody watches.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Shelf;
use crate::reason::Because;
use crate::serve::person::Action;
use crate::serve::pool::Pool;
use crate::serve::rank::Item;

/// From this share on somebody has seen an episode. Who has not goes on with it, which is not this row's.
const SEEN: f64 = 0.9;

impl Shelf<'_> {
    /// The next episode of each series that the person watches.
    pub(super) fn series(&self, limit: usize) -> Vec<Item> {
        let next = next(self.pool, &self.request.person.actions, |title| self.free(title));
        let items = next.into_iter().take(limit).zip((1u16..).map(f32::from));
        let items = items.map(|(Next { title, after }, place)| {
            let name = self
                .pool
                .document(after)
                .map(|after| after.name.clone())
                .unwrap_or_default();
            let because = vec![Because::Titles(vec![self.pool.id(after).to_owned()])];
            self.item(title, 1.0 / place, (format!("Next after {name}"), because))
        });
        items.collect()
    }
}

/// The next episode of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Next {
    title: usize,
    /// The furthest one that was seen.
    after: usize,
}

#[derive(Clone, Copy)]
struct Furthest {
    episode: u32,
    title: usize,
    /// When somebody last saw any of the series.
    at: Timestamp,
}

/// For each series of which somebody has seen an episode, the first wanted one after the furthest; the series that was
/// seen last comes first.
fn next(pool: &Pool<'_>, actions: &[Action], wanted: impl Fn(usize) -> bool) -> Vec<Next> {
    let mut seen: HashMap<u64, Furthest> = HashMap::new();
    for action in actions.iter().filter(|action| action.watched_share >= SEEN) {
        let Some(title) = pool.find(&action.title_id) else {
            continue;
        };
        let Some((series, episode)) = pool.series(title) else {
            continue;
        };
        let this = Furthest {
            episode,
            title,
            at: action.at,
        };
        let known = seen.entry(series).or_insert(this);
        let at = known.at.max(this.at);
        if this.episode > known.episode {
            *known = this;
        }
        known.at = at;
    }

    let mut seen: Vec<(u64, Furthest)> = seen.into_iter().collect();
    seen.sort_by_key(|&(series, furthest)| (std::cmp::Reverse(furthest.at), series));
    let next = seen.into_iter().filter_map(|(series, furthest)| {
        let later = pool.episodes(series);
        let later = later.filter(|&(episode, title)| episode > furthest.episode && wanted(title));
        let (_, title) = later.min()?;
        Some(Next {
            title,
            after: furthest.title,
        })
    });
    next.collect()
}
