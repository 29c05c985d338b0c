//! The terms of a title that describe its content: genres, people and words.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use crate::document::Document;

/// How often a word of the name counts, compared with one of the description.
const NAME_WEIGHT: u32 = 2;

/// Language → its stop words, as sets because every word of a catalogue is looked up.
static STOP_WORDS: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    let words = |language: &&'static str| {
        stop_words::lookup(*language)
            .unwrap_or_default()
            .iter()
            .copied()
            .collect()
    };
    stop_words::available_languages()
        .iter()
        .map(|language| (*language, words(language)))
        .collect()
});

/// Everything that another title may share, lower-cased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) genres: BTreeSet<String>,
    /// Lower-cased name → the name as it was written.
    pub(crate) people: BTreeMap<String, String>,
    /// Word → how often the name and the description contain it.
    pub(crate) words: BTreeMap<String, u32>,
}

impl Terms {
    pub(crate) fn from_document(document: &Document) -> Self {
        let language = document.language.as_deref().unwrap_or("en");
        let mut words = BTreeMap::new();
        for word in meaningful(&document.name, language) {
            *words.entry(word).or_default() += NAME_WEIGHT;
        }
        for word in meaningful(document.description.as_deref().unwrap_or_default(), language) {
            *words.entry(word).or_default() += 1;
        }

        Self {
            genres: document
                .genres
                .iter()
                .map(|genre| genre.trim().to_lowercase())
                .collect(),
            people: document
                .people
                .iter()
                .map(|name| (name.trim().to_lowercase(), name.trim().to_owned()))
                .collect(),
            words,
        }
    }
}

/// Words by Unicode's rules (UAX #29) without the stop words of `language`, lone letters and bare numbers.
fn meaningful(text: &str, language: &str) -> Vec<String> {
    let primary = language.split(['-', '_']).next().unwrap_or_default().to_lowercase();
    let stop_words = STOP_WORDS.get(primary.as_str());
    text.unicode_words()
        .map(str::to_lowercase)
        .filter(|word| !(word.is_ascii() && word.len() < 2))
        .filter(|word| word.chars().any(char::is_alphabetic))
        .filter(|word| !stop_words.is_some_and(|stop_words| stop_words.contains(word.as_str())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::document;

    #[test]
    fn stop_words_and_numbers_are_dropped() {
        let terms = Terms::from_document(&document(
            "a",
            "Big Buck Bunny",
            "Comedy",
            "The bunny of the forest, 2008.",
        ));
        let words: Vec<_> = terms
            .words
            .iter()
            .map(|(word, count)| (word.as_str(), *count))
            .collect();
        assert_eq!(words, [("buck", 2), ("bunny", 3), ("forest", 1)]);
        assert!(terms.genres.contains("comedy"));
    }

    #[test]
    fn drops_the_stop_words_of_the_title_s_own_language() {
        assert_eq!(meaningful("Der Hase und der Wald", "de-AT"), ["hase", "wald"]);
        assert!(meaningful("兎の森", "ja").contains(&"兎".into()));
    }

    #[test]
    fn an_unknown_language_keeps_every_word() {
        assert_eq!(meaningful("sana muuta", "xx"), ["sana", "muuta"]);
    }
}
