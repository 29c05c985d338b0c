//! The quality of a ranked list, given the titles that the person liked later. The definitions are those of Liang et al. 2018
//! (*Variational Autoencoders for Collaborative Filtering*), which most papers report.

use std::collections::HashSet;

/// How many places of a list count.
pub(crate) const DEPTH: usize = 100;

/// The share of the wanted titles that are among the first `k`: `hits / min(k, wanted)`.
pub(crate) fn recall(k: usize, ranked: &[u32], wanted: &HashSet<u32>) -> f64 {
    let hits = ranked.iter().take(k).filter(|title| wanted.contains(title)).count();
    share(hits, k.min(wanted.len()))
}

/// Normalised discounted cumulative gain: a hit in place p counts `1 / log2(p + 1)`, divided by the best possible list.
pub(crate) fn ndcg(k: usize, ranked: &[u32], wanted: &HashSet<u32>) -> f64 {
    let gains = (1..)
        .zip(ranked.iter().take(k))
        .filter(|(_, title)| wanted.contains(title));
    let best: f64 = (1..=k.min(wanted.len())).map(discount).sum();
    if best == 0.0 {
        return 0.0;
    }
    gains.map(|(place, _)| discount(place)).sum::<f64>() / best
}

fn discount(place: usize) -> f64 {
    1.0 / crate::als::to_f64(place + 1).log2()
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    crate::als::to_f64(part) / crate::als::to_f64(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_lists_have_known_values() {
        let wanted = HashSet::from([1, 2, 3]);
        assert!(
            (recall(2, &[1, 9, 2], &wanted) - 0.5).abs() < 1e-12,
            "one of the two that fit"
        );
        assert!((recall(20, &[1, 9, 2], &wanted) - 2.0 / 3.0).abs() < 1e-12);
        let best = 1.0 + 1.0 / 3f64.log2() + 0.5;
        assert!((ndcg(100, &[1, 9, 2], &wanted) - 1.5 / best).abs() < 1e-12);
        assert!((ndcg(100, &[3, 2, 1, 7], &wanted) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_list_without_wanted_titles_gains_nothing() {
        assert!(ndcg(100, &[1], &HashSet::new()).abs() < 1e-12);
        assert!(recall(20, &[1], &HashSet::new()).abs() < 1e-12);
    }
}
