//! Searches for the hyperparameters that rank best for the validation people: changes one at a time, around the best so far.

use tracing::info;

use crate::{
    als::{Hyperparameters, Interactions},
    evaluate::{HeldOut, Quality, evaluate},
    recommend::Recommender,
};

/// The start of the search: good values for the validation people of MovieLens latest-small.
const START: Hyperparameters = Hyperparameters {
    dimensions: 64,
    iterations: 16,
    unobserved_weight: 0.1,
    regularization: 0.01,
    frequency_exponent: 1.0,
    initial_spread: 0.1,
    seed: 1,
};
/// How often the search passes over all hyperparameters.
const ROUNDS: usize = 2;
/// A search with more interactions takes long and finds little more: it uses a sample of the people.
const MAX_INTERACTIONS: usize = 2_000_000;
/// More people make the metrics no steadier than the choice needs.
const MAX_PEOPLE: usize = 3_000;

/// A change of one hyperparameter.
#[derive(Clone, Copy)]
enum Change {
    UnobservedWeightBy(f64),
    RegularizationBy(f64),
    Dimensions(usize),
    FrequencyExponent(f64),
}

/// The changes that are tried, hyperparameter by hyperparameter.
const CHANGES: [&[Change]; 4] = {
    use Change::{Dimensions, FrequencyExponent, RegularizationBy, UnobservedWeightBy};
    [
        &[
            UnobservedWeightBy(0.25),
            UnobservedWeightBy(0.5),
            UnobservedWeightBy(2.0),
            UnobservedWeightBy(4.0),
        ],
        &[
            RegularizationBy(0.25),
            RegularizationBy(0.5),
            RegularizationBy(2.0),
            RegularizationBy(4.0),
        ],
        &[Dimensions(32), Dimensions(64), Dimensions(128), Dimensions(256)],
        &[FrequencyExponent(0.5), FrequencyExponent(1.0)],
    ]
};

impl Change {
    fn apply(self, mut hyperparameters: Hyperparameters) -> Hyperparameters {
        match self {
            Self::UnobservedWeightBy(factor) => hyperparameters.unobserved_weight *= factor,
            Self::RegularizationBy(factor) => hyperparameters.regularization *= factor,
            Self::Dimensions(dimensions) => hyperparameters.dimensions = dimensions,
            Self::FrequencyExponent(exponent) => hyperparameters.frequency_exponent = exponent,
        }
        hyperparameters
    }
}

/// The hyperparameters with the best ranking for the validation people.
pub(super) fn search(titles: usize, train: &[Vec<u32>], validation: &[HeldOut]) -> Hyperparameters {
    let known: usize = train.iter().map(Vec::len).sum();
    let sample = sampled(train, known, MAX_INTERACTIONS);
    let interactions = Interactions::from_rows(titles, &sample);
    let people = sampled(validation, validation.len(), MAX_PEOPLE);
    let mut seen = Vec::new();
    let mut try_out = |tried: Hyperparameters| {
        if seen.contains(&tried) {
            return f64::NEG_INFINITY;
        }
        seen.push(tried);
        let quality = quality(&interactions, tried, &people);
        info!(
            ?tried,
            ndcg = quality.ndcg_at_100,
            recall = quality.recall_at_50,
            "tried"
        );
        // Few people make noisy metrics: the sum of two is steadier than either.
        quality.ndcg_at_100 + quality.recall_at_50
    };

    let (mut best, mut value) = (START, try_out(START));
    for _ in 0..ROUNDS {
        let before = best;
        for changes in CHANGES {
            let around = best;
            for change in changes {
                let tried = change.apply(around);
                let new = try_out(tried);
                if new > value {
                    (best, value) = (tried, new);
                }
            }
        }
        if best == before {
            break;
        }
    }
    best
}

/// Every n-th element, so that about `max` of the summed `size` are left.
fn sampled<T: Clone>(all: &[T], size: usize, max: usize) -> Vec<T> {
    all.iter().step_by(size.div_ceil(max).max(1)).cloned().collect()
}

fn quality(interactions: &Interactions<f32>, tried: Hyperparameters, people: &[HeldOut]) -> Quality {
    let recommender = Recommender::train(interactions, tried);
    evaluate(people, &vec![0.0; interactions.columns()], |known| {
        recommender.rank(known)
    })
}
