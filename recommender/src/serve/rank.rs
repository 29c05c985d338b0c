//! Ranks the titles of a request and says why each stands there.

use std::cmp::Ordering;

use serde::Serialize;

use super::corpus::Corpus;
use super::invocation::Invocation;
use crate::content::Likeness;
use crate::document::Document;
use crate::model::{Entry, Model};
use crate::reason::{self, Because};

/// The answer to an invocation.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    version: u32,
    kind: &'static str,
    model: ModelFacts,
    items: Vec<Item>,
}

/// Which model answered.
#[derive(Debug, Serialize)]
struct ModelFacts {
    version: String,
    titles: usize,
}

/// A ranked title.
#[derive(Debug, Serialize)]
struct Item {
    title_id: String,
    score: f64,
    /// For people, in English.
    reason: String,
    /// The same for programs, most telling first.
    because: Vec<Because>,
}

pub(crate) fn answer(model: &Model, invocation: &Invocation) -> Answer {
    let (kind, items) = match invocation {
        Invocation::Similar {
            title,
            candidates,
            limit,
        } => ("similar", similar(model, title, candidates, *limit)),
        Invocation::Popular {
            genre,
            candidates,
            limit,
        } => ("popular", popular(model, genre.as_deref(), candidates, *limit)),
    };
    let facts = ModelFacts {
        version: model.version.clone(),
        titles: model.entries().len(),
    };
    Answer {
        version: 1,
        kind,
        model: facts,
        items,
    }
}

fn similar(model: &Model, title: &Document, candidates: &[Document], limit: usize) -> Vec<Item> {
    let others = candidates
        .iter()
        .filter(|candidate| candidate.title_id != title.title_id);
    let corpus = Corpus::of(model, &[title].into_iter().chain(others).collect::<Vec<_>>());
    let title = Entry::of(title, 0.0, &corpus.statistics);

    let mut ranked: Vec<(Likeness, &Entry)> = corpus
        .entries
        .iter()
        .map(AsRef::as_ref)
        .filter(|entry| entry.title_id != title.title_id)
        .map(|entry| (title.vector.likeness(&entry.vector), entry))
        .filter(|(likeness, _)| likeness.score > 0.0)
        .collect();
    ranked.sort_by(|(a, left), (b, right)| {
        let languages = || same_language(&title, right).cmp(&same_language(&title, left));
        b.score
            .total_cmp(&a.score)
            .then_with(languages)
            .then_with(|| more_watched(left, right))
    });

    ranked
        .into_iter()
        .map(|(likeness, entry)| {
            (
                likeness,
                entry,
                reason::shared(&title.terms, &entry.terms, &likeness, &corpus.statistics),
            )
        })
        // Without a reason the likeness is an accident of hashing.
        .filter(|(_, _, because)| !because.is_empty())
        .take(limit)
        .map(|(likeness, entry, because)| Item {
            title_id: entry.title_id.clone(),
            score: f64::from(likeness.score),
            reason: because.first().map(Because::sentence).unwrap_or_default(),
            because,
        })
        .collect()
}

fn popular(model: &Model, genre: Option<&str>, candidates: &[Document], limit: usize) -> Vec<Item> {
    let corpus = Corpus::of(model, &candidates.iter().collect::<Vec<_>>());
    let mut ranked: Vec<&Entry> = corpus
        .entries
        .iter()
        .map(AsRef::as_ref)
        .filter(|entry| genre.is_none_or(|genre| entry.terms.genres.contains(genre)))
        .collect();
    ranked.sort_by(|left, right| more_watched(left, right));

    ranked
        .into_iter()
        .take(limit)
        .map(|entry| Item {
            title_id: entry.title_id.clone(),
            score: entry.popularity,
            reason: match (entry.popularity > 0.0, genre) {
                (true, Some(genre)) => format!("Popular in {genre}"),
                (true, None) => "Popular now".into(),
                (false, Some(genre)) => format!("New in {genre}"),
                (false, None) => "New".into(),
            },
            because: Vec::new(),
        })
        .collect()
}

fn same_language(title: &Entry, other: &Entry) -> bool {
    title.language.is_some() && title.language == other.language
}

/// More people first, then the newer, then by id so that the order is always the same.
fn more_watched(left: &Entry, right: &Entry) -> Ordering {
    right
        .popularity
        .total_cmp(&left.popularity)
        .then_with(|| right.published_at.cmp(&left.published_at))
        .then_with(|| left.title_id.cmp(&right.title_id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::tests::document;

    fn ask(model: &Model, title: Document, candidates: Vec<Document>) -> Vec<(String, String)> {
        let answer = answer(
            model,
            &Invocation::Similar {
                title,
                candidates,
                limit: 12,
            },
        );
        answer
            .items
            .into_iter()
            .map(|item| (item.title_id, item.reason))
            .collect()
    }

    fn bunny() -> Document {
        document("bunny", "Big Buck Bunny", "comedy animation", "A bunny in the forest")
    }

    fn others() -> Vec<Document> {
        vec![
            document("sintel", "Sintel", "fantasy animation", "A girl and a dragon"),
            document("steel", "Tears of Steel", "science-fiction", "Robots in Amsterdam"),
            document("spring", "Spring", "animation", "A shepherd girl in the forest"),
        ]
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned()))
            .collect()
    }

    #[test]
    fn a_new_title_has_neighbours_before_the_first_training() {
        let answer = ask(&Model::empty(), bunny(), others());
        assert_eq!(
            answer,
            pairs(&[("spring", "Also animation"), ("sintel", "Also animation")])
        );
    }

    #[test]
    fn the_model_s_titles_and_the_request_s_are_ranked_together() {
        let model = Model::of("v".into(), others().into_iter().map(|title| (title, 1.0)).collect());
        let new = document("rabbits", "Rabbits", "comedy", "Every bunny digs");
        let ids: Vec<_> = ask(&model, bunny(), vec![new]).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), 3);
        assert!(ids.contains(&"rabbits".into()) && ids.contains(&"spring".into()));
    }

    #[test]
    fn what_the_request_says_of_a_title_replaces_what_the_model_knows() {
        let model = Model::of("v".into(), others().into_iter().map(|title| (title, 1.0)).collect());
        let renamed = document("steel", "Steel Bunny", "western", "");
        let answer = ask(&model, bunny(), vec![renamed]);
        assert!(answer.contains(&("steel".into(), "Shares: bunny".into())), "{answer:?}");
        assert_eq!(answer.iter().filter(|(id, _)| id == "steel").count(), 1);
        let western = ask(
            &model,
            document("new", "New", "science-fiction", ""),
            vec![document("steel", "Steel", "western", "")],
        );
        assert_eq!(western, [], "what it was before is forgotten");
    }

    #[test]
    fn a_title_is_never_its_own_neighbour() {
        let model = Model::of("v".into(), vec![(bunny(), 1.0)]);
        assert_eq!(ask(&model, bunny(), vec![bunny()]), []);
    }

    #[test]
    fn popular_titles_come_first_and_new_ones_follow() {
        let model = Model::of("v".into(), others().into_iter().zip([2.0, 5.0, 1.0]).collect());
        let invocation = Invocation::Popular {
            genre: None,
            candidates: vec![bunny()],
            limit: 3,
        };
        let ids: Vec<_> = answer(&model, &invocation)
            .items
            .into_iter()
            .map(|item| item.title_id)
            .collect();
        assert_eq!(ids, ["steel", "sintel", "spring"]);

        let invocation = Invocation::Popular {
            genre: Some("comedy".into()),
            candidates: vec![bunny()],
            limit: 3,
        };
        let reasons: Vec<_> = answer(&model, &invocation)
            .items
            .into_iter()
            .map(|item| item.reason)
            .collect();
        assert_eq!(reasons, ["New in comedy"]);
    }

    prop_compose! {
        fn any_title()(id in "[a-f]", name in "(bunny|forest|robot|castle|the|){1} (bunny|forest|robot|castle){1}",
            genres in "(|drama|comedy|drama comedy)", text in "((bunny|forest|robot|moon) ){0,4}") -> Document {
            document(&id, &name, &genres, &text)
        }
    }

    fn once(mut titles: Vec<Document>) -> Vec<Document> {
        let mut seen = std::collections::HashSet::new();
        titles.retain(|title| seen.insert(title.title_id.clone()));
        titles
    }

    proptest! {
        #[test]
        fn every_answer_is_ranked_and_reasoned(
            title in any_title(),
            known in prop::collection::vec(any_title(), 0..6),
            candidates in prop::collection::vec(any_title(), 0..6),
            limit in 1usize..5,
        ) {
            let model = Model::of("v".into(), once(known).into_iter().map(|title| (title, 1.0)).collect());
            let mut candidates = once(candidates);
            let ask = |candidates: Vec<Document>| {
                answer(&model, &Invocation::Similar { title: title.clone(), candidates, limit }).items
            };
            let items = ask(candidates.clone());

            prop_assert!(items.len() <= limit);
            prop_assert!(items.iter().all(|item| item.title_id != title.title_id));
            prop_assert!(items.iter().all(|item| item.score > 0.0 && item.score <= 1.0));
            prop_assert!(items.is_sorted_by(|a, b| a.score >= b.score));
            prop_assert!(items.iter().all(|item| !item.reason.is_empty() && !item.because.is_empty()));

            candidates.reverse();
            let ids = |items: Vec<Item>| items.into_iter().map(|item| item.title_id).collect::<Vec<_>>();
            prop_assert_eq!(ids(ask(candidates)), ids(items), "the order of the candidates means nothing");
        }
    }
}
