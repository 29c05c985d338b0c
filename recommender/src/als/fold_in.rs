//! Somebody whom the training did not see, or who did something since: the exact factors for these interactions.

use faer::{Mat, Side, linalg::solvers::Solve as _};

use super::{Factors, Gramian, Real, half_step::Regularization};

/// Solves for single rows while titles stay. In double precision, as it is done for one person at a time.
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
    pub fn new<T: Real>(titles: &Factors<T>, regularization: Regularization) -> Self {
        let gramian = Gramian::of(titles, T::of(regularization.unobserved_weight));
        let size = titles.dimensions();
        Self {
            gramian: Mat::from_fn(size, size, |row, column| gramian.at(row, column).as_f64()),
            titles: titles.rows(),
            regularization,
        }
    }

    /// The factors of somebody with these interactions: the factors of each title, and its weight.
    #[must_use]
    pub fn solve<'a, T: Real>(&self, interactions: impl IntoIterator<Item = (&'a [T], f64)>) -> Vec<f64> {
        let size = self.gramian.nrows();
        let mut hessian = self.gramian.clone();
        let mut right = Mat::<f64>::zeros(size, 1);
        let mut count = 0;
        for (title, weight) in interactions {
            count += 1;
            for row in 0..size {
                let scaled = weight * title[row].as_f64();
                right[(row, 0)] += scaled;
                for column in 0..=row {
                    hessian[(row, column)] += scaled * title[column].as_f64();
                }
            }
        }
        let regularization = self.regularization.of(count, self.titles);
        for row in 0..size {
            hessian[(row, row)] += regularization;
        }
        match hessian.llt(Side::Lower) {
            Ok(decomposition) => {
                let solved = decomposition.solve(right);
                (0..size).map(|row| solved[(row, 0)]).collect()
            }
            // Without regularisation and without titles there is nothing to say of anybody.
            Err(_) => vec![0.0; size],
        }
    }
}
