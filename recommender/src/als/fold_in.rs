//! Exact factors for a person whom the training did not see, or who interacted with more titles since.

use faer::{
    Mat, Side,
    linalg::solvers::{Llt, Solve as _},
};

use super::{Factors, Scalar, gramian::product, half_step::Regularization};

/// Solves for one person at a time while the titles' factors stay fixed, in double precision.
#[derive(Debug, Clone)]
pub struct FoldIn {
    /// α₀ · HᵀH
    gramian: Mat<f64>,
    titles: usize,
    regularization: Regularization,
}

impl FoldIn {
    /// For titles with these factors.
    #[must_use]
    pub fn new<T: Scalar>(titles: &Factors<T>, regularization: Regularization) -> Self {
        let (gramian, size) = (product(titles), titles.dimensions());
        Self {
            gramian: Mat::from_fn(size, size, |row, column| {
                regularization.unobserved_weight * gramian[(row, column)].as_f64()
            }),
            titles: titles.rows(),
            regularization,
        }
    }

    /// From `α₀ HᵀH` row by row, as [`Self::gramian`] gives it, for this number of titles.
    #[must_use]
    pub fn from_gramian(gramian: &[f64], dimensions: usize, titles: usize, regularization: Regularization) -> Self {
        Self {
            gramian: Mat::from_fn(dimensions, dimensions, |row, column| gramian[row * dimensions + column]),
            titles,
            regularization,
        }
    }

    /// `α₀ HᵀH` row by row.
    #[must_use]
    pub fn gramian(&self) -> Vec<f64> {
        let size = self.gramian.nrows();
        (0..size)
            .flat_map(|row| (0..size).map(move |column| (row, column)))
            .map(|place| self.gramian[place])
            .collect()
    }

    /// The factors of a person with these interactions: the factors of each title, and its weight.
    #[must_use]
    pub fn solve<'a, T: Scalar>(&self, interactions: impl IntoIterator<Item = (&'a [T], f64)>) -> Vec<f64> {
        self.solve_with_influence(interactions).factors
    }

    /// The same, with what is needed to attribute a score to single interactions.
    #[must_use]
    pub fn solve_with_influence<'a, T: Scalar>(
        &self,
        interactions: impl IntoIterator<Item = (&'a [T], f64)>,
    ) -> Solution {
        let size = self.gramian.nrows();
        let mut hessian = self.gramian.clone();
        let mut right = Mat::<f64>::zeros(size, 1);
        let mut count = 0;
        for (title, weight) in interactions {
            count += 1;
            for (column, &factor) in title.iter().enumerate() {
                let scaled = weight * factor.as_f64();
                right[(column, 0)] += scaled;
                // The decomposition reads the lower half only.
                let rows = &mut hessian.col_as_slice_mut(column)[column..];
                for (sum, &factor) in rows.iter_mut().zip(&title[column..]) {
                    *sum += scaled * factor.as_f64();
                }
            }
        }
        let regularization = self.regularization.for_row(count, self.titles);
        for row in 0..size {
            hessian[(row, row)] += regularization;
        }
        // It fails only without regularisation and without titles: then all factors are zero.
        let decomposition = hessian.llt(Side::Lower).ok();
        let mut solution = Solution {
            factors: vec![0.0; size],
            decomposition,
        };
        solution.factors = solution.solve(right);
        solution
    }
}

/// A person's factors, and the decomposed equations that gave them.
#[derive(Debug, Clone)]
pub struct Solution {
    /// The person's factors.
    pub factors: Vec<f64>,
    decomposition: Option<Llt<f64>>,
}

impl Solution {
    /// `A⁻¹ h` for the factors of a title: its product with another title's factors, times the weight of an interaction with
    /// that one, is the part of that interaction in the title's score.
    #[must_use]
    pub fn influence<T: Scalar>(&self, title: &[T]) -> Vec<f64> {
        self.solve(Mat::from_fn(title.len(), 1, |row, _| title[row].as_f64()))
    }

    fn solve(&self, right: Mat<f64>) -> Vec<f64> {
        let size = right.nrows();
        match &self.decomposition {
            Some(decomposition) => {
                let solved = decomposition.solve(right);
                (0..size).map(|row| solved[(row, 0)]).collect()
            }
            None => vec![0.0; size],
        }
    }
}
