//! All numbers of a model: factorises, projects what nobody watched yet, and lays everything out as `serve` reads it.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::{neighbours, quantise};
use crate::als::{self, FoldIn, Interactions, Training, single, size};
use crate::artefact::{TOWER_BUCKETS, Tensors};
use crate::content::{ContentVector, Statistics};
use crate::document::Document;
use crate::model::UNKNOWN;
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
    let published: Vec<i64> = titles
        .iter()
        .map(|title| title.published_at.map_or(UNKNOWN, Timestamp::as_second))
        .collect();
    let newer = |left: usize, right: usize| published[right].cmp(&published[left]);
    let more_watched = |left: usize, right: usize| popularity[right].total_cmp(&popularity[left]);
    let mut tensors = Tensors {
        by_popularity: ordered(titles.len(), |left, right| {
            more_watched(left, right).then_with(|| newer(left, right))
        }),
        by_age: ordered(titles.len(), newer),
        creators: titles.iter().map(|title| title.creator().unwrap_or_default()).collect(),
        popularity,
        published,
        frequencies: statistics.frequencies().to_vec(),
        content_starts: vec![0],
        neighbours: neighbours::of(interactions),
        ..Tensors::default()
    };
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

/// The titles' numbers in an order; of equals the lower number first.
#[expect(
    clippy::cast_possible_truncation,
    reason = "an index of titles has 32 bits everywhere"
)]
fn ordered(titles: usize, order: impl Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut numbers: Vec<usize> = (0..titles).collect();
    numbers.sort_by(|&left, &right| order(left, right));
    numbers.into_iter().map(|number| number as u32).collect()
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
