//! Matrix factorisation of implicit feedback by alternating least squares: iALS (Hu, Koren, Volinsky 2008) with the
//! frequency-scaled regularisation of Rendle et al. 2021, by a few conjugate gradient steps for each row (Takács, Pilászy,
//! Tikk 2011), in axes in which the part of all unobserved pairs is a diagonal.
//!
//! README.md quotes the loss and the sources. The result depends on the data, the hyperparameters and the seed, not on
//! the number of threads.

mod conjugate_gradient;
mod factors;
mod fold_in;
mod gramian;
mod half_step;
mod interactions;
mod kernel;
mod loss;
mod memory;
mod scalar;

use self::half_step::HalfStep;
pub(crate) use self::scalar::{to_f32, to_f64};
pub use self::{
    factors::Factors,
    fold_in::{FoldIn, Solution},
    half_step::Regularization,
    interactions::{Interactions, Row},
    loss::loss,
    scalar::Scalar,
};

/// What the loss and the search for its minimum depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hyperparameters {
    /// How many numbers describe a person or a title (d).
    pub dimensions: usize,
    /// How often the people and then the titles are solved for.
    pub iterations: usize,
    /// The weight of an unobserved pair relative to an observed one (α₀).
    pub unobserved_weight: f64,
    /// Strength of the regularisation (λ).
    pub regularization: f64,
    /// How the regularisation grows with the number of interactions (ν): 0 not at all, 1 in proportion.
    pub frequency_exponent: f64,
    /// Spread of the first random factors (σ*), divided by √d.
    pub initial_spread: f64,
    /// Seed of the random factors.
    pub seed: u64,
}

/// People and titles, described by the same number of factors: their product predicts how much a person likes a title.
#[derive(Debug, Clone, PartialEq)]
pub struct Factorization<T: Scalar> {
    /// A row for each person.
    pub people: Factors<T>,
    /// A row for each title.
    pub titles: Factors<T>,
}

/// An ongoing training.
#[derive(Debug)]
pub struct Training<'a, T: Scalar> {
    by_person: &'a Interactions<T>,
    by_title: Interactions<T>,
    hyperparameters: Hyperparameters,
    factors: Factorization<T>,
}

impl<'a, T: Scalar> Training<'a, T> {
    /// Starts from random factors. A row of `by_person` is a person, a column a title.
    #[must_use]
    pub fn new(by_person: &'a Interactions<T>, hyperparameters: Hyperparameters) -> Self {
        let by_title = by_person.transposed();
        let Hyperparameters {
            dimensions,
            initial_spread,
            seed,
            ..
        } = hyperparameters;
        let random = |rows, stream| Factors::random(rows, dimensions, initial_spread, (seed, stream));
        let factors = Factorization {
            people: random(by_person.rows(), 0),
            titles: random(by_title.rows(), 1),
        };
        Self {
            by_person,
            by_title,
            hyperparameters,
            factors,
        }
    }

    /// Solves once for all people, then once for all titles.
    pub fn iterate(&mut self) {
        let regularization = self.hyperparameters.regularization();
        let Factorization { people, titles } = &mut self.factors;
        HalfStep::new(self.by_person, titles, people, regularization).solve(people);
        HalfStep::new(&self.by_title, people, titles, regularization).solve(titles);
    }

    /// The factors so far.
    #[must_use]
    pub fn factors(&self) -> &Factorization<T> {
        &self.factors
    }

    /// The loss of the current factors. Every iteration reduces it, until it converges.
    #[must_use]
    pub fn loss(&self) -> f64 {
        loss(self.by_person, &self.by_title, &self.factors, &self.hyperparameters)
    }

    /// Runs all iterations.
    #[must_use]
    pub fn run(mut self) -> Factorization<T> {
        for _ in 0..self.hyperparameters.iterations {
            self.iterate();
        }
        self.factors
    }
}

/// Runs a whole training in single precision. It is not generic, so that programs which call it do not compile the training again.
#[must_use]
pub fn factorise(by_person: &Interactions<f32>, hyperparameters: Hyperparameters) -> Factorization<f32> {
    Training::new(by_person, hyperparameters).run()
}

impl Hyperparameters {
    /// Strength and shape of the regularisation.
    #[must_use]
    pub fn regularization(&self) -> Regularization {
        Regularization {
            strength: self.regularization,
            exponent: self.frequency_exponent,
            unobserved_weight: self.unobserved_weight,
        }
    }
}

#[cfg(test)]
mod tests;
