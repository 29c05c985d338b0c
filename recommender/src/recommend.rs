//! From trained factors to a ranked list, for people whom the training did not see.

use crate::{
    als::{Factors, FoldIn, Hyperparameters, Interactions, Training},
    evaluate::{best, metrics::DEPTH},
};

/// Title factors, and what is needed to place somebody among them.
#[derive(Debug)]
pub(crate) struct Recommender {
    titles: Factors<f32>,
    fold_in: FoldIn,
}

impl Recommender {
    pub(crate) fn train(interactions: &Interactions<f32>, hyperparameters: Hyperparameters) -> Self {
        let titles = Training::new(interactions, hyperparameters).run().titles;
        let fold_in = FoldIn::new(&titles, hyperparameters.regularization());
        Self { titles, fold_in }
    }

    /// The factors of a title.
    pub(crate) fn factors(&self, title: usize) -> &[f32] {
        self.titles.row(title)
    }

    /// The factors of somebody who knows these.
    pub(crate) fn place(&self, known: &[u32]) -> Vec<f64> {
        self.fold_in
            .solve(known.iter().map(|&title| (self.titles.row(title as usize), 1.0)))
    }

    /// The best titles for somebody who knows these, without them.
    pub(crate) fn rank(&self, known: &[u32]) -> Vec<u32> {
        let person = self.place(known);
        let score = |title| {
            let pairs = self.titles.row(title).iter().zip(&person);
            pairs.map(|(&left, right)| f64::from(left) * right).sum()
        };
        let scores: Vec<f64> = (0..self.titles.rows()).map(score).collect();
        best(&scores, known, DEPTH)
    }
}
