//! Rows that are not twelve times the same: maximal marginal relevance (Carbonell, Goldstein 1998).

/// What relevance counts beside novelty (λ). Ours, chosen by hand.
const RELEVANCE: f32 = 0.75;

/// Picks `count` titles, each by `λ · relevance − (1 − λ) · likeness to the most alike of those before it`. `ranked` has
/// titles with scores, best first.
pub(super) fn diverse(ranked: &[(f32, usize)], count: usize, alike: impl Fn(usize, usize) -> f32) -> Vec<(f32, usize)> {
    let most = ranked.first().map_or(0.0, |first| first.0);
    let least = ranked.last().map_or(0.0, |last| last.0);
    let span = (most - least).max(f32::EPSILON);
    // (score, title, likeness to the most alike of the picked)
    let mut left: Vec<(f32, usize, f32)> = ranked.iter().map(|&(score, title)| (score, title, 0.0)).collect();
    let mut picked = Vec::new();
    while picked.len() < count && !left.is_empty() {
        let worth =
            |(score, _, near): &(f32, usize, f32)| RELEVANCE * (score - least) / span - (1.0 - RELEVANCE) * near;
        let mut best = 0;
        for place in 1..left.len() {
            if worth(&left[place]) > worth(&left[best]) {
                best = place;
            }
        }
        let (score, title, _) = left.remove(best);
        picked.push((score, title));
        for (_, other, near) in &mut left {
            *near = near.max(alike(*other, title));
        }
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_comes_first_and_its_double_later() {
        let ranked = [(1.0, 0), (0.99, 1), (0.9, 2), (0.0, 3)];
        let twins = |left: usize, right: usize| if left + right == 1 { 1.0 } else { 0.0 };
        let titles: Vec<usize> = diverse(&ranked, 3, twins).into_iter().map(|(_, title)| title).collect();
        assert_eq!(titles, [0, 2, 1]);
    }

    #[test]
    fn where_nothing_is_alike_the_order_stays() {
        let ranked = [(3.0, 7), (2.0, 5), (1.0, 9)];
        assert_eq!(diverse(&ranked, 9, |_, _| 0.0), ranked);
        assert_eq!(diverse(&[], 9, |_, _| 0.0), []);
    }
}
