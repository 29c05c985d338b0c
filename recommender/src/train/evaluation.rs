//! The quality of the model, measured on people, times and titles that were held out of the training. The quality gate of the
//! retrain machine decides by these metrics.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::dataset::{Decay, Observation, Person, matrix, popularity};
use super::hyperparameters::Hyperparameters;
use crate::als::to_f64;
use crate::content::ContentVector;
use crate::evaluate::metrics::recall;
use crate::evaluate::{HeldOut, Quality, best, evaluate, metrics::DEPTH};
use crate::recommend::Recommender;
use crate::tower;

/// People with fewer observations are not held out.
const MIN_OBSERVATIONS: usize = 5;
/// Every tenth person is held out …
const PERSON_INTERVAL: usize = 10;
/// … up to this number: more make the metrics no steadier.
const MAX_PEOPLE: usize = 5_000;
/// Every fifth observation of a held-out person has to be found.
const OBSERVATION_INTERVAL: usize = 5;
/// Every tenth title is treated as if it had no viewers yet.
const COLD_TITLE_INTERVAL: usize = 10;
/// The share of all observations that are the past in the time split.
const PAST_FRACTION: f64 = 0.9;

/// What is evaluated.
pub(super) struct Evaluation<'a> {
    pub(super) people: &'a [Person],
    pub(super) contents: &'a [ContentVector],
    pub(super) hyperparameters: &'a Hyperparameters,
    pub(super) taste: Decay,
    pub(super) trend: Decay,
}

impl Evaluation<'_> {
    /// Metrics by name; only `held_out_people` if too few people have enough observations.
    pub(super) fn metrics(&self) -> BTreeMap<String, f64> {
        let (train, held_out) = self.hold_out();
        let mut metrics = BTreeMap::from([("held_out_people".to_owned(), to_f64(held_out.len()))]);
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
        if let Some(later) = self.time_split() {
            metrics.insert("time_split_ndcg_at_100".into(), later.ndcg_at_100);
            metrics.insert("time_split_people".into(), to_f64(later.people));
        }
        metrics
    }

    /// Strong generalisation: the training never sees these people. The choice depends on their order only.
    fn hold_out(&self) -> (Vec<&Person>, Vec<HeldOut>) {
        let (mut train, mut held_out) = (Vec::new(), Vec::new());
        let mut eligible = 0;
        for person in self.people {
            if person.len() >= MIN_OBSERVATIONS {
                eligible += 1;
                if eligible % PERSON_INTERVAL == 0 && held_out.len() < MAX_PEOPLE {
                    held_out.push(hold_out_of(person));
                    continue;
                }
            }
            train.push(person);
        }
        (train, held_out)
    }

    fn train<'p, P: IntoIterator<Item = &'p Observation>>(&self, people: impl IntoIterator<Item = P>) -> Recommender {
        Recommender::train(
            &matrix(self.contents.len(), people, self.taste),
            self.hyperparameters.als(),
        )
    }

    /// For each title, the share of `people` who know it.
    fn audience<'p>(&self, people: usize, observations: impl IntoIterator<Item = &'p Observation>) -> Vec<f64> {
        let mut audience = vec![0.0; self.contents.len()];
        for observation in observations {
            audience[observation.title as usize] += 1.0 / to_f64(people);
        }
        audience
    }

    /// The quality of a ranking by popularity.
    fn popular(&self, train: &[&Person], held_out: &[HeldOut], audience: &[f64]) -> Quality {
        let popularity = popularity(self.contents.len(), train.iter().copied().flatten(), self.trend);
        let scores: Vec<f64> = popularity.into_iter().map(f64::from).collect();
        evaluate(held_out, audience, |known| best(&scores, known, DEPTH))
    }

    /// The recall of titles without viewers in the training, ranked by their content.
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
            let factors = recommender.person_factors(&known);
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
        (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / to_f64(recalls.len()))
    }

    /// Trains on the past and ranks for what came later, as a service does every day.
    fn time_split(&self) -> Option<Quality> {
        let mut moments: Vec<Timestamp> = self.people.iter().flatten().map(|observation| observation.at).collect();
        moments.sort_unstable();
        let now = *moments.get(whole(PAST_FRACTION * to_f64(moments.len())))?;
        drop(moments);
        let past = self
            .people
            .iter()
            .map(|person| person.iter().filter(|observation| observation.at < now));
        let held_out: Vec<HeldOut> = self
            .people
            .iter()
            .map(|person| HeldOut {
                known: titles(person, |observation| observation.at < now),
                wanted: titles(person, |observation| observation.at >= now),
            })
            .filter(|person| !person.known.is_empty() && !person.wanted.is_empty())
            .take(MAX_PEOPLE)
            .collect();
        if held_out.is_empty() {
            return None;
        }
        let recommender = self.train(past.clone());
        let audience = self.audience(self.people.len(), past.flatten());
        Some(evaluate(&held_out, &audience, |known| recommender.rank(known)))
    }
}

/// Whether a title is treated as if it had no viewers yet.
fn cold(title: u32) -> bool {
    (title as usize).is_multiple_of(COLD_TITLE_INTERVAL)
}

fn warm(person: &Person) -> impl Iterator<Item = &Observation> {
    person.iter().filter(|observation| !cold(observation.title))
}

/// The titles of the observations that `counts` selects.
fn titles<T: FromIterator<u32>>(person: &Person, counts: impl Fn(&Observation) -> bool) -> T {
    let observations = person.iter().filter(|observation| counts(observation));
    observations.map(|observation| observation.title).collect()
}

/// Holds out every fifth observation, in the order of time.
fn hold_out_of(person: &Person) -> HeldOut {
    let mut observations = person.clone();
    observations.sort_by_key(|observation| (observation.at, observation.title));
    let (mut known, mut wanted) = (Vec::new(), HashSet::new());
    for (place, observation) in (1..).zip(observations) {
        if place % OBSERVATION_INTERVAL == 0 {
            wanted.insert(observation.title);
        } else {
            known.push(observation.title);
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
