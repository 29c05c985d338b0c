//! What is similar to a title, as it is kept: most alike first. The recommender is asked when a title is published; a title
//! that comes later finds its own place among those that it is like.

use kernel::id::TitleId;
use serde::{Deserialize, Serialize};

/// How many are kept.
pub const KEPT: usize = 12;

/// A title that is similar to another, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarTitle {
    /// The similar one.
    pub title_id: TitleId,
    /// A few words for people: `Also drama`.
    #[serde(default)]
    pub reason: String,
    /// How alike the two are, as the recommender counts it.
    #[serde(default)]
    pub score: f64,
}

/// What is kept once `newcomer` has its place in it; nothing if that changes nothing.
#[must_use]
pub fn with(kept: &[SimilarTitle], newcomer: &SimilarTitle) -> Option<Vec<SimilarTitle>> {
    let others = kept.iter().filter(|title| title.title_id != newcomer.title_id);
    let after = ranked(others.chain([newcomer]).cloned());

    (after != kept).then_some(after)
}

/// What is kept after a new `answer` of the recommender: that, and what came in since it was asked, when `seen` was kept.
#[must_use]
pub fn after(answer: &[SimilarTitle], seen: &[SimilarTitle], kept: &[SimilarTitle]) -> Vec<SimilarTitle> {
    let in_list = |list: &[SimilarTitle], title: &SimilarTitle| list.iter().any(|one| one.title_id == title.title_id);
    let since = kept
        .iter()
        .filter(|title| !in_list(seen, title) && !in_list(answer, title));

    ranked(answer.iter().chain(since).cloned())
}

/// Stable: of two that are alike the earlier one stays first.
fn ranked(titles: impl Iterator<Item = SimilarTitle>) -> Vec<SimilarTitle> {
    let mut titles: Vec<SimilarTitle> = titles.collect();
    titles.sort_by(|a, b| b.score.total_cmp(&a.score));
    titles.truncate(KEPT);

    titles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(number: u8, score: f64) -> SimilarTitle {
        SimilarTitle {
            title_id: format!("0192f7a4-6f0e-7cc2-b3a1-{number:012}").parse().unwrap(),
            reason: "Also drama".to_owned(),
            score,
        }
    }

    fn full() -> Vec<SimilarTitle> {
        (0..12)
            .map(|number| title(number, 1.0 - f64::from(number) / 20.0))
            .collect()
    }

    #[test]
    fn a_newcomer_stands_where_its_likeness_puts_it() {
        let kept = with(&full(), &title(99, 0.81)).unwrap();

        assert_eq!(kept[4], title(99, 0.81));
        assert_eq!(kept.len(), KEPT, "the one that is least alike makes room");
        assert_eq!(with(&[], &title(1, 0.2)).unwrap(), [title(1, 0.2)]);
    }

    #[test]
    fn a_newcomer_that_is_less_alike_than_all_changes_nothing() {
        assert_eq!(with(&full(), &title(99, 0.1)), None);
    }

    #[test]
    fn who_comes_twice_stands_once() {
        let kept = with(&full(), &title(99, 0.81)).unwrap();

        assert_eq!(with(&kept, &title(99, 0.81)), None);
        let moved = with(&kept, &title(99, 0.99)).unwrap();
        assert_eq!(moved[1], title(99, 0.99));
        assert_eq!(
            moved
                .iter()
                .filter(|one| one.title_id == title(99, 0.0).title_id)
                .count(),
            1
        );
    }

    #[test]
    fn a_new_answer_replaces_what_was_kept_but_not_who_came_since_it_was_asked() {
        let seen = [title(1, 0.9), title(2, 0.8)];
        let kept = [title(3, 0.95), title(1, 0.9), title(2, 0.8)];
        let answer = [title(4, 0.97), title(1, 0.5)];

        assert_eq!(
            after(&answer, &seen, &kept),
            [title(4, 0.97), title(3, 0.95), title(1, 0.5)]
        );
    }

    #[test]
    fn what_was_kept_before_there_were_scores_is_read() {
        let json = r#"{"title_id":"0192f7a4-6f0e-7cc2-b3a1-000000000001","reason":"Also drama"}"#;

        assert_eq!(serde_json::from_str::<SimilarTitle>(json).unwrap(), title(1, 0.0));
    }
}
