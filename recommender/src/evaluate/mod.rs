//! Strong generalisation: how well the model ranks for people whom the training never saw, given a part of their
//! interactions.

pub(crate) mod metrics;

use std::collections::HashSet;

use rayon::prelude::*;

use self::metrics::{DEPTH, ndcg, recall};
use crate::als::to_f64;

/// A person who was held out of the training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeldOut {
    /// The titles that the ranking may use.
    pub(crate) known: Vec<u32>,
    /// The titles that it should find.
    pub(crate) wanted: HashSet<u32>,
}

/// Means over people, and measures of all lists together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quality {
    /// The number of people.
    pub(crate) people: usize,
    /// Recall among the first 20.
    pub(crate) recall_at_20: f64,
    /// Recall among the first 50.
    pub(crate) recall_at_50: f64,
    /// Normalised discounted cumulative gain of the first 100.
    pub(crate) ndcg_at_100: f64,
    /// The share of all titles that are among the first 20 of at least one person.
    pub(crate) coverage: f64,
    /// The mean share of people who know a title among the first 20: high values mean that well-known titles are shown.
    pub(crate) popularity_bias: f64,
}

/// Ranks for each person and compares. `rank` returns titles, best first, without the known ones; `audience` is the share of
/// people who know each title.
pub(crate) fn evaluate(people: &[HeldOut], audience: &[f64], rank: impl Fn(&[u32]) -> Vec<u32> + Sync) -> Quality {
    let people: Vec<&HeldOut> = people.iter().filter(|person| !person.wanted.is_empty()).collect();
    let ranked: Vec<Vec<u32>> = people.par_iter().map(|person| rank(&person.known)).collect();
    let mean = |metric: &dyn Fn(&[u32], &HashSet<u32>) -> f64| {
        let values = ranked
            .iter()
            .zip(&people)
            .map(|(ranked, person)| metric(ranked, &person.wanted));
        values.sum::<f64>() / to_f64(people.len().max(1))
    };

    let shown: Vec<u32> = ranked
        .iter()
        .flat_map(|ranked| ranked.iter().copied().take(20))
        .collect();
    let bias: f64 = shown.iter().map(|&title| audience[title as usize]).sum();
    Quality {
        people: people.len(),
        recall_at_20: mean(&|ranked, wanted| recall(20, ranked, wanted)),
        recall_at_50: mean(&|ranked, wanted| recall(50, ranked, wanted)),
        ndcg_at_100: mean(&|ranked, wanted| ndcg(DEPTH, ranked, wanted)),
        coverage: to_f64(shown.iter().collect::<HashSet<_>>().len()) / to_f64(audience.len().max(1)),
        popularity_bias: bias / to_f64(shown.len().max(1)),
    }
}

/// The titles with the highest scores, best first, without `known`; of equal titles the one with the lower index first.
pub(crate) fn best(scores: &[f64], known: &[u32], count: usize) -> Vec<u32> {
    let known: HashSet<u32> = known.iter().copied().collect();
    let mut titles: Vec<(u32, f64)> = (0..)
        .zip(scores.iter().copied())
        .filter(|(title, _)| !known.contains(title))
        .collect();
    let order = |left: &(u32, f64), right: &(u32, f64)| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0));
    if titles.len() > count {
        titles.select_nth_unstable_by(count, order);
        titles.truncate(count);
    }
    titles.sort_unstable_by(order);
    // Not `into_iter`: that would keep the memory of all scores.
    titles.iter().map(|&(title, _)| title).collect()
}
