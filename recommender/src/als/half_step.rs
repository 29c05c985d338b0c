//! Half an iteration: moves every row of one side closer to its optimum while the other side stays fixed.

use rayon::prelude::*;

use super::{
    Factors, Interactions, Scalar,
    conjugate_gradient::{ConjugateGradient, Scratch},
    gramian::{Axes, Gramian},
    scalar::to_f64,
};

/// The regularisation: `λ · (n + α₀ · m)^ν` for a row with `n` interactions of `m` possible ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regularization {
    /// λ.
    pub strength: f64,
    /// ν.
    pub exponent: f64,
    /// α₀.
    pub unobserved_weight: f64,
}

impl Regularization {
    /// The regularisation of a row.
    pub(super) fn for_row(self, interactions: usize, possible: usize) -> f64 {
        self.strength * (to_f64(interactions) + self.unobserved_weight * to_f64(possible)).powf(self.exponent)
    }
}

/// What stays fixed while one side moves.
pub(super) struct HalfStep<'a, T: Scalar> {
    interactions: &'a Interactions<T>,
    fixed: &'a Factors<T>,
    gramian: Gramian<T>,
    regularization: Regularization,
}

impl<'a, T: Scalar> HalfStep<'a, T> {
    /// Rotates both sides to the axes of `fixed`, which changes no product of two rows.
    pub(super) fn new(
        interactions: &'a Interactions<T>,
        fixed: &'a mut Factors<T>,
        moving: &mut Factors<T>,
        regularization: Regularization,
    ) -> Self {
        let axes = Axes::new(fixed);
        axes.rotate(fixed);
        axes.rotate(moving);
        Self {
            interactions,
            gramian: Gramian::new(fixed, &axes, T::from_f64(regularization.unobserved_weight)),
            fixed,
            regularization,
        }
    }

    /// Moves each row closer to its optimum.
    pub(super) fn solve(&self, moving: &mut Factors<T>) {
        let stride = moving.stride();
        let arch = pulp::Arch::new();
        let rows = moving.numbers_mut().par_chunks_mut(stride).enumerate();
        rows.for_each_init(
            || Scratch::zero(stride),
            |scratch, (number, row)| {
                let interactions = self.interactions.row(number);
                let regularization = self.regularization.for_row(interactions.len(), self.fixed.rows());
                arch.dispatch(ConjugateGradient {
                    fixed: self.fixed,
                    interactions,
                    gramian: &self.gramian,
                    regularization: T::from_f64(regularization),
                    row,
                    scratch,
                });
            },
        );
    }
}
