//! Half an iteration: solves for every row of one side while the other side stays.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    Factors, Gramian, Interactions, Real, Row,
    kernel::{self, BLOCK, Vector},
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

/// Everything that stays while one side is solved for.
pub(super) struct HalfStep<'a, T> {
    interactions: &'a Interactions<T>,
    fixed: &'a Factors<T>,
    /// α₀ · HᵀH
    gramian: Gramian<T>,
    regularization: Regularization,
}

impl<'a, T: Real> HalfStep<'a, T> {
    pub(super) fn new(
        interactions: &'a Interactions<T>,
        fixed: &'a Factors<T>,
        alpha: T,
        regularization: Regularization,
    ) -> Self {
        Self {
            interactions,
            fixed,
            gramian: Gramian::of(fixed, alpha),
            regularization,
        }
    }

    /// Moves each row nearer to its optimum: all its blocks, one after the other, each to the optimum of that block.
    pub(super) fn solve(&self, moving: &mut Factors<T>) {
        let stride = moving.stride();
        let arch = pulp::Arch::new();
        moving.numbers_mut().par_chunks_mut(stride).enumerate().for_each_init(
            Scratch::default,
            |scratch, (number, row)| {
                arch.dispatch(SolveRow {
                    step: self,
                    number,
                    row,
                    scratch,
                });
            },
        );
    }

    #[expect(
        clippy::inline_always,
        reason = "the processor's instructions are chosen where the kernel is entered"
    )]
    #[inline(always)]
    fn solve_row<S: Simd>(&self, simd: S, number: usize, row: &mut [T], scratch: &mut Scratch<T>) {
        let interactions = self.interactions.row(number);
        let regularization = self.regularization.of(interactions.len(), self.interactions.columns());
        let regularization = T::of(regularization);
        scratch.gather(simd, self.fixed, interactions, row);

        for block in 0..row.len() / BLOCK {
            let h = &scratch.panel[block * interactions.len()..][..interactions.len()];
            let mut equations = self.gramian.equations(simd, block, row, regularization);
            equations.add(
                simd,
                &h.iter()
                    .zip(&scratch.predictions)
                    .enumerate()
                    .map(|(position, (h, &prediction))| (h, interactions.weight(position), prediction - T::of(1.0))),
            );
            let step = equations.solve(simd);

            kernel::plus(simd, kernel::block_mut(row, block), T::of(1.0), T::lanes::<S>(&step));
            for (h, prediction) in h.iter().zip(&mut scratch.predictions) {
                *prediction += kernel::dot(simd, h, &step);
            }
        }
    }
}

/// Solving one row. A closure would not do: only what is inlined gets the wide instructions.
struct SolveRow<'a, T> {
    step: &'a HalfStep<'a, T>,
    number: usize,
    row: &'a mut [T],
    scratch: &'a mut Scratch<T>,
}

impl<T: Real> WithSimd for SolveRow<'_, T> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.step.solve_row(simd, self.number, self.row, self.scratch);
    }
}

/// What belongs to the interactions of one row. A thread uses the memory again for its next row.
#[derive(Default)]
struct Scratch<T> {
    /// The factors of the other side, block by block, so that each pass reads them in order.
    panel: Vec<Vector<T>>,
    /// What the factors say now of each interaction.
    predictions: Vec<T>,
}

impl<T: Real> Scratch<T> {
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn gather<S: Simd>(&mut self, simd: S, fixed: &Factors<T>, interactions: Row<'_, T>, row: &[T]) {
        let (count, blocks) = (interactions.len(), row.len() / BLOCK);
        if self.panel.len() < count * blocks {
            self.panel.resize(count * blocks, [T::default(); BLOCK]);
        }
        self.predictions.clear();
        for (position, &index) in interactions.indices.iter().enumerate() {
            let mut sum = T::splat(simd, T::default());
            let factors = fixed.padded(index as usize).as_chunks::<BLOCK>().0;
            for ((block, factors), row) in factors.iter().enumerate().zip(row.as_chunks().0) {
                self.panel[block * count + position] = *factors;
                sum = kernel::multiply(simd, factors, row, sum);
            }
            self.predictions.push(T::sum(simd, sum));
        }
    }
}
