//! The loss that the training minimises.

use super::{Factorization, Hyperparameters, Interactions, Scalar, gramian::product};

/// `Σ over interactions of c (1 − ŷ)² + α₀ Σ over all pairs of ŷ² + Σ over rows of λ_row |row|²`, in double precision.
#[must_use]
pub fn loss<T: Scalar>(
    by_person: &Interactions<T>,
    by_title: &Interactions<T>,
    factors: &Factorization<T>,
    hyperparameters: &Hyperparameters,
) -> f64 {
    let Factorization { people, titles } = factors;
    let mut observed = 0.0;
    for person in 0..by_person.rows() {
        for (title, weight) in by_person.row(person).iter() {
            let pairs = people.row(person).iter().zip(titles.row(title));
            let prediction: f64 = pairs.map(|(left, right)| left.as_f64() * right.as_f64()).sum();
            observed += weight.as_f64() * (1.0 - prediction).powi(2);
        }
    }

    // Σ ŷ² over all pairs is the product of the two Gramians, number by number.
    let (left, right) = (product(people), product(titles));
    let mut everything = 0.0;
    for (row, column) in (0..left.nrows()).flat_map(|row| (0..left.ncols()).map(move |column| (row, column))) {
        everything += left[(row, column)].as_f64() * right[(row, column)].as_f64();
    }

    let regularization = hyperparameters.regularization();
    let sized = |interactions: &Interactions<T>, factors: &super::Factors<T>| -> f64 {
        (0..interactions.rows())
            .map(|row| {
                let squares: f64 = factors.row(row).iter().map(|number| number.as_f64().powi(2)).sum();
                regularization.for_row(interactions.row(row).len(), interactions.columns()) * squares
            })
            .sum()
    };
    observed + hyperparameters.unobserved_weight * everything + sized(by_person, people) + sized(by_title, titles)
}
