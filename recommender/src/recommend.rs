//! Ranks titles for people whom the training did not see.

use crate::{
    als::{Factors, FoldIn, Hyperparameters, Interactions, factorise},
    evaluate::{best, metrics::DEPTH},
};

/// Title factors, and what is needed to compute a person's factors.
#[derive(Debug)]
pub(crate) struct Recommender {
    titles: Factors<f32>,
    fold_in: FoldIn,
}

impl Recommender {
    pub(crate) fn train(interactions: &Interactions<f32>, hyperparameters: Hyperparameters) -> Self {
        let titles = factorise(interactions, hyperparameters).titles;
        let fold_in = FoldIn::new(&titles, hyperparameters.regularization());
        Self { titles, fold_in }
    }

    /// The factors of a title.
    pub(crate) fn factors(&self, title: usize) -> &[f32] {
        self.titles.row(title)
    }

    /// The factors of a person who knows these titles.
    pub(crate) fn person_factors(&self, known: &[u32]) -> Vec<f64> {
        self.fold_in
            .solve(known.iter().map(|&title| (self.titles.row(title as usize), 1.0)))
    }

    /// The best titles for a person who knows these titles, without the known ones.
    pub(crate) fn rank(&self, known: &[u32]) -> Vec<u32> {
        let person = self.person_factors(known);
        let score = |title| {
            let pairs = self.titles.row(title).iter().zip(&person);
            pairs.map(|(&left, right)| f64::from(left) * right).sum()
        };
        let scores: Vec<f64> = (0..self.titles.rows()).map(score).collect();
        best(&scores, known, DEPTH)
    }
}
