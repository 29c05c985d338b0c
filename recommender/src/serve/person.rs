//! The taste that follows from a person's actions.

use fnv::FnvHashSet;
use recommender_protocol::{Action, Person};

use super::candidates::CandidateSet;
use super::top_k::dot;
use crate::als::{Solution, to_f32};
use crate::watched;

const SECONDS_PER_DAY: f64 = 86_400.0;
/// The age in days at which an action counts half.
const HALF_LIFE_DAYS: f64 = 90.0;
/// Actions with less weight, relative to the newest one, are ignored.
const MIN_WEIGHT: f32 = 1e-6;

/// How much an action says that the person likes the title.
fn weight(action: &Action) -> f64 {
    watched::weight(action.watched_share) + if action.liked { 1.0 } else { 0.0 }
}

/// What a person's actions say about the titles of a candidate set.
pub(super) struct Taste {
    /// Titles with weights, the heaviest first.
    pub(super) liked: Vec<(usize, f32)>,
    /// Liked titles that the model does not know, each with its share of the total weight.
    unknown_liked: Vec<(usize, f32)>,
    less: Vec<usize>,
    /// The titles of all actions, by index.
    pub(super) known: FnvHashSet<usize>,
    pub(super) hidden: FnvHashSet<usize>,
    /// The person's factors with their attribution, if the model has factors.
    solution: Option<Solution>,
    pub(super) factors: Vec<f32>,
}

impl Taste {
    pub(super) fn new(person: &Person, set: &CandidateSet<'_>) -> Self {
        let found = person.actions.iter().map(|action| (action, set.find(&action.title_id)));
        let actions: Vec<(&Action, usize)> = found.filter_map(|(action, title)| Some((action, title?))).collect();
        let counting = actions
            .iter()
            .filter(|(action, _)| weight(action) > 0.0 && !action.less);
        let newest = counting.map(|(action, _)| action.at).max();
        let mut liked = Vec::new();
        let mut less = Vec::new();
        let mut known = FnvHashSet::default();
        for (action, title) in actions {
            known.insert(title);
            let age = newest.map_or(0.0, |newest| {
                newest.duration_since(action.at).as_secs_f64() / SECONDS_PER_DAY
            });
            let weight = to_f32(weight(action) * (-age / HALF_LIFE_DAYS).exp2());
            if action.less {
                less.push(title);
            } else if weight >= MIN_WEIGHT {
                liked.push((title, weight));
            }
        }
        liked.sort_by(|left, right| right.1.total_cmp(&left.1));
        let total: f32 = liked.iter().map(|(_, weight)| weight).sum();
        let unknown = |title| set.model.fold_in().is_none() || set.is_unknown(title);
        let unknown_liked = liked.iter().filter(|(title, _)| unknown(*title));
        let unknown_liked = unknown_liked.map(|&(title, weight)| (title, weight / total)).collect();
        let hidden = person.hidden.iter().filter_map(|id| set.find(id)).collect();

        let solution = set.model.fold_in().filter(|_| !liked.is_empty()).map(|fold_in| {
            fold_in.solve_with_influence(
                liked
                    .iter()
                    .map(|&(title, weight)| (set.factors(title), f64::from(weight))),
            )
        });
        let factors = solution.as_ref().map_or_else(Vec::new, |solution| {
            solution.factors.iter().map(|&factor| to_f32(factor)).collect()
        });
        Self {
            liked,
            unknown_liked,
            less,
            known,
            hidden,
            solution,
            factors,
        }
    }

    /// How much the person would like a title: by their factors, plus its content similarity to the liked titles that the model
    /// does not know.
    pub(super) fn score(&self, set: &CandidateSet<'_>, title: usize) -> f32 {
        dot(&self.factors, set.factors(title)) + self.similarity_to_unknown(set, title)
    }

    /// The similarity of a title to the liked titles that the model does not know.
    pub(super) fn similarity_to_unknown(&self, set: &CandidateSet<'_>, title: usize) -> f32 {
        let similarities = self
            .unknown_liked
            .iter()
            .map(|&(liked, part)| part * content_similarity(set, liked, title));
        similarities.sum()
    }

    /// How similar a title is to those of which the person wants less.
    pub(super) fn penalty(&self, set: &CandidateSet<'_>, title: usize) -> f32 {
        let similarities = self.less.iter().map(|&less| content_similarity(set, less, title));
        similarities.fold(0.0, f32::max)
    }

    /// The liked title with the largest part in another title's score. For factors, that part is defined by Hu, Koren, Volinsky
    /// 2008, section 5.
    pub(super) fn because(&self, set: &CandidateSet<'_>, title: usize) -> Option<usize> {
        let influence = self.solution.as_ref().map_or_else(Vec::new, |solution| {
            let influence = solution.influence(set.factors(title));
            influence.into_iter().map(to_f32).collect()
        });
        let parts = self.liked.iter().map(|&(liked, weight)| {
            let unknown = self.unknown_liked.iter().find(|(title, _)| *title == liked);
            let similarity = unknown.map_or(0.0, |(_, part)| part * content_similarity(set, liked, title));
            (weight * dot(&influence, set.factors(liked)) + similarity, liked)
        });
        let best = parts.max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)))?;
        (best.0 > 0.0).then_some(best.1)
    }
}

/// The content similarity of two titles.
pub(super) fn content_similarity(set: &CandidateSet<'_>, left: usize, right: usize) -> f32 {
    set.content(left).likeness(set.content(right)).score
}
