//! Content similarity of two titles: one hashed TF-IDF vector for each kind of evidence (genres,
//! people, words), compared by cosine. README.md has the formulas and their sources.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::hash;
use crate::terms::Terms;

/// Features are hashed into this number of buckets, so that a word which the training did not see has a bucket too.
const BUCKETS: usize = 1 << 18;

/// Weights of the kinds of evidence for a title that has all three.
const GENRES_WEIGHT: f32 = 0.45;
const WORDS_WEIGHT: f32 = 0.35;
const PEOPLE_WEIGHT: f32 = 0.2;

/// A kind of evidence that two titles are similar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    Genres,
    People,
    Words,
}

/// The bucket of a feature.
fn bucket(evidence: Evidence, feature: &str) -> u32 {
    let kind = match evidence {
        Evidence::Genres => b"g:",
        Evidence::People => b"p:",
        Evidence::Words => b"w:",
    };
    u32::try_from(hash::hash(&[kind, feature.as_bytes()]) % BUCKETS as u64).unwrap_or_default()
}

/// The number of titles of a corpus that have each bucket.
#[derive(Debug, Clone)]
pub(crate) struct Statistics<'a> {
    documents: usize,
    frequencies: Cow<'a, [u32]>,
}

impl<'a> Statistics<'a> {
    pub(crate) fn count<'t>(corpus: impl IntoIterator<Item = &'t Terms>) -> Self {
        let mut documents = 0;
        let mut frequencies = vec![0; BUCKETS];
        for terms in corpus {
            documents += 1;
            let mut features: Vec<u32> = terms
                .genres
                .iter()
                .map(|genre| bucket(Evidence::Genres, genre))
                .chain(terms.people.keys().map(|name| bucket(Evidence::People, name)))
                .chain(terms.words.keys().map(|word| bucket(Evidence::Words, word)))
                .collect();
            features.sort_unstable();
            features.dedup();
            for feature in features {
                frequencies[feature as usize] += 1;
            }
        }
        Self {
            documents,
            frequencies: frequencies.into(),
        }
    }

    /// From the counts of a training.
    pub(crate) fn from_counts(documents: usize, frequencies: &'a [u32]) -> Self {
        Self {
            documents,
            frequencies: frequencies.into(),
        }
    }

    pub(crate) fn frequencies(&self) -> &[u32] {
        &self.frequencies
    }

    /// The inverse document frequency: `ln((1 + n) / (1 + df)) + 1`, the smoothed form that never reaches zero.
    pub(crate) fn idf(&self, evidence: Evidence, feature: &str) -> f32 {
        self.bucket_idf(bucket(evidence, feature))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a catalogue has far fewer titles than f32 has integers"
    )]
    fn bucket_idf(&self, bucket: u32) -> f32 {
        let frequency = self.frequencies.get(bucket as usize).copied().unwrap_or_default();
        ((1.0 + self.documents as f32) / (1.0 + frequency as f32)).ln() + 1.0
    }
}

/// A sparse vector of length one (or empty), sorted by bucket.
#[derive(Debug, Clone, Default, PartialEq)]
struct Unit {
    features: Vec<u32>,
    values: Vec<f32>,
}

impl Unit {
    fn from_features(features: impl Iterator<Item = (u32, f32)>) -> Self {
        let mut features: Vec<_> = features.collect();
        features.sort_unstable_by_key(|&(bucket, _)| bucket);
        features.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 += later.1;
            }
            same
        });
        let length = features.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        let (features, values) = features
            .into_iter()
            .map(|(feature, value)| (feature, value / length))
            .unzip();
        Self { features, values }
    }

    fn view(&self) -> UnitView<'_> {
        UnitView {
            features: &self.features,
            values: &self.values,
        }
    }
}

/// A borrowed sparse vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnitView<'a> {
    pub(crate) features: &'a [u32],
    pub(crate) values: &'a [f32],
}

impl UnitView<'_> {
    fn dot(self, other: UnitView<'_>) -> f32 {
        let (mut mine, mut theirs, mut sum) = (0, 0, 0.0);
        while let (Some(left), Some(right)) = (self.features.get(mine), other.features.get(theirs)) {
            match left.cmp(right) {
                Ordering::Less => mine += 1,
                Ordering::Greater => theirs += 1,
                Ordering::Equal => {
                    sum += self.values[mine] * other.values[theirs];
                    mine += 1;
                    theirs += 1;
                }
            }
        }
        sum
    }
}

/// The content of a title, ready to be compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ContentVector {
    genres: Unit,
    people: Unit,
    words: Unit,
}

/// A borrowed [`ContentVector`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContentView<'a> {
    pub(crate) genres: UnitView<'a>,
    pub(crate) people: UnitView<'a>,
    pub(crate) words: UnitView<'a>,
}

/// The similarity of two titles (0 to 1), and the part of each kind of evidence in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Likeness {
    pub(crate) score: f32,
    pub(crate) genres: f32,
    pub(crate) people: f32,
    pub(crate) words: f32,
}

impl ContentVector {
    pub(crate) fn new(terms: &Terms, statistics: &Statistics) -> Self {
        let weigh = |evidence, feature: &str, count: u32| {
            let bucket = bucket(evidence, feature);
            (bucket, damped(count) * statistics.bucket_idf(bucket))
        };
        Self {
            genres: Unit::from_features(terms.genres.iter().map(|genre| weigh(Evidence::Genres, genre, 1))),
            people: Unit::from_features(terms.people.keys().map(|name| weigh(Evidence::People, name, 1))),
            words: Unit::from_features(
                terms
                    .words
                    .iter()
                    .map(|(word, count)| weigh(Evidence::Words, word, *count)),
            ),
        }
    }

    pub(crate) fn view(&self) -> ContentView<'_> {
        ContentView {
            genres: self.genres.view(),
            people: self.people.view(),
            words: self.words.view(),
        }
    }
}

impl<'a> ContentView<'a> {
    /// Genres, people and words.
    pub(crate) fn units(self) -> [UnitView<'a>; 3] {
        [self.genres, self.people, self.words]
    }

    /// Compares with another title. Kinds of evidence that this title lacks have no weight, so that a title without people can
    /// have a perfect match.
    pub(crate) fn likeness(self, other: ContentView<'_>) -> Likeness {
        let present = |unit: UnitView<'_>, weight: f32| if unit.features.is_empty() { 0.0 } else { weight };
        let whole = present(self.genres, GENRES_WEIGHT)
            + present(self.people, PEOPLE_WEIGHT)
            + present(self.words, WORDS_WEIGHT);
        if whole == 0.0 {
            return Likeness {
                score: 0.0,
                genres: 0.0,
                people: 0.0,
                words: 0.0,
            };
        }

        let genres = GENRES_WEIGHT * self.genres.dot(other.genres) / whole;
        let people = PEOPLE_WEIGHT * self.people.dot(other.people) / whole;
        let words = WORDS_WEIGHT * self.words.dot(other.words) / whole;
        Likeness {
            score: (genres + people + words).min(1.0),
            genres,
            people,
            words,
        }
    }

    /// Whether the title has the bucket of a genre (lower-cased).
    pub(crate) fn is_of_genre(self, genre: &str) -> bool {
        self.genres
            .features
            .binary_search(&bucket(Evidence::Genres, genre))
            .is_ok()
    }
}

/// `1 + ln(count)`: the tenth mention of a word counts less than the first.
#[expect(clippy::cast_precision_loss, reason = "a description is too short to count that far")]
fn damped(count: u32) -> f32 {
    1.0 + (count.max(1) as f32).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::document;

    fn vectors(corpus: &[(&str, &str, &str)]) -> Vec<ContentVector> {
        let terms: Vec<_> = corpus
            .iter()
            .map(|(name, genres, text)| Terms::from_document(&document(name, name, genres, text)))
            .collect();
        let statistics = Statistics::count(&terms);
        terms
            .iter()
            .map(|terms| ContentVector::new(terms, &statistics))
            .collect()
    }

    #[test]
    fn buckets_do_not_change() {
        // FNV-1a (64 bits) of `w:bunny`, modulo 2^18, calculated by hand.
        assert_eq!(bucket(Evidence::Words, "bunny"), 9564);
    }

    #[test]
    fn a_title_is_most_like_itself() {
        let titles = vectors(&[("Bunny", "comedy", "a forest"), ("Steel", "drama", "a city of robots")]);
        assert!((titles[0].view().likeness(titles[0].view()).score - 1.0).abs() < 1e-6);
        assert!(titles[0].view().likeness(titles[1].view()).score.abs() < f32::EPSILON);
    }

    #[test]
    fn a_rare_shared_word_counts_more_than_a_common_one() {
        let titles = vectors(&[
            ("One", "", "robot forest"),
            ("Two", "", "robot castle"),
            ("Three", "", "planet forest"),
            ("Four", "", "forest"),
            ("Five", "", "forest"),
        ]);
        assert!(titles[0].view().likeness(titles[1].view()).words > titles[0].view().likeness(titles[2].view()).words);
    }

    #[test]
    fn a_title_without_content_is_similar_to_none() {
        let titles = vectors(&[("1", "", ""), ("Bunny", "comedy", "")]);
        assert!(titles[0].view().likeness(titles[1].view()).score.abs() < f32::EPSILON);
    }
}
