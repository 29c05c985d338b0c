//! The similarity of two titles: of their factors, of their content, and by how often the same people watch both.

use std::collections::HashMap;

use super::candidates::CandidateSet;
use super::person::content_similarity;
use super::top_k::dot;

/// Weights of the three. Before the first training there is only content.
const BY_FACTORS: f32 = 0.5;
const BY_CONTENT: f32 = 0.5;
const BY_CO_WATCHING: f32 = 0.3;

/// Compares titles with one title.
pub(super) struct Similarity<'a> {
    set: &'a CandidateSet<'a>,
    title: usize,
    /// The co-watched titles: 1 for the closest, less with each place.
    co_watched: HashMap<usize, f32>,
}

impl<'a> Similarity<'a> {
    pub(super) fn new(set: &'a CandidateSet<'a>, title: usize) -> Self {
        let model = set.model;
        let closest = model
            .find(set.id(title))
            .into_iter()
            .flat_map(|own| model.neighbours(own));
        let co_watched = closest
            .zip(1u16..)
            .filter_map(|(other, place)| Some((set.find(model.id(other))?, 1.0 / f32::from(place))))
            .collect();
        Self { set, title, co_watched }
    }

    /// Whether enough people watched both.
    pub(super) fn is_co_watched(&self, other: usize) -> bool {
        self.co_watched.contains_key(&other)
    }

    pub(super) fn co_watched(&self) -> impl Iterator<Item = usize> {
        self.co_watched.keys().copied()
    }

    pub(super) fn score(&self, other: usize) -> f32 {
        let content = content_similarity(self.set, self.title, other);
        let (factors, others) = (self.set.factors(self.title), self.set.factors(other));
        if factors.is_empty() || others.is_empty() {
            return content;
        }
        let together = self.co_watched.get(&other).copied().unwrap_or_default();
        BY_FACTORS * cosine(factors, others) + BY_CONTENT * content + BY_CO_WATCHING * together
    }
}

pub(super) fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let lengths = (dot(left, left) * dot(right, right)).sqrt();
    if lengths > 0.0 { dot(left, right) / lengths } else { 0.0 }
}
