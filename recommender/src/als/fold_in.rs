//! Somebody whom the training did not see, or who did something since: the exact factors for these interactions.

use faer::{
    Mat, Side,
    linalg::solvers::{Llt, Solve as _},
};

use super::{Factors, Real, gramian::gramian, half_step::Regularization};

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
        let (gramian, size) = (gramian(titles), titles.dimensions());
        Self {
            gramian: Mat::from_fn(size, size, |row, column| {
                regularization.unobserved_weight * gramian[(row, column)].as_f64()
            }),
            titles: titles.rows(),
            regularization,
        }
    }

    /// As [`Self::new`] found it: `α₀ HᵀH` row by row, for so many titles.
    #[must_use]
    pub fn of_gramian(gramian: &[f64], dimensions: usize, titles: usize, regularization: Regularization) -> Self {
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

    /// The factors of somebody with these interactions: the factors of each title, and its weight.
    #[must_use]
    pub fn solve<'a, T: Real>(&self, interactions: impl IntoIterator<Item = (&'a [T], f64)>) -> Vec<f64> {
        self.place(interactions).factors
    }

    /// The same, and what is needed to tell which interaction counts for what.
    #[must_use]
    pub fn place<'a, T: Real>(&self, interactions: impl IntoIterator<Item = (&'a [T], f64)>) -> Placed {
        let size = self.gramian.nrows();
        let mut hessian = self.gramian.clone();
        let mut right = Mat::<f64>::zeros(size, 1);
        let mut count = 0;
        for (title, weight) in interactions {
            count += 1;
            for (column, &factor) in title.iter().enumerate() {
                let scaled = weight * factor.as_f64();
                right[(column, 0)] += scaled;
                // The lower half is all that is read.
                let rows = &mut hessian.col_as_slice_mut(column)[column..];
                for (sum, &factor) in rows.iter_mut().zip(&title[column..]) {
                    *sum += scaled * factor.as_f64();
                }
            }
        }
        let regularization = self.regularization.of(count, self.titles);
        for row in 0..size {
            hessian[(row, row)] += regularization;
        }
        // It fails only without regularisation and without titles: then there is nothing to say of anybody.
        let decomposition = hessian.llt(Side::Lower).ok();
        let mut placed = Placed {
            factors: vec![0.0; size],
            decomposition,
        };
        placed.factors = placed.solve(right);
        placed
    }
}

/// Somebody's place among the factors.
#[derive(Debug, Clone)]
pub struct Placed {
    /// What the person would like, as factors.
    pub factors: Vec<f64>,
    decomposition: Option<Llt<f64>>,
}

impl Placed {
    /// `A⁻¹ h` for the factors of a title: its product with another title's factors, times the weight of an interaction with
    /// that one, is the part of that interaction in the title's score.
    #[must_use]
    pub fn influence<T: Real>(&self, title: &[T]) -> Vec<f64> {
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
