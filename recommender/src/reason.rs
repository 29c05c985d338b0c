//! Why a title is shown, in a sentence that a viewer can check.

use recommender_protocol::Because;

use crate::content::{Evidence, Likeness, Statistics};
use crate::terms::Terms;

const MAX_NAMED: usize = 3;

/// The sentence for a piece of evidence, in English.
pub(crate) fn sentence(because: &Because) -> String {
    match because {
        Because::Titles(_) => "Watched together".into(),
        Because::Genres(genres) => {
            let genres: Vec<_> = genres.iter().map(|genre| readable(genre)).collect();
            format!("Also {}", listed(&genres))
        }
        Because::People(people) => format!("Also with {}", listed(people)),
        Because::Words(words) => format!("Shares: {}", words.join(", ")),
    }
}

/// A genre's slug as people write it: `science-fiction` is `science fiction`.
pub(crate) fn readable(genre: &str) -> String {
    genre.replace('-', " ")
}

/// Everything that `title` and `other` share, the kind of evidence with the largest part in the similarity first.
pub(crate) fn shared(title: &Terms, other: &Terms, likeness: &Likeness, statistics: &Statistics) -> Vec<Because> {
    let genres = rarest(title.genres.intersection(&other.genres), Evidence::Genres, statistics);
    let people = rarest(
        title.people.keys().filter(|name| other.people.contains_key(*name)),
        Evidence::People,
        statistics,
    )
    .into_iter()
    .filter_map(|name| title.people.get(&name).cloned())
    .collect();
    let words = rarest(
        title.words.keys().filter(|word| other.words.contains_key(*word)),
        Evidence::Words,
        statistics,
    );

    let mut all = [
        (likeness.genres, Because::Genres(genres)),
        (likeness.people, Because::People(people)),
        (likeness.words, Because::Words(words)),
    ];
    all.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    all.into_iter()
        .filter(|(part, _)| *part > 0.0)
        .map(|(_, because)| because)
        .filter(names_something)
        .collect()
}

/// Two different words can have one bucket: then there is a score but nothing to name.
fn names_something(because: &Because) -> bool {
    let (Because::Titles(values) | Because::Genres(values) | Because::People(values) | Because::Words(values)) =
        because;
    !values.is_empty()
}

fn rarest<'a>(shared: impl Iterator<Item = &'a String>, evidence: Evidence, statistics: &Statistics) -> Vec<String> {
    let mut shared: Vec<_> = shared
        .map(|feature| (statistics.idf(evidence, feature), feature))
        .collect();
    shared.sort_by(|(a, left), (b, right)| b.total_cmp(a).then(left.cmp(right)));
    shared
        .into_iter()
        .take(MAX_NAMED)
        .map(|(_, feature)| feature.clone())
        .collect()
}

/// `a`, `a and b`, `a, b and c`.
fn listed(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::ContentVector;
    use crate::document::tests::document;

    fn reasons(one: &Terms, other: &Terms) -> Vec<String> {
        let statistics = Statistics::count([one, other]);
        let likeness = ContentVector::new(one, &statistics)
            .view()
            .likeness(ContentVector::new(other, &statistics).view());
        shared(one, other, &likeness, &statistics)
            .iter()
            .map(sentence)
            .collect()
    }

    #[test]
    fn a_reason_names_only_what_is_shared() {
        let one = Terms::from_document(&document(
            "a",
            "Big Buck Bunny",
            "comedy animation",
            "A bunny in the forest.",
        ));
        let other = Terms::from_document(&document("b", "Forest", "Animation drama", "Where the bunny lives"));
        assert_eq!(reasons(&one, &other), ["Shares: bunny, forest", "Also animation"]);
        let genres = ["drama", "science-fiction"].map(str::to_owned).to_vec();
        assert_eq!(sentence(&Because::Genres(genres)), "Also drama and science fiction");
    }

    #[test]
    fn people_are_named_as_they_are_written() {
        let mut one = document("a", "One", "", "");
        one.people = vec!["Sacha Goedegebure".into(), "Ton Roosendaal".into()];
        let mut other = document("b", "Two", "", "");
        other.people = vec!["sacha goedegebure ".into()];
        assert_eq!(
            reasons(&Terms::from_document(&one), &Terms::from_document(&other)),
            ["Also with Sacha Goedegebure"]
        );
    }

    #[test]
    fn lists_read_as_people_write_them() {
        let of = |values: &[&str]| listed(&values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["a", "b", "c"]), "a, b and c");
        assert_eq!(of(&["a", "b"]), "a and b");
    }
}
