//! The model that `serve` answers from: the titles of the last training, read from the mapped artefact.

mod catalogue;
mod lengths;

use std::path::Path;
use std::str;

use crate::als::{FoldIn, Regularization};
use crate::artefact::{self, ArtefactError, Loaded, NEIGHBOURS};
use crate::content::{ContentView, Statistics, UnitView};
use crate::document::Document;

/// Marks an unknown time in the artefact.
pub(crate) const UNKNOWN: i64 = i64::MIN;
/// Marks a title without an age rating in the artefact.
pub(crate) const UNRATED: u8 = u8::MAX;

/// A trained model. An installation has the empty one before its first training.
#[derive(Debug)]
pub(crate) struct Model {
    trained: Option<Trained>,
}

#[derive(Debug)]
struct Trained {
    artefact: Loaded,
    titles: usize,
    dimensions: usize,
    fold_in: FoldIn,
}

/// Quantised factors.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Codes<'a> {
    pub(crate) bytes: &'a [i8],
    /// The scale of each title's bytes.
    pub(crate) scales: &'a [f32],
    /// The Euclidean distance between each title's bytes and its factors.
    pub(crate) errors: &'a [f32],
    /// The length of each title's bytes as a vector.
    pub(crate) lengths: &'a [f32],
}

impl Codes<'_> {
    /// The codes of the titles from an index on.
    pub(crate) fn from(self, title: usize) -> Self {
        let dimensions = self.bytes.len().checked_div(self.scales.len()).unwrap_or_default();
        Self {
            bytes: &self.bytes[title * dimensions..],
            scales: &self.scales[title..],
            errors: &self.errors[title..],
            lengths: &self.lengths[title..],
        }
    }
}

impl Model {
    /// The model before the first training.
    pub(crate) fn empty() -> Self {
        Self { trained: None }
    }

    /// The model in a folder; the empty one if there is none.
    pub(crate) fn load(folder: &Path) -> Result<Self, ArtefactError> {
        let Some(artefact) = artefact::load(folder)? else {
            return Ok(Self::empty());
        };
        let titles = artefact.tensors.popularity().len();
        let dimensions = artefact.tensors.factors().len().checked_div(titles).unwrap_or_default();
        lengths::check(&artefact, titles, dimensions).map_err(|why| ArtefactError::broken(folder, why))?;

        let value = |name: &str| artefact.manifest.hyperparameters.get(name).copied().unwrap_or_default();
        let regularization = Regularization {
            strength: value("regularization"),
            exponent: value("frequency_exponent"),
            unobserved_weight: value("unobserved_weight"),
        };
        let fold_in = FoldIn::from_gramian(artefact.tensors.gramian(), dimensions, titles, regularization);
        Ok(Self {
            trained: Some(Trained {
                artefact,
                titles,
                dimensions,
                fold_in,
            }),
        })
    }

    /// Identifies the training; `empty` before the first.
    pub(crate) fn version(&self) -> &str {
        self.trained
            .as_ref()
            .map_or("empty", |trained| trained.artefact.manifest.version.as_str())
    }

    pub(crate) fn titles(&self) -> usize {
        self.trained.as_ref().map_or(0, |trained| trained.titles)
    }

    /// The number of factors of a title; 0 if there were too few interactions for any.
    pub(crate) fn dimensions(&self) -> usize {
        self.trained.as_ref().map_or(0, |trained| trained.dimensions)
    }

    pub(crate) fn statistics(&self) -> Statistics<'_> {
        Statistics::from_counts(
            self.titles(),
            self.trained
                .as_ref()
                .map_or(&[], |trained| trained.artefact.tensors.frequencies()),
        )
    }

    /// Computes a person's factors, if the titles have any.
    pub(crate) fn fold_in(&self) -> Option<&FoldIn> {
        self.trained
            .as_ref()
            .filter(|trained| trained.dimensions > 0)
            .map(|trained| &trained.fold_in)
    }

    /// The index of a title, by its id.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.titles());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.id_bytes(middle).cmp(id.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Reads something from the trained model, if there is one.
    fn get<'a, T: 'a>(&'a self, get: impl FnOnce(&'a Trained) -> Option<T>) -> Option<T> {
        self.trained.as_ref().and_then(get)
    }

    pub(crate) fn id(&self, title: usize) -> &str {
        str::from_utf8(self.id_bytes(title)).unwrap_or_default()
    }

    fn id_bytes(&self, title: usize) -> &[u8] {
        let id = self.get(|trained| {
            let tensors = &trained.artefact.tensors;
            between(tensors.ids(), tensors.id_starts(), title)
        });
        id.unwrap_or_default()
    }

    /// The title as it was at the training.
    pub(crate) fn document(&self, title: usize) -> Option<Document> {
        self.get(|trained| {
            let starts = trained.artefact.tensors.line_starts();
            serde_json::from_slice(between(&trained.artefact.titles, starts, title)?).ok()
        })
    }

    pub(crate) fn content(&self, title: usize) -> ContentView<'_> {
        let unit = |kind| {
            self.get(|trained| {
                let tensors = &trained.artefact.tensors;
                let starts = tensors.content_starts();
                Some(UnitView {
                    features: between(tensors.content_features(), starts, title * 3 + kind)?,
                    values: between(tensors.content_values(), starts, title * 3 + kind)?,
                })
            })
            .unwrap_or(UnitView {
                features: &[],
                values: &[],
            })
        };
        ContentView {
            genres: unit(0),
            people: unit(1),
            words: unit(2),
        }
    }

    pub(crate) fn factors(&self, title: usize) -> &[f32] {
        let dimensions = self.dimensions();
        &self.all_factors()[title * dimensions..][..dimensions]
    }

    pub(crate) fn all_factors(&self) -> &[f32] {
        self.get(|trained| Some(trained.artefact.tensors.factors()))
            .unwrap_or(&[])
    }

    /// The quantised factors.
    pub(crate) fn codes(&self) -> Codes<'_> {
        let codes = self.get(|trained| {
            let tensors = &trained.artefact.tensors;
            Some(Codes {
                bytes: tensors.codes(),
                scales: tensors.code_scales(),
                errors: tensors.code_errors(),
                lengths: tensors.code_lengths(),
            })
        });
        codes.unwrap_or_default()
    }

    /// The co-watched titles of a title, the most similar first.
    pub(crate) fn neighbours(&self, title: usize) -> impl Iterator<Item = usize> {
        let all = self.get(|trained| trained.artefact.tensors.neighbours().get(title * NEIGHBOURS..));
        let own = all.and_then(|all| all.get(..NEIGHBOURS)).unwrap_or(&[]);
        own.iter()
            .take_while(|&&title| title != u32::MAX)
            .map(|&title| title as usize)
    }

    /// The factors that the content tower computes for a title which the training did not see.
    pub(crate) fn projected(&self, content: ContentView<'_>) -> Vec<f32> {
        let tower = self
            .get(|trained| Some(trained.artefact.tensors.tower()))
            .unwrap_or(&[]);
        crate::tower::project(tower, self.dimensions(), content)
    }
}

/// The part of an array that belongs to an index.
fn between<'a, T>(all: &'a [T], starts: &[u64], number: usize) -> Option<&'a [T]> {
    let at = |place: usize| usize::try_from(*starts.get(place)?).ok();
    all.get(at(number)?..at(number + 1)?)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::als::{Hyperparameters, Interactions};
    use crate::artefact::{Artefact, Manifest};
    use crate::content::ContentVector;
    use crate::document::tests::document;
    use crate::terms::Terms;
    use crate::train::tensors;

    /// Hyperparameters for few people and titles.
    const SMALL: Hyperparameters = Hyperparameters {
        dimensions: 8,
        iterations: 8,
        unobserved_weight: 0.1,
        regularization: 0.05,
        frequency_exponent: 1.0,
        initial_spread: 0.1,
        seed: 1,
    };

    /// A model of these titles, each with its popularity; a row of `people` has the indices of the titles that a person
    /// watched, in the order of the titles' ids.
    pub(crate) fn model(mut titles: Vec<(Document, f32)>, people: &[Vec<u32>]) -> Model {
        titles.sort_by(|(left, _), (right, _)| left.title_id.cmp(&right.title_id));
        let (titles, popularity): (Vec<_>, Vec<_>) = titles.into_iter().unzip();
        let terms: Vec<_> = titles.iter().map(Terms::from_document).collect();
        let statistics = Statistics::count(&terms);
        let contents: Vec<_> = terms
            .iter()
            .map(|terms| ContentVector::new(terms, &statistics))
            .collect();
        let interactions = Interactions::from_rows(titles.len(), people);
        let tensors = tensors::build(&titles, &contents, &statistics, popularity, &interactions, SMALL);
        let hyperparameters = BTreeMap::from([
            ("regularization".to_owned(), SMALL.regularization),
            ("frequency_exponent".to_owned(), SMALL.frequency_exponent),
            ("unobserved_weight".to_owned(), SMALL.unobserved_weight),
        ]);
        let manifest = Manifest::new("d".into(), None, hyperparameters, BTreeMap::new(), BTreeMap::new());
        let folder = tempfile::tempdir().unwrap();
        let artefact = Artefact {
            manifest,
            titles,
            tensors,
        };
        artefact::save(artefact, folder.path()).unwrap();
        Model::load(folder.path()).unwrap()
    }

    #[test]
    fn titles_are_found_by_their_ids() {
        let titles = ["b", "ab", "c", "abc"].map(|id| (document(id, id, "drama", ""), 1.0));
        let model = model(titles.to_vec(), &[]);
        assert_eq!(
            ["ab", "abc", "b", "c", "a", "d"].map(|id| model.find(id)),
            [Some(0), Some(1), Some(2), Some(3), None, None]
        );
        assert_eq!(model.document(1).unwrap().title_id, "abc");
        assert_eq!(model.dimensions(), 0, "there were no interactions");
    }

    #[test]
    fn a_model_with_arrays_of_wrong_lengths_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let tensors = crate::artefact::Tensors {
            popularity: vec![1.0, 2.0],
            ..crate::artefact::Tensors::default()
        };
        let manifest = Manifest::new("d".into(), None, BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let titles = vec![document("a", "A", "", "")];
        artefact::save(
            Artefact {
                manifest,
                titles,
                tensors,
            },
            folder.path(),
        )
        .unwrap();
        let message = Model::load(folder.path()).unwrap_err().to_string();
        assert!(
            message.contains("`id_starts` has 2 numbers and should have 3"),
            "{message}"
        );
    }
}
