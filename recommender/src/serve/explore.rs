//! Exploration: a guaranteed share of the new titles' places for creators whom hardly anybody has seen, since nobody can
//! like what nobody is shown.

use fnv::{FnvHashMap, FnvHashSet};

use super::pool::Pool;
use crate::hash;

/// Every so many-th place is theirs.
const EVERY: usize = 5;
/// A creator is new as long as all their titles together have no more of an audience than this (people who watched, decayed).
const HARDLY_ANYBODY: f32 = 3.0;

/// Those of the titles whose creators are new, in an order that is another for each person and day.
pub(super) fn unseen(pool: &Pool<'_>, titles: impl Iterator<Item = usize>, seed: &str) -> Vec<usize> {
    let made = titles.filter_map(|title| {
        let creator = pool.creator(title)?;
        (pool.model.popularity_of(creator) <= HARDLY_ANYBODY).then(|| {
            let drawn = hash::of(&[seed.as_bytes(), pool.id(title).as_bytes()]);
            (drawn, title, creator)
        })
    });
    let mut made: Vec<(u64, usize, u64)> = made.collect();
    made.sort_unstable();
    let mut creators = FnvHashSet::default();
    // One title of each, so that nobody takes all places by sending many.
    made.retain(|&(_, _, creator)| creators.insert(creator));
    made.into_iter().map(|(_, title, _)| title).collect()
}

/// A row of `count` titles by rank in which every fifth is one of the `unseen`, as long as there are any.
pub(super) fn interleave(ranked: &[(f32, usize)], unseen: &[usize], count: usize) -> Vec<(f32, usize)> {
    let scores: FnvHashMap<usize, f32> = ranked.iter().map(|&(score, title)| (title, score)).collect();
    let mut unseen = unseen.iter().copied();
    let mut ranked = ranked.iter().map(|&(_, title)| title);
    let mut row: Vec<(f32, usize)> = Vec::new();
    let mut shown = FnvHashSet::default();
    while row.len() < count {
        let theirs = (row.len() + 1).is_multiple_of(EVERY);
        let title = if theirs {
            unseen.find(|title| !shown.contains(title))
        } else {
            None
        };
        let Some(title) = title.or_else(|| ranked.find(|title| !shown.contains(title))) else {
            break;
        };
        shown.insert(title);
        row.push((scores.get(&title).copied().unwrap_or_default(), title));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fifth_place_is_for_the_unseen() {
        let ranked: Vec<(f32, usize)> = (0..20u8)
            .map(|title| (f32::from(20 - title), usize::from(title)))
            .collect();
        let row: Vec<usize> = interleave(&ranked, &[19, 18], 12)
            .into_iter()
            .map(|(_, title)| title)
            .collect();
        assert_eq!(row, [0, 1, 2, 3, 19, 4, 5, 6, 7, 18, 8, 9]);
    }

    #[test]
    fn nothing_stands_twice_and_a_short_list_stays_short() {
        let ranked = [(2.0, 1), (1.0, 2)];
        assert_eq!(interleave(&ranked, &[1, 2], 12).len(), 2);
    }
}
