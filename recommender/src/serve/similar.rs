//! The titles that are most similar to one, each with a reason that a viewer can check.

use recommender_protocol::{Because, Item};

use super::candidates::CandidateSet;
use super::similarity::Similarity;
use crate::document::Document;
use crate::model::Model;
use crate::reason;
use crate::terms::Terms;

/// The titles of the model and the candidates that are similar to `title`, which may be newer than the model.
pub(super) fn similar(model: &Model, title: &Document, candidates: &[Document], limit: usize) -> Vec<Item> {
    let others = candidates
        .iter()
        .filter(|candidate| candidate.title_id != title.title_id);
    let set = CandidateSet::new(model, &[title].into_iter().chain(others).collect::<Vec<_>>());
    let Some(asked) = set.find(&title.title_id) else {
        return Vec::new();
    };
    let similarity = Similarity::new(&set, asked);
    let mut ranked: Vec<(f32, usize)> = set
        .titles()
        .filter(|&other| other != asked)
        .map(|other| (similarity.score(other), other))
        .filter(|(score, _)| *score > 0.0)
        .collect();
    let order = |(one, left): &(f32, usize), (other, right): &(f32, usize)| {
        other.total_cmp(one).then_with(|| set.more_watched(*left, *right))
    };
    // More than `limit`: the language decides between equal scores, and some have no reason.
    let kept = limit.saturating_mul(4).saturating_add(1);
    if ranked.len() > kept {
        ranked.select_nth_unstable_by(kept, order);
        ranked.truncate(kept);
    }
    let mut ranked: Vec<(f32, usize, Document)> = ranked
        .into_iter()
        .filter_map(|(score, other)| Some((score, other, set.document(other)?.into_owned())))
        .collect();
    ranked.sort_by(|(one, left, document), (other, right, second)| {
        let languages = || same_language(title, second).cmp(&same_language(title, document));
        other
            .total_cmp(one)
            .then_with(languages)
            .then_with(|| set.more_watched(*left, *right))
    });

    let terms = Terms::from_document(title);
    let reasoned = ranked.into_iter().filter_map(|(score, other, document)| {
        let likeness = set.content(asked).likeness(set.content(other));
        let because = reason::shared(&terms, &Terms::from_document(&document), &likeness, &set.statistics);
        let reason = match because.first() {
            Some(evidence) => reason::sentence(evidence),
            None if similarity.is_co_watched(other) => "Watched by the same people".to_owned(),
            // A similarity without a reason is an accident of hashing or of factors.
            None => return None,
        };
        Some(item(&set, score, other, reason, because))
    });
    reasoned.take(limit).collect()
}

fn item(set: &CandidateSet<'_>, score: f32, title: usize, reason: String, because: Vec<Because>) -> Item {
    Item {
        title_id: set.id(title).to_owned(),
        score: f64::from(score),
        reason,
        because,
        variant: None,
    }
}

fn same_language(title: &Document, other: &Document) -> bool {
    title.language.is_some() && title.language == other.language
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::document;
    use crate::model::tests::model;

    /// Two groups of people whose titles share no content.
    fn trained() -> Model {
        let names = [
            "Ash", "Birch", "Cedar", "Elm", "Fir", "Gong", "Harp", "Lute", "Oboe", "Viola",
        ];
        let titles = names.iter().map(|name| (document(name, name, "", ""), 1.0));
        let people: Vec<Vec<u32>> = (0..40)
            .map(|person| {
                (0..5)
                    .filter(|title| (title + person) % 5 < 4)
                    .map(|title| title + person % 2 * 5)
                    .collect()
            })
            .collect();
        model(titles.collect(), &people)
    }

    fn ids(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.title_id.as_str()).collect()
    }

    #[test]
    fn co_watched_titles_are_similar() {
        let items = similar(&trained(), &document("Ash", "Ash", "", ""), &[], 4);

        assert_eq!(items.len(), 4, "{items:?}");
        assert!(
            items.iter().all(|item| item.reason == "Watched by the same people"),
            "{items:?}"
        );
        assert!(
            ids(&items)
                .iter()
                .all(|id| ["Birch", "Cedar", "Elm", "Fir"].contains(id)),
            "{items:?}"
        );
    }

    #[test]
    fn titles_of_the_request_are_co_watched_too() {
        let brought = [document("Birch", "Birch", "", ""), document("Ash", "Ash", "", "")];

        let items = similar(&trained(), &brought[1], &brought, 4);

        assert!(ids(&items).contains(&"Birch"), "{items:?}");
    }

    #[test]
    fn titles_that_share_neither_content_nor_people_do_not_appear() {
        let items = similar(
            &trained(),
            &document("Ash", "Ash", "", ""),
            &[document("Oak", "Oak", "", "")],
            20,
        );

        assert!(
            !ids(&items).contains(&"Oak") && !ids(&items).contains(&"Gong"),
            "{items:?}"
        );
    }
}
