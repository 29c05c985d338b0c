//! The titles that are most like one, each with a reason that a person can check.

use super::alike::Alike;
use super::pool::Pool;
use super::rank::Item;
use crate::document::Document;
use crate::model::Model;
use crate::reason::{self, Because};
use crate::words::Terms;

/// Titles like `title`, which may be newer than the model, of the model's and the candidates.
pub(super) fn similar(model: &Model, title: &Document, candidates: &[Document], limit: usize) -> Vec<Item> {
    let others = candidates
        .iter()
        .filter(|candidate| candidate.title_id != title.title_id);
    let pool = Pool::of(model, &[title].into_iter().chain(others).collect::<Vec<_>>());
    let Some(asked) = pool.find(&title.title_id) else {
        return Vec::new();
    };
    let alike = Alike::of(&pool, asked);
    let mut ranked: Vec<(f32, usize)> = pool
        .titles()
        .filter(|&other| other != asked)
        .map(|other| (alike.score(other), other))
        .filter(|(score, _)| *score > 0.0)
        .collect();
    let order = |(one, left): &(f32, usize), (other, right): &(f32, usize)| {
        other.total_cmp(one).then_with(|| pool.more_watched(*left, *right))
    };
    // More than there are places: the language decides among equals, and some have no reason.
    let most = limit.saturating_mul(4).saturating_add(1);
    if ranked.len() > most {
        ranked.select_nth_unstable_by(most, order);
        ranked.truncate(most);
    }
    let mut ranked: Vec<(f32, usize, Document)> = ranked
        .into_iter()
        .filter_map(|(score, other)| Some((score, other, pool.document(other)?.into_owned())))
        .collect();
    ranked.sort_by(|(one, left, document), (other, right, second)| {
        let languages = || same_language(title, second).cmp(&same_language(title, document));
        other
            .total_cmp(one)
            .then_with(languages)
            .then_with(|| pool.more_watched(*left, *right))
    });

    let terms = Terms::of(title);
    let reasoned = ranked.into_iter().filter_map(|(score, other, document)| {
        let likeness = pool.content(asked).likeness(pool.content(other));
        let because = reason::shared(&terms, &Terms::of(&document), &likeness, &pool.statistics);
        let reason = match because.first() {
            Some(evidence) => evidence.sentence(),
            None if alike.is_company(other) => format!("Watched with {}", title.name),
            // Without a reason the likeness is an accident: of hashing, or of factors.
            None => return None,
        };
        Some(item(&pool, score, other, reason, because))
    });
    reasoned.take(limit).collect()
}

fn item(pool: &Pool<'_>, score: f32, title: usize, reason: String, because: Vec<Because>) -> Item {
    Item {
        title_id: pool.id(title).to_owned(),
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

    /// Two circles of people, whose titles have nothing in common that could be read.
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
    fn what_the_same_people_watch_is_alike() {
        let items = similar(&trained(), &document("Ash", "Ash", "", ""), &[], 4);

        assert_eq!(items.len(), 4, "{items:?}");
        assert!(items.iter().all(|item| item.reason == "Watched with Ash"), "{items:?}");
        assert!(
            ids(&items)
                .iter()
                .all(|id| ["Birch", "Cedar", "Elm", "Fir"].contains(id)),
            "{items:?}"
        );
    }

    #[test]
    fn what_the_request_brings_is_company_too() {
        let brought = [document("Birch", "Birch", "", ""), document("Ash", "Ash", "", "")];

        let items = similar(&trained(), &brought[1], &brought, 4);

        assert!(ids(&items).contains(&"Birch"), "{items:?}");
    }

    #[test]
    fn what_neither_shares_anything_nor_is_watched_together_does_not_appear() {
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
