//! All interactions: people and titles as numbers, each pair once.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use rayon::prelude::*;
use recommender_protocol::Territory;

use super::interaction::Interaction;
use crate::als::{Interactions, to_f32};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// From this number of lines on, repetitions are dropped from time to time.
const MIN_LINES_TO_DEDUPLICATE: usize = 1 << 20;

/// Collects lines in any order and with repetitions. Ids are stored once and numbered in the order of their arrival; results
/// depend on the ids only.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    people: Ids,
    titles: Ids,
    interactions: Vec<NumberedInteraction>,
    /// The number of interactions after the last deduplication.
    distinct: usize,
    pub(super) lines: u64,
    pub(super) newest: Option<Timestamp>,
}

/// Ids with the numbers that they got on arrival.
#[derive(Debug, Default)]
struct Ids(HashMap<String, u32>);

impl Ids {
    fn number(&mut self, id: String) -> Result<u32, String> {
        let next = u32::try_from(self.0.len()).map_err(|_| "there are more than 2^32 ids".to_owned())?;
        Ok(*self.0.entry(id).or_insert(next))
    }

    /// The ids in the order of their numbers.
    fn in_order(&self) -> Vec<&str> {
        let mut ids = vec![""; self.0.len()];
        for (id, &number) in &self.0 {
            ids[number as usize] = id;
        }
        ids
    }
}

/// A line of the channel, with numbers for ids.
#[derive(Debug, Clone, Copy, PartialEq)]
struct NumberedInteraction {
    person: u32,
    title: u32,
    territory: Option<Territory>,
    version: u64,
    at: Timestamp,
    weight: f64,
}

impl NumberedInteraction {
    /// Sorts by person and title, and within a pair the line that counts first.
    fn order(&self, other: &Self) -> Ordering {
        let newness = |line: &Self| (line.version, line.at, line.weight.to_bits(), line.territory);
        let pairs = (self.person, self.title).cmp(&(other.person, other.title));
        pairs.then_with(|| newness(other).cmp(&newness(self)))
    }
}

/// An interaction that counts: the title is in the catalogue and the weight is positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Observation {
    /// The index of the title.
    pub(super) title: u32,
    /// The territory of the person.
    pub(super) territory: Option<Territory>,
    pub(super) weight: f64,
    pub(super) at: Timestamp,
}

/// The observations of one person, by title.
pub(super) type Person = Vec<Observation>;

impl Dataset {
    pub(super) fn add(&mut self, line: Interaction) -> Result<(), String> {
        line.check()?;
        let weight = line.weight();
        self.interactions.push(NumberedInteraction {
            person: self.people.number(line.account_id)?,
            title: self.titles.number(line.title_id)?,
            territory: line.territory,
            version: line.version,
            at: line.at,
            weight,
        });
        self.lines += 1;
        self.newest = self.newest.max(Some(line.at));
        if self.interactions.len() >= MIN_LINES_TO_DEDUPLICATE.max(2 * self.distinct) {
            self.deduplicate();
        }
        Ok(())
    }

    /// Keeps one line of each pair.
    fn deduplicate(&mut self) {
        self.interactions.par_sort_unstable_by(NumberedInteraction::order);
        self.interactions.dedup_by_key(|line| (line.person, line.title));
        self.distinct = self.interactions.len();
    }

    /// The number of titles with interactions that are not in the catalogue.
    pub(super) fn titles_gone(&self, number: impl Fn(&str) -> Option<u32>) -> usize {
        self.titles.0.keys().filter(|title| number(title).is_none()).count()
    }

    /// All people with observations, in the order of their ids.
    pub(super) fn people(mut self, number: impl Fn(&str) -> Option<u32>) -> Vec<Person> {
        self.deduplicate();
        let numbers: Vec<Option<u32>> = self.titles.in_order().into_iter().map(number).collect();
        let person_of = |lines: &[NumberedInteraction]| -> Person {
            let counting = lines.iter().filter(|line| line.weight > 0.0);
            let observation = |line: &NumberedInteraction| {
                Some(Observation {
                    title: numbers[line.title as usize]?,
                    territory: line.territory,
                    weight: line.weight,
                    at: line.at,
                })
            };
            let mut person: Person = counting.filter_map(observation).collect();
            person.sort_unstable_by_key(|observation| observation.title);
            person.shrink_to_fit();
            person
        };
        let people = self.interactions.chunk_by(|left, right| left.person == right.person);
        let mut people: Vec<(&str, Person)> = self.people.in_order().into_iter().zip(people.map(person_of)).collect();
        people.retain(|(_, person)| !person.is_empty());
        people.sort_unstable_by_key(|&(id, _)| id);
        people.into_iter().map(|(_, person)| person).collect()
    }
}

/// Exponential decay of weights with age.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decay {
    pub(super) half_life_days: f64,
    pub(super) now: Timestamp,
}

impl Decay {
    pub(super) fn at(self, at: Timestamp) -> f64 {
        let age = self.now.duration_since(at).as_secs_f64() / SECONDS_PER_DAY;
        (-age / self.half_life_days).exp2()
    }
}

/// The matrix to factorise.
pub(super) fn matrix<'a, P>(titles: usize, people: impl IntoIterator<Item = P>, decay: Decay) -> Interactions<f32>
where
    P: IntoIterator<Item = &'a Observation>,
{
    let rows = people.into_iter().map(|person| {
        let row = person
            .into_iter()
            .map(|observation| (observation.title, to_f32(observation.weight * decay.at(observation.at))));
        row.filter(|&(_, weight)| weight > 0.0).collect()
    });
    Interactions::from_weighted_rows(titles, rows.collect())
}

/// The popularity of each title: the sum of the decayed weights of its observations.
pub(super) fn popularity<'a>(
    titles: usize,
    observations: impl IntoIterator<Item = &'a Observation>,
    decay: Decay,
) -> Vec<f32> {
    let mut sums = vec![0.0; titles];
    for observation in observations {
        sums[observation.title as usize] += observation.weight * decay.at(observation.at);
    }
    sums.into_iter().map(to_f32).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn line(person: &str, title: &str, version: u64, share: f64) -> Interaction {
        let at = "2026-01-01T00:00:00Z";
        serde_json::from_value(json!({
            "account_id": person, "title_id": title, "version": version, "at": at, "watched_share": share,
        }))
        .unwrap()
    }

    fn number(id: &str) -> Option<u32> {
        id.parse().ok()
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            mut lines in prop::collection::vec(("[a-c]", "[0-3]", 0u64..4, 0.0f64..1.0), 1..20), turn in 0usize..20,
        ) {
            let gather = |lines: &[(String, String, u64, f64)]| {
                let mut dataset = Dataset::default();
                for (position, (person, title, version, share)) in lines.iter().enumerate() {
                    dataset.add(line(person, title, *version, *share)).unwrap();
                    if position == turn {
                        dataset.deduplicate();
                    }
                }
                dataset.people(number)
            };
            let once = gather(&lines);
            lines.extend(lines.clone());
            let middle = turn % lines.len();
            lines.rotate_left(middle);
            prop_assert_eq!(gather(&lines), once);
        }
    }

    #[test]
    fn the_newest_version_counts() {
        let mut dataset = Dataset::default();
        for (version, share) in [(2, 0.5), (3, 0.0), (1, 1.0)] {
            dataset.add(line("a", "0", version, share)).unwrap();
        }
        assert_eq!(dataset.lines, 3);
        assert_eq!(
            dataset.people(number),
            Vec::<Person>::new(),
            "the newest version takes it back"
        );
    }

    #[test]
    fn after_a_half_life_half_is_left() {
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let decay = Decay {
            half_life_days: 30.0,
            now,
        };
        let observations = [now, "2026-01-01T00:00:00Z".parse().unwrap()].map(|at| Observation {
            title: 0,
            territory: None,
            weight: 1.0,
            at,
        });
        let taste = matrix(1, observations.iter().map(std::slice::from_ref), decay);
        let old = taste.row(1).weight(0);
        assert!((old - 0.5).abs() < 1e-6, "{old}");
        let popularity = popularity(2, &observations, decay);
        assert!(
            (popularity[0] - 1.5).abs() < 1e-6 && popularity[1].abs() < 1e-6,
            "{popularity:?}"
        );
    }
}
