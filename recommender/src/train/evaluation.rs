//! How good the model is, by people, times and titles that it was not told of: what a machine decides by whether it may
//! take the place of another.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::dataset::{Decay, Deed, Person, matrix, popularity};
use super::hyperparameters::Hyperparameters;
use crate::als::size;
use crate::content::ContentVector;
use crate::evaluate::metrics::recall;
use crate::evaluate::{HeldOut, Quality, best, evaluate, metrics::DEPTH};
use crate::recommend::Recommender;
use crate::tower;

/// Who did fewer things than this cannot be judged by.
const ENOUGH: usize = 5;
/// Every so many-th person is held out ...
const EVERY_PERSON: usize = 10;
/// ... but at most so many: more make the figures no steadier.
const MOST_PEOPLE: usize = 5_000;
/// Of somebody who is held out, every so many-th dealing is what has to be found.
const EVERY_DEALING: usize = 5;
/// Every so many-th title is treated as if nobody had watched it yet.
const EVERY_TITLE: usize = 10;
/// The share of all dealings that are the past.
const PAST: f64 = 0.9;

/// What is evaluated.
pub(super) struct Evaluation<'a> {
    pub(super) people: &'a [Person],
    pub(super) contents: &'a [ContentVector],
    pub(super) hyperparameters: &'a Hyperparameters,
    pub(super) taste: Decay,
    pub(super) trend: Decay,
}

impl Evaluation<'_> {
    /// Metrics by their names; nothing but `held_out_people` where too few people did enough.
    pub(super) fn metrics(&self) -> BTreeMap<String, f64> {
        let (train, held_out) = self.hold_out();
        let mut metrics = BTreeMap::from([("held_out_people".to_owned(), size(held_out.len()))]);
        if held_out.is_empty() {
            return metrics;
        }
        let audience = self.audience(train.len(), train.iter().copied().flatten());
        let recommender = self.train(train.iter().copied());
        let quality = evaluate(&held_out, &audience, |known| recommender.rank(known));
        let popular = self.popular(&train, &held_out, &audience);
        metrics.extend(named("", &quality));
        metrics.extend(named("popularity_", &popular));
        if let Some(cold) = self.cold_titles(&train, &held_out) {
            metrics.insert("cold_title_recall_at_50".into(), cold);
        }
        if let Some(later) = self.later() {
            metrics.insert("time_split_ndcg_at_100".into(), later.ndcg_at_100);
            metrics.insert("time_split_people".into(), size(later.people));
        }
        metrics
    }

    /// Strong generalisation: the training never sees these people. Who and what is held out follows from their order alone.
    fn hold_out(&self) -> (Vec<&Person>, Vec<HeldOut>) {
        let (mut train, mut held_out) = (Vec::new(), Vec::new());
        let mut judged = 0;
        for person in self.people {
            if person.len() >= ENOUGH {
                judged += 1;
                if judged % EVERY_PERSON == 0 && held_out.len() < MOST_PEOPLE {
                    held_out.push(part(person));
                    continue;
                }
            }
            train.push(person);
        }
        (train, held_out)
    }

    fn train<'p, P: IntoIterator<Item = &'p Deed>>(&self, people: impl IntoIterator<Item = P>) -> Recommender {
        Recommender::train(
            &matrix(self.contents.len(), people, self.taste),
            self.hyperparameters.als(),
        )
    }

    /// Each title's share of so many people, who did this.
    fn audience<'p>(&self, people: usize, deeds: impl IntoIterator<Item = &'p Deed>) -> Vec<f64> {
        let mut audience = vec![0.0; self.contents.len()];
        for deed in deeds {
            audience[deed.title as usize] += 1.0 / size(people);
        }
        audience
    }

    /// What everybody would get who is shown what is watched most.
    fn popular(&self, train: &[&Person], held_out: &[HeldOut], audience: &[f64]) -> Quality {
        let popularity = popularity(self.contents.len(), train.iter().copied().flatten(), self.trend);
        let scores: Vec<f64> = popularity.into_iter().map(f64::from).collect();
        evaluate(held_out, audience, |known| best(&scores, known, DEPTH))
    }

    /// How well titles are found that nobody had watched in training, by what is said about them.
    fn cold_titles(&self, train: &[&Person], held_out: &[HeldOut]) -> Option<f64> {
        let recommender = self.train(train.iter().map(|person| warm(person)));
        let titles = 0..self.contents.len();
        let known = titles.clone().filter(|&title| !cold(number(title)));
        let pairs = known.map(|title| (self.contents[title].view(), recommender.factors(title)));
        let dimensions = self.hyperparameters.als().dimensions;
        let tower = tower::train(pairs, dimensions);
        let cold_titles: Vec<(u32, Vec<f32>)> = titles
            .filter(|&title| cold(number(title)))
            .map(|title| {
                (
                    number(title),
                    tower::project(&tower, dimensions, self.contents[title].view()),
                )
            })
            .collect();

        let mut recalls = Vec::new();
        for person in held_out {
            let wanted: HashSet<u32> = person.wanted.iter().copied().filter(|&title| cold(title)).collect();
            if wanted.is_empty() {
                continue;
            }
            let known: Vec<u32> = person.known.iter().copied().filter(|&title| !cold(title)).collect();
            let factors = recommender.place(&known);
            let mut ranked: Vec<(f64, u32)> = cold_titles
                .iter()
                .map(|(title, own)| {
                    (
                        own.iter()
                            .zip(&factors)
                            .map(|(&own, theirs)| f64::from(own) * theirs)
                            .sum(),
                        *title,
                    )
                })
                .collect();
            ranked.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
            let ranked: Vec<u32> = ranked.into_iter().map(|(_, title)| title).collect();
            recalls.push(recall(50, &ranked, &wanted));
        }
        (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / size(recalls.len()))
    }

    /// Trained on the past, asked for what came after it: what a service does every day.
    fn later(&self) -> Option<Quality> {
        let mut moments: Vec<Timestamp> = self.people.iter().flatten().map(|deed| deed.at).collect();
        moments.sort_unstable();
        let now = *moments.get(whole(PAST * size(moments.len())))?;
        drop(moments);
        let past = self
            .people
            .iter()
            .map(|person| person.iter().filter(|deed| deed.at < now));
        let held_out: Vec<HeldOut> = self
            .people
            .iter()
            .map(|person| HeldOut {
                known: titles(person, |deed| deed.at < now),
                wanted: titles(person, |deed| deed.at >= now),
            })
            .filter(|person| !person.known.is_empty() && !person.wanted.is_empty())
            .take(MOST_PEOPLE)
            .collect();
        if held_out.is_empty() {
            return None;
        }
        let recommender = self.train(past.clone());
        let audience = self.audience(self.people.len(), past.flatten());
        Some(evaluate(&held_out, &audience, |known| recommender.rank(known)))
    }
}

/// Whether a title is treated as if nobody had watched it yet.
fn cold(title: u32) -> bool {
    (title as usize).is_multiple_of(EVERY_TITLE)
}

fn warm(person: &Person) -> impl Iterator<Item = &Deed> {
    person.iter().filter(|deed| !cold(deed.title))
}

/// The titles of what counts.
fn titles<T: FromIterator<u32>>(person: &Person, counts: impl Fn(&Deed) -> bool) -> T {
    let deeds = person.iter().filter(|deed| counts(deed));
    deeds.map(|deed| deed.title).collect()
}

/// Every fifth dealing, in the order of time, is kept back.
fn part(person: &Person) -> HeldOut {
    let mut dealings = person.clone();
    dealings.sort_by_key(|deed| (deed.at, deed.title));
    let (mut known, mut wanted) = (Vec::new(), HashSet::new());
    for (place, deed) in (1..).zip(dealings) {
        if place % EVERY_DEALING == 0 {
            wanted.insert(deed.title);
        } else {
            known.push(deed.title);
        }
    }
    HeldOut { known, wanted }
}

fn named(prefix: &str, quality: &Quality) -> [(String, f64); 5] {
    [
        (format!("{prefix}recall_at_20"), quality.recall_at_20),
        (format!("{prefix}recall_at_50"), quality.recall_at_50),
        (format!("{prefix}ndcg_at_100"), quality.ndcg_at_100),
        (format!("{prefix}coverage"), quality.coverage),
        (format!("{prefix}popularity_bias"), quality.popularity_bias),
    ]
}

fn number(title: usize) -> u32 {
    u32::try_from(title).unwrap_or(u32::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count is a count"
)]
fn whole(share: f64) -> usize {
    share as usize
}

#[cfg(test)]
mod tests;
