//! Interleaves the rows of two models to compare them, by team draft (Radlinski, Kurup, Joachims, *How Does Clickthrough Data
//! Reflect Retrieval Quality?*, 2008): the model with fewer titles in the row picks its best title that is not in the row yet; a
//! coin toss decides between equals. So neither model has better places, and each title is the pick of one model.

use std::collections::HashSet;

use recommender_protocol::{Item, Variant};

use crate::hash;

/// At most `count` titles of both. The tosses follow from the seed.
pub(super) fn team_draft(current: Vec<Item>, challenger: Vec<Item>, count: usize, seed: &str) -> Vec<Item> {
    let mut teams = [
        (Variant::Current, current.into_iter(), 0),
        (Variant::Challenger, challenger.into_iter(), 0),
    ];
    let (mut row, mut shown): (Vec<Item>, HashSet<String>) = (Vec::new(), HashSet::new());
    while row.len() < count {
        let first = match teams[0].2.cmp(&teams[1].2) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Greater => 1,
            std::cmp::Ordering::Equal => toss(seed, row.len()),
        };
        // A team without titles left lets the other pick.
        let Some((team, mut item)) = [first, 1 - first].into_iter().find_map(|team| {
            let best = teams[team].1.find(|item| !shown.contains(&item.title_id))?;
            Some((team, best))
        }) else {
            break;
        };
        teams[team].2 += 1;
        shown.insert(item.title_id.clone());
        item.variant = Some(teams[team].0);
        row.push(item);
    }
    row
}

fn toss(seed: &str, place: usize) -> usize {
    // The low bits of FNV depend on the last byte only; the high bits are mixed.
    usize::from(hash::hash(&[seed.as_bytes(), &place.to_le_bytes()]) >> 63 == 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(ids: &[u8]) -> Vec<Item> {
        let item = |id: &u8| Item {
            title_id: id.to_string(),
            score: 1.0,
            reason: "Popular now".into(),
            because: Vec::new(),
            variant: None,
        };
        ids.iter().map(item).collect()
    }

    fn picks_of(row: &[Item], variant: Variant) -> Vec<&str> {
        let own = row.iter().filter(|item| item.variant == Some(variant));
        own.map(|item| item.title_id.as_str()).collect()
    }

    #[test]
    fn a_toss_decides_who_begins() {
        let begins = |seed: usize| team_draft(items(&[1]), items(&[2]), 1, &format!("{seed}"))[0].variant;
        let current = (0..1_000)
            .filter(|&seed| begins(seed) == Some(Variant::Current))
            .count();
        assert!((450..550).contains(&current), "{current}");
    }

    #[test]
    fn a_team_without_titles_lets_the_other_pick() {
        let row = team_draft(items(&[1]), items(&[1, 2, 3]), 9, "");
        assert_eq!(row.len(), 3);
        assert!(team_draft(Vec::new(), Vec::new(), 9, "").is_empty());
    }

    proptest! {
        #[test]
        fn teams_are_fair(
            current in Just((0..30u8).collect::<Vec<_>>()).prop_shuffle(),
            challenger in Just((0..30u8).collect::<Vec<_>>()).prop_shuffle(),
            count in 0..40usize,
            seed in "[a-z]{4}",
        ) {
            let row = team_draft(items(&current), items(&challenger), count, &seed);
            let ids: HashSet<&str> = row.iter().map(|item| item.title_id.as_str()).collect();
            prop_assert_eq!((row.len(), ids.len()), (count.min(30), count.min(30)));

            for length in 0..row.len() {
                let (ours, theirs) = (picks_of(&row[..length], Variant::Current), picks_of(&row[..length], Variant::Challenger));
                prop_assert!(ours.len().abs_diff(theirs.len()) <= 1);
            }
            // Each picks in the order of its own row.
            for (list, variant) in [(&current, Variant::Current), (&challenger, Variant::Challenger)] {
                let places: Vec<_> = picks_of(&row, variant)
                    .into_iter()
                    .map(|id| list.iter().position(|other| other.to_string() == id))
                    .collect();
                prop_assert!(places.is_sorted());
            }
        }
    }
}
