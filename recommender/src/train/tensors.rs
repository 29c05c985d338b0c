//! All numbers of a model: factorises, projects what nobody watched yet, and lays everything out as `serve` reads it.

use super::{facts, neighbours, quantise};
use crate::als::{self, FoldIn, Interactions, Training, single, size};
use crate::artefact::{TOWER_BUCKETS, Tensors};
use crate::content::{ContentVector, Statistics};
use crate::document::Document;
use crate::tower;

/// With so many people behind them factors count as much as what the content suggests; with more they count more.
const TRUSTED: f64 = 3.0;

pub(crate) fn of(
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
        neighbours: neighbours::of(interactions),
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
    let titles = Training::new(interactions, hyperparameters).run().titles;
    let by_title = interactions.transposed();
    let watched = (0..titles.rows()).filter(|&title| !by_title.row(title).is_empty());
    tensors.tower = tower::train(
        watched.map(|title| (contents[title].view(), titles.row(title))),
        dimensions,
    );
    debug_assert_eq!(tensors.tower.len(), TOWER_BUCKETS * dimensions, "a row for each bucket");

    for (title, content) in contents.iter().enumerate() {
        let suggested = tower::project(&tensors.tower, dimensions, content.view());
        let people = size(by_title.row(title).len());
        let own = single(people / (people + TRUSTED));
        let blend = titles
            .row(title)
            .iter()
            .zip(suggested)
            .map(|(&factor, suggested)| own * factor + (1.0 - own) * suggested);
        tensors.factors.extend(blend);
    }
    // Who is placed later is placed among the factors that are served.
    let served = als::Factors::of(dimensions, &tensors.factors);
    tensors.gramian = FoldIn::new(&served, hyperparameters.regularization()).gramian();
    let codes = quantise::of(&tensors.factors, dimensions);
    (tensors.codes, tensors.code_scales) = (codes.bytes, codes.scales);
    (tensors.code_errors, tensors.code_lengths) = (codes.errors, codes.lengths);
}
