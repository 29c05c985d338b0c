//! The similar titles of a title, most similar first. The recommender is asked when a title is published; a title that is
//! published later is inserted into the similar titles of others.

use kernel::id::TitleId;
use serde::{Deserialize, Serialize};

/// How many similar titles a title has at most.
pub const MAX_SIMILAR_TITLES: usize = 12;

/// A title that is similar to another, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarTitle {
    /// The similar title.
    pub title_id: TitleId,
    /// A few words for people: `Also drama`.
    #[serde(default)]
    pub reason: String,
    /// How similar the two are, as computed by the recommender.
    #[serde(default)]
    pub score: f64,
}

/// The stored titles with `newcomer` among them; `None` if it ranks too low or is among them already.
#[must_use]
pub fn insert(stored: &[SimilarTitle], newcomer: &SimilarTitle) -> Option<Vec<SimilarTitle>> {
    let others = stored.iter().filter(|title| title.title_id != newcomer.title_id);
    let inserted = ranked(others.chain([newcomer]).cloned());

    (inserted != stored).then_some(inserted)
}

/// A new `answer` of the recommender, with the titles that were inserted since it was asked: those that are `stored` but were not
/// `seen` then.
#[must_use]
pub fn merge(answer: &[SimilarTitle], seen: &[SimilarTitle], stored: &[SimilarTitle]) -> Vec<SimilarTitle> {
    let in_list = |list: &[SimilarTitle], title: &SimilarTitle| list.iter().any(|one| one.title_id == title.title_id);
    let inserted = stored
        .iter()
        .filter(|title| !in_list(seen, title) && !in_list(answer, title));

    ranked(answer.iter().chain(inserted).cloned())
}

/// The sort is stable: of two titles with the same score the earlier one stays first.
fn ranked(titles: impl Iterator<Item = SimilarTitle>) -> Vec<SimilarTitle> {
    let mut titles: Vec<SimilarTitle> = titles.collect();
    titles.sort_by(|a, b| b.score.total_cmp(&a.score));
    titles.truncate(MAX_SIMILAR_TITLES);

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
    fn a_newcomer_is_inserted_by_its_score() {
        let stored = insert(&full(), &title(99, 0.81)).unwrap();

        assert_eq!(stored[4], title(99, 0.81));
        assert_eq!(stored.len(), MAX_SIMILAR_TITLES, "the least similar title is dropped");
        assert_eq!(insert(&[], &title(1, 0.2)).unwrap(), [title(1, 0.2)]);
    }

    #[test]
    fn a_newcomer_that_is_the_least_similar_changes_nothing() {
        assert_eq!(insert(&full(), &title(99, 0.1)), None);
    }

    #[test]
    fn a_title_is_inserted_once() {
        let stored = insert(&full(), &title(99, 0.81)).unwrap();

        assert_eq!(insert(&stored, &title(99, 0.81)), None);
        let moved = insert(&stored, &title(99, 0.99)).unwrap();
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
    fn a_new_answer_replaces_the_stored_titles_except_those_inserted_since() {
        let seen = [title(1, 0.9), title(2, 0.8)];
        let stored = [title(3, 0.95), title(1, 0.9), title(2, 0.8)];
        let answer = [title(4, 0.97), title(1, 0.5)];

        assert_eq!(
            merge(&answer, &seen, &stored),
            [title(4, 0.97), title(3, 0.95), title(1, 0.5)]
        );
    }

    #[test]
    fn titles_stored_before_there_were_scores_are_read() {
        let json = r#"{"title_id":"0192f7a4-6f0e-7cc2-b3a1-000000000001","reason":"Also drama"}"#;

        assert_eq!(serde_json::from_str::<SimilarTitle>(json).unwrap(), title(1, 0.0));
    }
}
