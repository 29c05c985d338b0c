//! Exploration: a guaranteed share of the places in the row of new titles for creators with little exposure, because a title
//! that is never shown never gets an audience.

use fnv::{FnvHashMap, FnvHashSet};

use super::candidates::CandidateSet;
use crate::hash;

/// Every fifth place is reserved.
const INTERVAL: usize = 5;
/// A creator counts as new up to this summed popularity of their titles (people who watched, decayed).
const LOW_EXPOSURE: f32 = 3.0;

/// The titles of new creators, in an order that differs for each person and day.
pub(super) fn unseen(set: &CandidateSet<'_>, titles: impl Iterator<Item = usize>, seed: &str) -> Vec<usize> {
    let made = titles.filter_map(|title| {
        let creator = set.creator(title)?;
        (set.model.creator_popularity(creator) <= LOW_EXPOSURE).then(|| {
            let drawn = hash::hash(&[seed.as_bytes(), set.id(title).as_bytes()]);
            (drawn, title, creator)
        })
    });
    let mut made: Vec<(u64, usize, u64)> = made.collect();
    made.sort_unstable();
    let mut creators = FnvHashSet::default();
    // One title of each creator, so that publishing many titles brings no more places.
    made.retain(|&(_, _, creator)| creators.insert(creator));
    made.into_iter().map(|(_, title, _)| title).collect()
}

/// A row of `count` titles by rank, in which every fifth place has one of the `unseen` titles while there are any.
pub(super) fn with_unseen(ranked: &[(f32, usize)], unseen: &[usize], count: usize) -> Vec<(f32, usize)> {
    let scores: FnvHashMap<usize, f32> = ranked.iter().map(|&(score, title)| (title, score)).collect();
    let mut unseen = unseen.iter().copied();
    let mut ranked = ranked.iter().map(|&(_, title)| title);
    let mut row: Vec<(f32, usize)> = Vec::new();
    let mut shown = FnvHashSet::default();
    while row.len() < count {
        let reserved = (row.len() + 1).is_multiple_of(INTERVAL);
        let title = if reserved {
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
        let row: Vec<usize> = with_unseen(&ranked, &[19, 18], 12)
            .into_iter()
            .map(|(_, title)| title)
            .collect();
        assert_eq!(row, [0, 1, 2, 3, 19, 4, 5, 6, 7, 18, 8, 9]);
    }

    #[test]
    fn no_title_appears_twice_and_a_short_list_stays_short() {
        let ranked = [(2.0, 1), (1.0, 2)];
        assert_eq!(with_unseen(&ranked, &[1, 2], 12).len(), 2);
    }
}
