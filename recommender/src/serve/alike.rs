//! How alike two titles are: by what their people say (factors), by what is said about them, and by being watched together.

use std::collections::HashMap;

use super::person::likeness;
use super::pool::Pool;
use super::top::dot;

/// Parts of the three. Before the first training there is only the second.
const BY_FACTORS: f32 = 0.5;
const BY_CONTENT: f32 = 0.5;
const BY_COMPANY: f32 = 0.3;

/// A title, for comparing others with it.
pub(super) struct Alike<'a> {
    pool: &'a Pool<'a>,
    title: usize,
    /// The titles that are watched by the same people: 1 for the closest, and less with each place.
    company: HashMap<usize, f32>,
}

impl<'a> Alike<'a> {
    pub(super) fn of(pool: &'a Pool<'a>, title: usize) -> Self {
        let model = pool.model;
        let closest = model
            .find(pool.id(title))
            .into_iter()
            .flat_map(|own| model.neighbours(own));
        let company = closest
            .zip(1u16..)
            .filter_map(|(other, place)| Some((pool.find(model.id(other))?, 1.0 / f32::from(place))))
            .collect();
        Self { pool, title, company }
    }

    /// Whether the same people watch both.
    pub(super) fn is_company(&self, other: usize) -> bool {
        self.company.contains_key(&other)
    }

    pub(super) fn company(&self) -> impl Iterator<Item = usize> {
        self.company.keys().copied()
    }

    pub(super) fn score(&self, other: usize) -> f32 {
        let content = likeness(self.pool, self.title, other);
        let (factors, others) = (self.pool.factors(self.title), self.pool.factors(other));
        if factors.is_empty() || others.is_empty() {
            return content;
        }
        let together = self.company.get(&other).copied().unwrap_or_default();
        BY_FACTORS * cosine(factors, others) + BY_CONTENT * content + BY_COMPANY * together
    }
}

pub(super) fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let lengths = (dot(left, left) * dot(right, right)).sqrt();
    if lengths > 0.0 { dot(left, right) / lengths } else { 0.0 }
}
