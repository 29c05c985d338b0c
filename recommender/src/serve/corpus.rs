//! The titles that one request is ranked over: the model's together with those that the request brings, since a
//! catalogue is always newer than its model. What the request says of a title replaces what the model knows of it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::content::{ContentVector, Statistics};
use crate::document::Document;
use crate::model::{Entry, Model};
use crate::words::Terms;

pub(super) struct Corpus<'a> {
    pub(super) statistics: Cow<'a, Statistics>,
    pub(super) entries: Vec<Cow<'a, Entry>>,
}

impl<'a> Corpus<'a> {
    /// How telling a word is was counted in training, unless the request brings more titles than the model knows
    /// (before the first training it knows none): then it is counted anew over both.
    pub(super) fn of(model: &'a Model, brought: &[&Document]) -> Self {
        let ids: HashSet<&str> = brought.iter().map(|document| document.title_id.as_str()).collect();
        let known = || {
            model
                .entries()
                .iter()
                .filter(|entry| !ids.contains(entry.title_id.as_str()))
        };
        let popularity = |document: &Document| model.find(&document.title_id).map_or(0.0, |entry| entry.popularity);

        if model.entries().len() > brought.len() {
            let statistics = &model.statistics;
            let brought = brought
                .iter()
                .map(|document| Entry::of(document, popularity(document), statistics));
            let entries = known().map(Cow::Borrowed).chain(brought.map(Cow::Owned)).collect();
            return Self {
                statistics: Cow::Borrowed(statistics),
                entries,
            };
        }

        let terms: Vec<_> = brought.iter().map(|document| Terms::of(document)).collect();
        let statistics = Statistics::of(known().map(|entry| &entry.terms).chain(&terms));
        let known = known().map(|entry| Entry {
            vector: ContentVector::of(&entry.terms, &statistics),
            ..entry.clone()
        });
        let brought = brought
            .iter()
            .map(|document| Entry::of(document, popularity(document), &statistics));
        let entries = known.chain(brought).map(Cow::Owned).collect();
        Self {
            statistics: Cow::Owned(statistics),
            entries,
        }
    }
}
