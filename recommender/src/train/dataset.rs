//! All interactions together: numbered people and titles, each pair once.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::interaction::Interaction;
use crate::als::{Interactions, single};

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// Gathers lines in any order, however often they come.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    people: BTreeMap<String, BTreeMap<String, Dealing>>,
    pub(super) lines: u64,
    pub(super) newest: Option<Timestamp>,
}

/// How somebody's dealings with a title stand.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dealing {
    version: u64,
    at: Timestamp,
    weight: f64,
}

/// One person's dealings: title number, weight, moment.
pub(super) type Person = Vec<(u32, f64, Timestamp)>;

impl Dataset {
    pub(super) fn add(&mut self, line: Interaction) -> Result<(), String> {
        line.check()?;
        let dealing = Dealing {
            version: line.version,
            at: line.at,
            weight: line.weight(),
        };
        let rank = |dealing: &Dealing| (dealing.version, dealing.at, dealing.weight.to_bits());
        let kept = self
            .people
            .entry(line.account_id)
            .or_default()
            .entry(line.title_id)
            .or_insert(dealing);
        if rank(&dealing) > rank(kept) {
            *kept = dealing;
        }
        self.lines += 1;
        self.newest = self.newest.max(Some(line.at));
        Ok(())
    }

    /// How many titles were dealt with that are not in the catalogue (any more).
    pub(super) fn titles_gone(&self, number: impl Fn(&str) -> Option<u32>) -> usize {
        let gone = self
            .people
            .values()
            .flat_map(BTreeMap::keys)
            .filter(|title| number(title).is_none());
        gone.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Everybody who did something that counts, in the order of their ids.
    pub(super) fn people(&self, number: impl Fn(&str) -> Option<u32>) -> Vec<Person> {
        let of = |titles: &BTreeMap<String, Dealing>| -> Person {
            let known = titles.iter().filter(|(_, dealing)| dealing.weight > 0.0);
            known
                .filter_map(|(title, dealing)| Some((number(title)?, dealing.weight, dealing.at)))
                .collect()
        };
        self.people
            .values()
            .map(of)
            .filter(|person| !person.is_empty())
            .collect()
    }
}

/// How much is left of something after a while.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decay {
    pub(super) half_life_days: f64,
    pub(super) now: Timestamp,
}

impl Decay {
    pub(super) fn at(self, at: Timestamp) -> f64 {
        let age = self.now.duration_since(at).as_secs_f64() / SECONDS_OF_A_DAY;
        (-age / self.half_life_days).exp2()
    }
}

/// The matrix to factorise.
pub(super) fn matrix(titles: usize, people: &[Person], decay: Decay) -> Interactions<f32> {
    let rows = people.iter().map(|person| {
        let row = person
            .iter()
            .map(|&(title, weight, at)| (title, single(weight * decay.at(at))));
        row.filter(|&(_, weight)| weight > 0.0).collect()
    });
    Interactions::of_weighted_rows(titles, rows.collect())
}

/// How many people watch each title now: a person counts by what they did, less as time goes by.
pub(super) fn popularity(titles: usize, people: &[Person], decay: Decay) -> Vec<f32> {
    let mut sums = vec![0.0; titles];
    for &(title, weight, at) in people.iter().flatten() {
        sums[title as usize] += weight * decay.at(at);
    }
    sums.into_iter().map(single).collect()
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
        fn order_and_repetition_mean_nothing(
            mut lines in prop::collection::vec(("[a-c]", "[0-3]", 0u64..4, 0.0f64..1.0), 1..20), turn in 0usize..20,
        ) {
            let gather = |lines: &[(String, String, u64, f64)]| {
                let mut dataset = Dataset::default();
                for (person, title, version, share) in lines {
                    dataset.add(line(person, title, *version, *share)).unwrap();
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
        assert_eq!(dataset.people(number), Vec::<Person>::new(), "it was taken back");
        assert_eq!(dataset.lines, 3);
    }

    #[test]
    fn after_a_half_life_half_is_left() {
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let decay = Decay {
            half_life_days: 30.0,
            now,
        };
        let people = [
            vec![(0, 1.0, now)],
            vec![(0, 1.0, "2026-01-01T00:00:00Z".parse().unwrap())],
        ];
        let popularity = popularity(2, &people, decay);
        assert!(
            (popularity[0] - 1.5).abs() < 1e-6 && popularity[1].abs() < 1e-6,
            "{popularity:?}"
        );
    }
}
