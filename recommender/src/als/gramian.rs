//! `HᵀH`: what all titles (or people) together say, whoever dealt with them.

use faer::{
    Accum, Mat, Par,
    linalg::matmul::matmul,
    mat::{MatMut, MatRef},
};
use rayon::prelude::*;

use super::{Factors, Real};

/// So many rows are summed by one thread. Their sums are added in order, so that the bytes do not depend on the threads.
const ROWS: usize = 4096;

/// `HᵀH`.
pub(super) fn gramian<T: Real>(factors: &Factors<T>) -> Mat<T> {
    let (size, stride) = (factors.dimensions(), factors.stride());
    let parts: Vec<Mat<T>> = factors
        .numbers()
        .par_chunks(ROWS * stride)
        .map(|chunk| {
            let rows = MatRef::from_row_major_slice(chunk, chunk.len() / stride, stride).subcols(0, size);
            let mut sum = Mat::zeros(size, size);
            matmul(&mut sum, Accum::Replace, rows.transpose(), rows, T::of(1.0), Par::Seq);
            sum
        })
        .collect();
    parts.into_iter().fold(Mat::zeros(size, size), |sum, part| sum + part)
}

/// The axes in which no factor of these rows says anything about another: there, `HᵀH` is a diagonal.
///
/// A product of two rows stays the same when both are turned, and so does the loss.
#[derive(Debug)]
pub(super) struct Axes<T> {
    turn: Mat<T>,
    /// The diagonal, filled up with zeros as rows are.
    pub(super) diagonal: Vec<T>,
}

impl<T: Real> Axes<T> {
    /// Those of a table.
    pub(super) fn of(factors: &Factors<T>) -> Self {
        let (size, mut diagonal) = (factors.dimensions(), vec![T::default(); factors.stride()]);
        let gramian = gramian(factors);
        // It fails for what is not a number only: then there is nothing to turn.
        let turn = match gramian.self_adjoint_eigen(faer::Side::Lower) {
            Ok(eigen) => {
                for (to, &value) in diagonal.iter_mut().zip(eigen.S().column_vector().iter()) {
                    *to = if value > T::default() { value } else { T::default() };
                }
                eigen.U().to_owned()
            }
            Err(_) => Mat::identity(size, size),
        };
        Self { turn, diagonal }
    }

    /// Turns every row.
    pub(super) fn turn(&self, factors: &mut Factors<T>) {
        const ROWS: usize = 256;
        let (size, stride) = (factors.dimensions(), factors.stride());
        let chunks = factors.numbers_mut().par_chunks_mut(ROWS * stride);
        chunks.for_each_init(Vec::new, |before, chunk| {
            before.clear();
            before.extend_from_slice(chunk);
            let rows = chunk.len() / stride;
            let before = MatRef::from_row_major_slice(before, rows, stride).subcols(0, size);
            let after = MatMut::from_row_major_slice_mut(chunk, rows, stride).subcols_mut(0, size);
            matmul(after, Accum::Replace, before, &self.turn, T::of(1.0), Par::Seq);
        });
    }
}
