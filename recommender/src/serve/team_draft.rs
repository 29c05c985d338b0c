//! Two models' rows as one, for comparing the models: as captains pick teams, the model with fewer titles in the row picks its
//! best that is not there yet; who begins is tossed (team draft: Radlinski, Kurup, Joachims, *How Does Clickthrough Data Reflect
//! Retrieval Quality?*, 2008). So neither has better places, and each title is somebody's pick.

use std::collections::HashSet;

use super::invocation::Variant;
use super::rank::Item;
use crate::hash;

/// At most `count` titles of both. The same seed tosses the same.
pub(super) fn draft(current: Vec<Item>, challenger: Vec<Item>, count: usize, seed: &str) -> Vec<Item> {
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
        // A team that has nobody left lets the other pick.
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
    // The low bits of FNV are those of its last byte: the high ones are mixed.
    usize::from(hash::of(&[seed.as_bytes(), &place.to_le_bytes()]) >> 63 == 1)
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

    fn of(row: &[Item], variant: Variant) -> Vec<&str> {
        let own = row.iter().filter(|item| item.variant == Some(variant));
        own.map(|item| item.title_id.as_str()).collect()
    }

    #[test]
    fn who_begins_is_tossed() {
        let begins = |seed: usize| draft(items(&[1]), items(&[2]), 1, &format!("{seed}"))[0].variant;
        let current = (0..1_000)
            .filter(|&seed| begins(seed) == Some(Variant::Current))
            .count();
        assert!((450..550).contains(&current), "{current}");
    }

    #[test]
    fn who_has_nobody_left_lets_the_other_pick() {
        let row = draft(items(&[1]), items(&[1, 2, 3]), 9, "");
        assert_eq!(row.len(), 3);
        assert!(draft(Vec::new(), Vec::new(), 9, "").is_empty());
    }

    proptest! {
        #[test]
        fn teams_are_fair(
            current in Just((0..30u8).collect::<Vec<_>>()).prop_shuffle(),
            challenger in Just((0..30u8).collect::<Vec<_>>()).prop_shuffle(),
            count in 0..40usize,
            seed in "[a-z]{4}",
        ) {
            let row = draft(items(&current), items(&challenger), count, &seed);
            let ids: HashSet<&str> = row.iter().map(|item| item.title_id.as_str()).collect();
            prop_assert_eq!((row.len(), ids.len()), (count.min(30), count.min(30)));

            for length in 0..row.len() {
                let (ours, theirs) = (of(&row[..length], Variant::Current), of(&row[..length], Variant::Challenger));
                prop_assert!(ours.len().abs_diff(theirs.len()) <= 1);
            }
            // Each picks in the order of its own row.
            for (list, variant) in [(&current, Variant::Current), (&challenger, Variant::Challenger)] {
                let places: Vec<_> = of(&row, variant)
                    .into_iter()
                    .map(|id| list.iter().position(|other| other.to_string() == id))
                    .collect();
                prop_assert!(places.is_sorted());
            }
        }
    }
}
