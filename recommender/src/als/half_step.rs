//! Half an iteration: moves every row of one side nearer to its optimum while the other side stays.

use rayon::prelude::*;

use super::{
    Factors, Interactions, Real,
    descent::{Descent, Scratch},
    gramian::Axes,
    real::size,
};

/// What keeps factors small: `λ · (n + α₀ · m)^ν` for a row with `n` interactions of `m` possible ones.
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
    /// For a row.
    pub(super) fn of(self, interactions: usize, possible: usize) -> f64 {
        self.strength * (size(interactions) + self.unobserved_weight * size(possible)).powf(self.exponent)
    }
}

/// Everything that stays while one side moves.
pub(super) struct HalfStep<'a, T: Real> {
    interactions: &'a Interactions<T>,
    fixed: &'a Factors<T>,
    everybody: Everybody<T>,
    regularization: Regularization,
}

/// What all rows of the fixed side say together.
pub(super) struct Everybody<T> {
    /// α₀ · HᵀH, a diagonal.
    pub(super) gramian: Vec<T>,
    /// The squared length of each row, as a share of all rows', times 1 / α₀.
    pub(super) shares: Vec<T>,
}

impl<'a, T: Real> HalfStep<'a, T> {
    /// Turns both sides to the axes of `fixed`, which changes no product of theirs.
    pub(super) fn new(
        interactions: &'a Interactions<T>,
        fixed: &'a mut Factors<T>,
        moving: &mut Factors<T>,
        regularization: Regularization,
    ) -> Self {
        let axes = Axes::of(fixed);
        axes.turn(fixed);
        axes.turn(moving);
        Self {
            interactions,
            everybody: Everybody::new(fixed, &axes, T::of(regularization.unobserved_weight)),
            fixed,
            regularization,
        }
    }

    /// Moves each row nearer to its optimum.
    pub(super) fn solve(&self, moving: &mut Factors<T>) {
        let stride = moving.stride();
        let arch = pulp::Arch::new();
        let rows = moving.numbers_mut().par_chunks_mut(stride).enumerate();
        rows.for_each_init(
            || Scratch::zero(stride),
            |scratch, (number, row)| {
                let interactions = self.interactions.row(number);
                let regularization = self.regularization.of(interactions.len(), self.fixed.rows());
                arch.dispatch(Descent {
                    fixed: self.fixed,
                    interactions,
                    everybody: &self.everybody,
                    regularization: T::of(regularization),
                    row,
                    scratch,
                });
            },
        );
    }
}

impl<T: Real> Everybody<T> {
    fn new(fixed: &Factors<T>, axes: &Axes<T>, unobserved_weight: T) -> Self {
        let gramian: Vec<T> = axes.diagonal.iter().map(|&length| unobserved_weight * length).collect();
        let all: f64 = gramian.iter().map(|number| number.as_f64()).sum();
        let share = |row: &[T]| {
            let square: f64 = row.iter().map(|number| number.as_f64().powi(2)).sum();
            T::of(if all > 0.0 { square / all } else { 0.0 })
        };
        let shares = fixed.numbers().par_chunks(fixed.stride()).map(share).collect();
        Self { gramian, shares }
    }
}
