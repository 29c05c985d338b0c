//! What `serve` knows before a request comes: the titles of the last training, ready to be compared.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::content::{ContentVector, Statistics};
use crate::document::Document;
use crate::words::Terms;

/// A title that can be ranked.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) title_id: String,
    pub(crate) terms: Terms,
    pub(crate) vector: ContentVector,
    pub(crate) language: Option<String>,
    pub(crate) published_at: Option<Timestamp>,
    /// Time-decayed count of the people who watched; 0 for a title newer than the model.
    pub(crate) popularity: f64,
}

impl Entry {
    pub(crate) fn of(document: &Document, popularity: f64, statistics: &Statistics) -> Self {
        let terms = Terms::of(document);
        Self {
            title_id: document.title_id.clone(),
            vector: ContentVector::of(&terms, statistics),
            terms,
            language: document.language.clone(),
            published_at: document.published_at,
            popularity,
        }
    }
}

/// A trained model in memory. The empty one is what an installation has before its first training.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// Which training this is: the hash of its data; `empty` when there was none.
    pub(crate) version: String,
    pub(crate) statistics: Statistics,
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
}

impl Model {
    pub(crate) fn empty() -> Self {
        Self::of("empty".into(), Vec::new())
    }

    pub(crate) fn of(version: String, titles: Vec<(Document, f64)>) -> Self {
        let terms: Vec<_> = titles.iter().map(|(document, _)| Terms::of(document)).collect();
        let statistics = Statistics::of(&terms);
        let entries: Vec<_> = titles
            .into_iter()
            .zip(terms)
            .map(|((document, popularity), terms)| Entry {
                title_id: document.title_id,
                vector: ContentVector::of(&terms, &statistics),
                terms,
                language: document.language,
                published_at: document.published_at,
                popularity,
            })
            .collect();
        let by_id = entries
            .iter()
            .enumerate()
            .map(|(index, entry)| (entry.title_id.clone(), index))
            .collect();
        Self {
            version,
            statistics,
            entries,
            by_id,
        }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn find(&self, title_id: &str) -> Option<&Entry> {
        self.by_id.get(title_id).map(|&index| &self.entries[index])
    }
}
