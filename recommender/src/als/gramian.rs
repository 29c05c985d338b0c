//! `HᵀH`: what all titles (or people) together say, whoever dealt with them.

use faer::{
    Accum, Par,
    linalg::matmul::matmul,
    mat::{MatMut, MatRef},
};
use pulp::Simd;
use rayon::prelude::*;

use super::{
    Factors, Real,
    kernel::{self, BLOCK, Equations, Vector},
};

/// So many rows are summed by one thread. Their sums are added in order, so that the bytes do not depend on the threads.
const ROWS: usize = 4096;

/// A symmetric matrix, as stripes: the columns of one block, row by row, so that each is read in order.
#[derive(Debug, Clone)]
pub(super) struct Gramian<T> {
    size: usize,
    stripes: Vec<Vector<T>>,
}

impl<T: Real> Gramian<T> {
    /// `scale · HᵀH`.
    pub(super) fn of(factors: &Factors<T>, scale: T) -> Self {
        let size = factors.stride();
        let parts: Vec<Vec<T>> = factors
            .numbers()
            .par_chunks(ROWS * size)
            .map(|chunk| {
                let rows = MatRef::from_row_major_slice(chunk, chunk.len() / size, size);
                let mut sum = vec![T::default(); size * size];
                let to = MatMut::from_row_major_slice_mut(&mut sum, size, size);
                matmul(to, Accum::Replace, rows.transpose(), rows, scale, Par::Seq);
                sum
            })
            .collect();
        let mut numbers = vec![T::default(); size * size];
        for part in parts {
            for (sum, number) in numbers.iter_mut().zip(part) {
                *sum += number;
            }
        }
        let rows = numbers.as_chunks().0.chunks_exact(size / BLOCK);
        let stripes = (0..size / BLOCK).flat_map(|block| rows.clone().map(move |row| row[block]));
        Self {
            size,
            stripes: stripes.collect(),
        }
    }

    /// A number of the matrix.
    pub(super) fn at(&self, row: usize, column: usize) -> T {
        self.stripes[column / BLOCK * self.size + row][column % BLOCK]
    }

    /// All numbers, in an order that depends on the size only.
    pub(super) fn numbers(&self) -> impl Iterator<Item = T> {
        self.stripes.iter().flatten().copied()
    }

    /// What a block's equations are without any interaction: `G + λ`, and the gradient of `row` under it.
    #[expect(
        clippy::inline_always,
        reason = "the processor's instructions are chosen where the kernel is entered"
    )]
    #[inline(always)]
    pub(super) fn equations<S: Simd>(&self, simd: S, block: usize, row: &[T], regularization: T) -> Equations<T> {
        let stripe = &self.stripes[block * self.size..][..self.size];
        let (mut hessian, mut gradient) = ([[T::default(); BLOCK]; BLOCK], [T::default(); BLOCK]);
        hessian.copy_from_slice(&stripe[block * BLOCK..][..BLOCK]);
        for (lane, row) in hessian.iter_mut().enumerate() {
            row[lane] += regularization;
        }
        kernel::combine(simd, &mut gradient, stripe, row);
        kernel::plus(
            simd,
            &mut gradient,
            regularization,
            T::lanes::<S>(kernel::block(row, block)),
        );
        Equations { hessian, gradient }
    }
}
