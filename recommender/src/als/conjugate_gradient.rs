//! Moves one row closer to its optimum: conjugate gradients (Hestenes, Stiefel 1952) on `(α₀ HᵀH + Σ c h hᵀ + λ) w = Σ c h`,
//! starting from the current row. Each step reduces the loss.

#![expect(
    clippy::inline_always,
    reason = "the processor's instructions are chosen where the kernel is entered"
)]

use pulp::{Simd, WithSimd};

use super::{Factors, Row, Scalar, gramian::Gramian, kernel};

/// Steps for each row. More of them do not bring the training to its end in fewer iterations (ADR 16).
const STEPS: usize = 2;

/// How many rows of the other side are read at a time.
const ROWS: usize = 4;

/// The move of one row. Not a closure: only inlined code is compiled with the wide instructions.
pub(super) struct ConjugateGradient<'a, T: Scalar> {
    pub(super) fixed: &'a Factors<T>,
    pub(super) interactions: Row<'a, T>,
    pub(super) gramian: &'a Gramian<T>,
    pub(super) regularization: T,
    pub(super) row: &'a mut [T],
    pub(super) scratch: &'a mut Scratch<T>,
}

/// Vectors that one move needs. A thread reuses their memory for its next row.
pub(super) struct Scratch<T> {
    /// The diagonal part of the equations: `α₀ HᵀH + λ`.
    diagonal: Vec<T>,
    /// The preconditioner: the inverse of a diagonal that approximates the equations.
    inverse: Vec<T>,
    /// The right side of the equations minus the left side.
    residual: Vec<T>,
    direction: Vec<T>,
    /// The equations applied to the direction, negated.
    image: Vec<T>,
}

impl<T: Scalar> Scratch<T> {
    pub(super) fn zero(size: usize) -> Self {
        let row = || vec![T::default(); size];
        Self {
            diagonal: row(),
            inverse: row(),
            residual: row(),
            direction: row(),
            image: row(),
        }
    }
}

impl<T: Scalar> WithSimd for ConjugateGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (zero, one) = (T::default(), T::from_f64(1.0));
        self.prepare();
        let Self {
            fixed,
            interactions,
            row,
            scratch,
            ..
        } = self;
        let Scratch {
            diagonal,
            inverse,
            residual,
            direction,
            image,
        } = scratch;

        residual.fill(zero);
        add_errors(simd, fixed, interactions, one, row, residual);
        kernel::multiply(simd, residual, zero - one, diagonal, row);
        direction.fill(zero);
        kernel::scale_and_add(simd, direction, zero, inverse, residual);
        let mut size = kernel::squares(simd, inverse, residual);

        for step in 1..=STEPS {
            let mut curvature = kernel::squares(simd, diagonal, direction);
            if step == STEPS {
                curvature += squares(simd, fixed, interactions, direction);
            } else {
                image.fill(zero);
                add_errors(simd, fixed, interactions, zero, direction, image);
                let [observed] = kernel::products(simd, [image], direction);
                curvature += zero - observed;
                kernel::multiply(simd, image, zero - one, diagonal, direction);
            }
            // No curvature means that the row is at its optimum.
            let length = if curvature > zero { size / curvature } else { zero };
            kernel::combine(simd, row, [length], [direction]);
            if step < STEPS {
                kernel::combine(simd, residual, [length], [image]);
                let next = kernel::squares(simd, inverse, residual);
                let ratio = if size > zero { next / size } else { zero };
                kernel::scale_and_add(simd, direction, ratio, inverse, residual);
                size = next;
            }
        }
    }
}

impl<T: Scalar> ConjugateGradient<'_, T> {
    /// Computes the diagonals of this row. The preconditioner approximates its interactions by a share of the Gramian, in
    /// proportion to the lengths of their rows.
    #[inline(always)]
    fn prepare(&mut self) {
        let mut share = T::from_f64(1.0);
        for (position, &index) in self.interactions.indices.iter().enumerate() {
            share += self.interactions.weight(position) * self.gramian.shares[index as usize];
        }
        let diagonals = self.scratch.diagonal.iter_mut().zip(&mut self.scratch.inverse);
        for ((diagonal, inverse), &number) in diagonals.zip(&self.gramian.diagonal) {
            *diagonal = number + self.regularization;
            *inverse = T::from_f64(1.0) / (share * number + self.regularization);
        }
    }
}

/// `to + Σ c (aim − h · row) h` over all interactions.
#[inline(always)]
fn add_errors<T: Scalar, S: Simd>(
    simd: S,
    fixed: &Factors<T>,
    interactions: Row<'_, T>,
    aim: T,
    row: &[T],
    to: &mut [T],
) {
    let (groups, rest) = interactions.indices.as_chunks::<ROWS>();
    for (group, indices) in groups.iter().enumerate() {
        let others = fixed.some(indices);
        let mut errors = kernel::products(simd, others, row);
        for (position, error) in errors.iter_mut().enumerate() {
            *error = interactions.weight(group * ROWS + position) * (aim - *error);
        }
        kernel::combine(simd, to, errors, others);
    }
    for (position, &index) in rest.iter().enumerate() {
        let others = fixed.some(&[index]);
        let [product] = kernel::products(simd, others, row);
        let error = interactions.weight(groups.len() * ROWS + position) * (aim - product);
        kernel::combine(simd, to, [error], others);
    }
}

/// `Σ c (h · row)²` over all interactions.
#[inline(always)]
fn squares<T: Scalar, S: Simd>(simd: S, fixed: &Factors<T>, interactions: Row<'_, T>, row: &[T]) -> T {
    let mut sum = T::default();
    let (groups, rest) = interactions.indices.as_chunks::<ROWS>();
    for (group, indices) in groups.iter().enumerate() {
        let products = kernel::products(simd, fixed.some(indices), row);
        for (position, product) in products.into_iter().enumerate() {
            sum += interactions.weight(group * ROWS + position) * product * product;
        }
    }
    for (position, &index) in rest.iter().enumerate() {
        let [product] = kernel::products(simd, fixed.some(&[index]), row);
        sum += interactions.weight(groups.len() * ROWS + position) * product * product;
    }
    sum
}
