//! One row nearer to its optimum: conjugate gradients (Hestenes, Stiefel 1952) on `(α₀ HᵀH + Σ c h hᵀ + λ) w = Σ c h`,
//! from where the row is. Each step makes the loss smaller.

#![expect(
    clippy::inline_always,
    reason = "the processor's instructions are chosen where the kernel is entered"
)]

use pulp::{Simd, WithSimd};

use super::{Factors, Real, Row, half_step::Everybody, kernel};

/// Two come as close to the end of the whole training, iteration by iteration, as more do (ADR 16).
const STEPS: usize = 2;

/// So many rows of the other side are read at once.
const ROWS: usize = 4;

/// Moving one row. A closure would not do: only what is inlined gets the wide instructions.
pub(super) struct Descent<'a, T: Real> {
    pub(super) fixed: &'a Factors<T>,
    pub(super) interactions: Row<'a, T>,
    pub(super) everybody: &'a Everybody<T>,
    pub(super) regularization: T,
    pub(super) row: &'a mut [T],
    pub(super) scratch: &'a mut Scratch<T>,
}

/// Rows that belong to the row that is moved. A thread uses the memory again for its next one.
pub(super) struct Scratch<T> {
    /// What of the equations is a diagonal: `α₀ HᵀH + λ`.
    diagonal: Vec<T>,
    /// The inverse of a diagonal that is much like the equations.
    inverse: Vec<T>,
    /// What the equations lack.
    residual: Vec<T>,
    direction: Vec<T>,
    /// What the equations make of the direction, negative.
    image: Vec<T>,
}

impl<T: Real> Scratch<T> {
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

impl<T: Real> WithSimd for Descent<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (zero, one) = (T::default(), T::of(1.0));
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
        kernel::renew(simd, direction, zero, inverse, residual);
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
            // Else it is at the optimum.
            let length = if curvature > zero { size / curvature } else { zero };
            kernel::combine(simd, row, [length], [direction]);
            if step < STEPS {
                kernel::combine(simd, residual, [length], [image]);
                let next = kernel::squares(simd, inverse, residual);
                let ratio = if size > zero { next / size } else { zero };
                kernel::renew(simd, direction, ratio, inverse, residual);
                size = next;
            }
        }
    }
}

impl<T: Real> Descent<'_, T> {
    /// The diagonals of this row. Its interactions are taken for a part of everybody's, as large as their lengths say.
    #[inline(always)]
    fn prepare(&mut self) {
        let mut share = T::of(1.0);
        for (position, &index) in self.interactions.indices.iter().enumerate() {
            share += self.interactions.weight(position) * self.everybody.shares[index as usize];
        }
        let diagonals = self.scratch.diagonal.iter_mut().zip(&mut self.scratch.inverse);
        for ((diagonal, inverse), &number) in diagonals.zip(&self.everybody.gramian) {
            *diagonal = number + self.regularization;
            *inverse = T::of(1.0) / (share * number + self.regularization);
        }
    }
}

/// `to + Σ c (aim − h · row) h` over all interactions.
#[inline(always)]
fn add_errors<T: Real, S: Simd>(
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
fn squares<T: Real, S: Simd>(simd: S, fixed: &Factors<T>, interactions: Row<'_, T>, row: &[T]) -> T {
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
