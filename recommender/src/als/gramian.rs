//! The Gramian `HᵀH` of all titles (or people), the part of the equations that is the same for every row of the other side.

use faer::{
    Accum, Mat, Par,
    linalg::matmul::matmul,
    mat::{MatMut, MatRef},
};
use rayon::prelude::*;

use super::{Factors, Scalar};

/// Rows that one thread sums. The sums are added in order, so that the result does not depend on the number of threads.
const ROWS: usize = 4096;

/// `HᵀH`.
pub(super) fn product<T: Scalar>(factors: &Factors<T>) -> Mat<T> {
    let (size, stride) = (factors.dimensions(), factors.stride());
    let parts: Vec<Mat<T>> = factors
        .numbers()
        .par_chunks(ROWS * stride)
        .map(|chunk| {
            let rows = MatRef::from_row_major_slice(chunk, chunk.len() / stride, stride).subcols(0, size);
            let mut sum = Mat::zeros(size, size);
            matmul(
                &mut sum,
                Accum::Replace,
                rows.transpose(),
                rows,
                T::from_f64(1.0),
                Par::Seq,
            );
            sum
        })
        .collect();
    parts.into_iter().fold(Mat::zeros(size, size), |sum, part| sum + part)
}

/// The axes in which `HᵀH` of these rows is a diagonal.
///
/// Rotating both sides to them changes neither the product of two rows nor the loss.
#[derive(Debug)]
pub(super) struct Axes<T> {
    rotation: Mat<T>,
    /// The diagonal of `HᵀH`, padded with zeros as rows are.
    pub(super) diagonal: Vec<T>,
}

impl<T: Scalar> Axes<T> {
    /// The axes of a table.
    pub(super) fn new(factors: &Factors<T>) -> Self {
        let (size, mut diagonal) = (factors.dimensions(), vec![T::default(); factors.stride()]);
        let gramian = product(factors);
        // It fails only for values that are not numbers: then there is no rotation.
        let rotation = match gramian.self_adjoint_eigen(faer::Side::Lower) {
            Ok(eigen) => {
                for (to, &value) in diagonal.iter_mut().zip(eigen.S().column_vector().iter()) {
                    *to = if value > T::default() { value } else { T::default() };
                }
                eigen.U().to_owned()
            }
            Err(_) => Mat::identity(size, size),
        };
        Self { rotation, diagonal }
    }

    /// Rotates every row.
    pub(super) fn rotate(&self, factors: &mut Factors<T>) {
        const ROWS: usize = 256;
        let (size, stride) = (factors.dimensions(), factors.stride());
        let chunks = factors.numbers_mut().par_chunks_mut(ROWS * stride);
        chunks.for_each_init(Vec::new, |before, chunk| {
            before.clear();
            before.extend_from_slice(chunk);
            let rows = chunk.len() / stride;
            let before = MatRef::from_row_major_slice(before, rows, stride).subcols(0, size);
            let after = MatMut::from_row_major_slice_mut(chunk, rows, stride).subcols_mut(0, size);
            matmul(
                after,
                Accum::Replace,
                before,
                &self.rotation,
                T::from_f64(1.0),
                Par::Seq,
            );
        });
    }
}

/// What all rows of the fixed side contribute to the equations of every moved row.
pub(super) struct Gramian<T> {
    /// α₀ · HᵀH, a diagonal.
    pub(super) diagonal: Vec<T>,
    /// The squared length of each row as a share of the sum over all rows, divided by α₀.
    pub(super) shares: Vec<T>,
}

impl<T: Scalar> Gramian<T> {
    /// Of rows that were rotated to their `axes`.
    pub(super) fn new(fixed: &Factors<T>, axes: &Axes<T>, unobserved_weight: T) -> Self {
        let diagonal: Vec<T> = axes.diagonal.iter().map(|&length| unobserved_weight * length).collect();
        let all: f64 = diagonal.iter().map(|number| number.as_f64()).sum();
        let share = |row: &[T]| {
            let square: f64 = row.iter().map(|number| number.as_f64().powi(2)).sum();
            T::from_f64(if all > 0.0 { square / all } else { 0.0 })
        };
        let shares = fixed.numbers().par_chunks(fixed.stride()).map(share).collect();
        Self { diagonal, shares }
    }
}
