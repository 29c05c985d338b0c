//! Computes all arrays of a model: factors, content factors of titles without viewers, and the orders that `serve` reads.

use super::{facts, neighbours, quantise};
use crate::als::{self, FoldIn, Interactions, to_f32, to_f64};
use crate::artefact::{TOWER_BUCKETS, Tensors};
use crate::content::{ContentVector, Statistics};
use crate::document::Document;
use crate::tower;

/// The number of viewers at which a title's trained factors weigh as much as its content factors.
const PRIOR_PEOPLE: f64 = 3.0;

pub(crate) fn build(
    titles: &[Document],
    contents: &[ContentVector],
    statistics: &Statistics<'_>,
    popularity: Vec<f32>,
    interactions: &Interactions<f32>,
    hyperparameters: als::Hyperparameters,
) -> Tensors {
    let mut tensors = Tensors {
        popularity,
        frequencies: statistics.frequencies().to_vec(),
        content_starts: vec![0],
        neighbours: neighbours::find(interactions),
        audience_starts: vec![0],
        ..Tensors::default()
    };
    facts::add(&mut tensors, titles);
    for unit in contents.iter().flat_map(|content| content.view().units()) {
        tensors.content_features.extend_from_slice(unit.features);
        tensors.content_values.extend_from_slice(unit.values);
        tensors.content_starts.push(tensors.content_features.len() as u64);
    }
    if interactions.is_empty() {
        tensors.code_scales = vec![1.0; titles.len()];
        tensors.code_errors = vec![0.0; titles.len()];
        tensors.code_lengths = vec![0.0; titles.len()];
        return tensors;
    }
    factorise(&mut tensors, contents, interactions, hyperparameters);
    tensors
}

fn factorise(
    tensors: &mut Tensors,
    contents: &[ContentVector],
    interactions: &Interactions<f32>,
    hyperparameters: als::Hyperparameters,
) {
    let dimensions = hyperparameters.dimensions;
    let titles = als::factorise(interactions, hyperparameters).titles;
    let by_title = interactions.transposed();
    let watched = (0..titles.rows()).filter(|&title| !by_title.row(title).is_empty());
    tensors.tower = tower::train(
        watched.map(|title| (contents[title].view(), titles.row(title))),
        dimensions,
    );
    debug_assert_eq!(tensors.tower.len(), TOWER_BUCKETS * dimensions, "a row for each bucket");

    for (title, content) in contents.iter().enumerate() {
        let suggested = tower::project(&tensors.tower, dimensions, content.view());
        let people = to_f64(by_title.row(title).len());
        let own = to_f32(people / (people + PRIOR_PEOPLE));
        let blend = titles
            .row(title)
            .iter()
            .zip(suggested)
            .map(|(&factor, suggested)| own * factor + (1.0 - own) * suggested);
        tensors.factors.extend(blend);
    }
    // People are folded in against the served factors.
    let served = als::Factors::from_rows(dimensions, &tensors.factors);
    tensors.gramian = FoldIn::new(&served, hyperparameters.regularization()).gramian();
    let codes = quantise::encode(&tensors.factors, dimensions);
    (tensors.codes, tensors.code_scales) = (codes.bytes, codes.scales);
    (tensors.code_errors, tensors.code_lengths) = (codes.errors, codes.lengths);
}
