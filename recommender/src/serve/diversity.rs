//! Variety within a row: maximal marginal relevance (Carbonell, Goldstein 1998).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The weight of relevance against novelty (λ). Chosen by hand.
const RELEVANCE: f32 = 0.75;

/// Picks `count` titles, each by `λ · relevance − (1 − λ) · similarity to the most similar title before it`. `ranked` has titles
/// with scores, best first.
pub(super) fn diverse(
    ranked: &[(f32, usize)],
    count: usize,
    similarity: impl Fn(usize, usize) -> f32,
) -> Vec<(f32, usize)> {
    let most = ranked.first().map_or(0.0, |first| first.0);
    let least = ranked.last().map_or(0.0, |last| last.0);
    let span = (most - least).max(f32::EPSILON);
    let candidates = ranked.iter().enumerate().map(|(place, &(score, title))| Candidate {
        score,
        title,
        place,
        near: 0.0,
        compared: 0,
        value: RELEVANCE * (score - least) / span,
    });
    let mut left: BinaryHeap<Candidate> = candidates.collect();
    let mut picked: Vec<(f32, usize)> = Vec::new();
    while picked.len() < count
        && let Some(mut best) = left.pop()
    {
        // A comparison can only lower the value: a candidate that is not the best before it is not the best after it.
        if best.compared < picked.len() {
            for &(_, before) in &picked[best.compared..] {
                best.near = best.near.max(similarity(best.title, before));
            }
            best.compared = picked.len();
            best.value = RELEVANCE * (best.score - least) / span - (1.0 - RELEVANCE) * best.near;
            left.push(best);
        } else {
            picked.push((best.score, best.title));
        }
    }
    picked
}

struct Candidate {
    score: f32,
    title: usize,
    /// Its rank: of equal candidates the earlier one is picked.
    place: usize,
    /// The highest similarity to the first `compared` picks.
    near: f32,
    compared: usize,
    /// An upper bound.
    value: f32,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.total_cmp(&other.value).then(other.place.cmp(&self.place))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Candidate {}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_best_title_comes_first_and_its_twin_later() {
        let ranked = [(1.0, 0), (0.99, 1), (0.9, 2), (0.0, 3)];
        let twins = |left: usize, right: usize| if left + right == 1 { 1.0 } else { 0.0 };
        let titles: Vec<usize> = diverse(&ranked, 3, twins).into_iter().map(|(_, title)| title).collect();
        assert_eq!(titles, [0, 2, 1]);
    }

    /// The formula without shortcuts: every candidate is compared with every pick.
    fn compared_with_all(
        ranked: &[(f32, usize)],
        count: usize,
        similarity: impl Fn(usize, usize) -> f32,
    ) -> Vec<usize> {
        let (most, least) = (ranked[0].0, ranked[ranked.len() - 1].0);
        let span = (most - least).max(f32::EPSILON);
        let mut left = ranked.to_vec();
        let mut picked = Vec::new();
        while picked.len() < count && !left.is_empty() {
            let value = |&(score, title): &(f32, usize)| {
                let near = picked
                    .iter()
                    .map(|&before| similarity(title, before))
                    .fold(0.0, f32::max);
                RELEVANCE * (score - least) / span - (1.0 - RELEVANCE) * near
            };
            let best = (1..left.len()).fold(0, |best, place| {
                if value(&left[place]) > value(&left[best]) {
                    place
                } else {
                    best
                }
            });
            picked.push(left.remove(best).1);
        }
        picked
    }

    proptest! {
        #[test]
        fn skipped_comparisons_make_no_difference(
            scores in prop::collection::vec(0u8..9, 1..30),
            likeness in prop::collection::vec(0u8..=4, 30 * 30),
            count in 1usize..12,
        ) {
            let mut scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            scores.sort_by(|left, right| right.total_cmp(left));
            let ranked: Vec<(f32, usize)> = scores.into_iter().zip(0..).collect();
            let similarity = |left: usize, right: usize| f32::from(likeness[left * 30 + right]) / 4.0;
            let titles: Vec<usize> = diverse(&ranked, count, similarity).into_iter().map(|(_, title)| title).collect();
            prop_assert_eq!(titles, compared_with_all(&ranked, count, similarity));
        }
    }

    #[test]
    fn without_similar_titles_the_order_stays() {
        let ranked = [(3.0, 7), (2.0, 5), (1.0, 9)];
        assert_eq!(diverse(&ranked, 9, |_, _| 0.0), ranked);
        assert_eq!(diverse(&[], 9, |_, _| 0.0), []);
    }
}
