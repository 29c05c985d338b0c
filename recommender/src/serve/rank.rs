//! Answers a request: chooses the model and ranks titles.

use recommender_protocol::{Answer, Content, Item, VERSION, Variant};

use super::answer::{model_facts, popular_reason};
use super::candidates::CandidateSet;
use super::invocation::Invocation;
use super::{rows, similar};
use crate::document::Document;
use crate::model::Model;

/// The model, or the two models, that answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ModelChoice<'a> {
    Current(&'a Model),
    Challenger(&'a Model),
    /// The current one and the challenger, whose picks are interleaved.
    Both(&'a Model, &'a Model),
}

impl<'a> ModelChoice<'a> {
    /// The model that fills all rows which are not interleaved.
    fn model(self) -> &'a Model {
        match self {
            Self::Current(model) | Self::Challenger(model) | Self::Both(model, _) => model,
        }
    }

    fn variant(self) -> Variant {
        match self {
            Self::Current(_) => Variant::Current,
            Self::Challenger(_) => Variant::Challenger,
            Self::Both(..) => Variant::Interleaved,
        }
    }
}

pub(crate) fn answer(choice: ModelChoice<'_>, invocation: &Invocation) -> Answer {
    let model = choice.model();
    let challenger = match choice {
        ModelChoice::Both(_, challenger) => Some(challenger),
        ModelChoice::Current(_) | ModelChoice::Challenger(_) => None,
    };
    let (kind, content) = match invocation {
        Invocation::Similar {
            title,
            candidates,
            limit,
        } => (
            "similar",
            Content::Items(similar::similar(model, title, candidates, *limit)),
        ),
        Invocation::Popular {
            genre,
            candidates,
            limit,
        } => (
            "popular",
            Content::Items(popular(model, genre.as_deref(), candidates, *limit)),
        ),
        Invocation::Rows(request) => ("rows", Content::Rows(rows::rows(model, challenger, request))),
    };
    Answer {
        version: VERSION,
        kind: kind.to_owned(),
        variant: choice.variant(),
        model: model_facts(model),
        challenger: challenger.map(model_facts),
        content,
    }
}

fn popular(model: &Model, genre: Option<&str>, candidates: &[Document], limit: usize) -> Vec<Item> {
    let set = CandidateSet::new(model, &candidates.iter().collect::<Vec<_>>());
    let wanted = |title: usize| genre.is_none_or(|genre| set.content(title).is_of_genre(genre));
    set.most_watched(limit, wanted)
        .into_iter()
        .map(|title| Item {
            title_id: set.id(title).to_owned(),
            score: f64::from(set.popularity(title)),
            reason: popular_reason(&set, title, genre),
            because: Vec::new(),
            variant: None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::tests::document;
    use crate::model::tests::model;

    fn items(answer: Answer) -> Vec<Item> {
        match answer.content {
            Content::Items(items) => items,
            Content::Rows(_) => Vec::new(),
        }
    }

    fn ask(model: &Model, title: Document, candidates: Vec<Document>) -> Vec<(String, String)> {
        let answer = answer(
            ModelChoice::Current(model),
            &Invocation::Similar {
                title,
                candidates,
                limit: 12,
            },
        );
        items(answer)
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
    fn titles_of_the_model_and_of_the_request_are_ranked_together() {
        let model = model(others().into_iter().map(|title| (title, 1.0)).collect(), &[]);
        let new = document("rabbits", "Rabbits", "comedy", "Every bunny digs");
        let ids: Vec<_> = ask(&model, bunny(), vec![new]).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), 3);
        assert!(ids.contains(&"rabbits".into()) && ids.contains(&"spring".into()));
    }

    #[test]
    fn a_candidate_replaces_the_model_s_copy_of_its_title() {
        let model = model(others().into_iter().map(|title| (title, 1.0)).collect(), &[]);
        let renamed = document("steel", "Steel Bunny", "western", "");
        let answer = ask(&model, bunny(), vec![renamed]);
        assert!(answer.contains(&("steel".into(), "Shares: bunny".into())), "{answer:?}");
        assert_eq!(answer.iter().filter(|(id, _)| id == "steel").count(), 1);
        let western = ask(
            &model,
            document("new", "New", "science-fiction", ""),
            vec![document("steel", "Steel", "western", "")],
        );
        assert_eq!(western, [], "the old genre no longer matches");
    }

    #[test]
    fn a_title_is_never_its_own_neighbour() {
        let model = model(vec![(bunny(), 1.0)], &[]);
        assert_eq!(ask(&model, bunny(), vec![bunny()]), []);
    }

    #[test]
    fn popular_titles_come_first_and_new_ones_follow() {
        let model = model(others().into_iter().zip([2.0, 5.0, 1.0]).collect(), &[]);
        let invocation = Invocation::Popular {
            genre: None,
            candidates: vec![bunny()],
            limit: 3,
        };
        let ids: Vec<_> = items(answer(ModelChoice::Current(&model), &invocation))
            .into_iter()
            .map(|item| item.title_id)
            .collect();
        assert_eq!(ids, ["steel", "sintel", "spring"]);

        let invocation = Invocation::Popular {
            genre: Some("comedy".into()),
            candidates: vec![bunny()],
            limit: 3,
        };
        let reasons: Vec<_> = items(answer(ModelChoice::Current(&model), &invocation))
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
            let model = model(once(known).into_iter().map(|title| (title, 1.0)).collect(), &[]);
            let mut candidates = once(candidates);
            let ask = |candidates: Vec<Document>| {
                items(answer(ModelChoice::Current(&model), &Invocation::Similar { title: title.clone(), candidates, limit }))
            };
            let items = ask(candidates.clone());

            prop_assert!(items.len() <= limit);
            prop_assert!(items.iter().all(|item| item.title_id != title.title_id));
            prop_assert!(items.iter().all(|item| item.score > 0.0 && item.score <= 1.0));
            prop_assert!(items.is_sorted_by(|a, b| a.score >= b.score));
            prop_assert!(items.iter().all(|item| !item.reason.is_empty() && !item.because.is_empty()));

            candidates.reverse();
            let ids = |items: Vec<Item>| items.into_iter().map(|item| item.title_id).collect::<Vec<_>>();
            prop_assert_eq!(ids(ask(candidates)), ids(items), "the order of the candidates does not matter");
        }
    }
}
