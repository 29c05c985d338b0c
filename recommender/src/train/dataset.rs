//! All interactions together: numbered people and titles, each pair once.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use rayon::prelude::*;

use super::interaction::Interaction;
use crate::als::{Interactions, single};
use crate::territory::Territory;

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// From so many lines on what they repeat is thrown away now and then.
const MANY: usize = 1 << 20;

/// Gathers lines in any order, however often they come. Ids are kept once and numbered as they come; what is made of it
/// follows from the ids alone.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    people: Ids,
    titles: Ids,
    dealings: Vec<Dealing>,
    /// How many dealings there were after the last look for repetitions.
    distinct: usize,
    pub(super) lines: u64,
    pub(super) newest: Option<Timestamp>,
}

/// Ids by the number that each got when it came first.
#[derive(Debug, Default)]
struct Ids(HashMap<String, u32>);

impl Ids {
    fn number(&mut self, id: String) -> Result<u32, String> {
        let next = u32::try_from(self.0.len()).map_err(|_| "there are more than 2^32 ids".to_owned())?;
        Ok(*self.0.entry(id).or_insert(next))
    }

    /// In the order of their numbers.
    fn in_order(&self) -> Vec<&str> {
        let mut ids = vec![""; self.0.len()];
        for (id, &number) in &self.0 {
            ids[number as usize] = id;
        }
        ids
    }
}

/// How somebody's dealings with a title stand.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dealing {
    person: u32,
    title: u32,
    territory: Option<Territory>,
    version: u64,
    at: Timestamp,
    weight: f64,
}

impl Dealing {
    /// What belongs together comes together, and of that first what counts.
    fn order(&self, other: &Self) -> Ordering {
        let newness = |dealing: &Self| (dealing.version, dealing.at, dealing.weight.to_bits(), dealing.territory);
        let pairs = (self.person, self.title).cmp(&(other.person, other.title));
        pairs.then_with(|| newness(other).cmp(&newness(self)))
    }
}

/// What somebody did with a title, as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Deed {
    /// The title's number.
    pub(super) title: u32,
    /// Where it was done.
    pub(super) territory: Option<Territory>,
    pub(super) weight: f64,
    pub(super) at: Timestamp,
}

/// One person's deeds, by title.
pub(super) type Person = Vec<Deed>;

impl Dataset {
    pub(super) fn add(&mut self, line: Interaction) -> Result<(), String> {
        line.check()?;
        let weight = line.weight();
        self.dealings.push(Dealing {
            person: self.people.number(line.account_id)?,
            title: self.titles.number(line.title_id)?,
            territory: line.territory,
            version: line.version,
            at: line.at,
            weight,
        });
        self.lines += 1;
        self.newest = self.newest.max(Some(line.at));
        if self.dealings.len() >= MANY.max(2 * self.distinct) {
            self.settle();
        }
        Ok(())
    }

    /// Keeps of each pair what counts.
    fn settle(&mut self) {
        self.dealings.par_sort_unstable_by(Dealing::order);
        self.dealings.dedup_by_key(|dealing| (dealing.person, dealing.title));
        self.distinct = self.dealings.len();
    }

    /// How many titles were dealt with that are not in the catalogue (any more).
    pub(super) fn titles_gone(&self, number: impl Fn(&str) -> Option<u32>) -> usize {
        self.titles.0.keys().filter(|title| number(title).is_none()).count()
    }

    /// Everybody who did something that counts, in the order of their ids.
    pub(super) fn people(mut self, number: impl Fn(&str) -> Option<u32>) -> Vec<Person> {
        self.settle();
        let numbers: Vec<Option<u32>> = self.titles.in_order().into_iter().map(number).collect();
        let of = |dealings: &[Dealing]| -> Person {
            let counting = dealings.iter().filter(|dealing| dealing.weight > 0.0);
            let deed = |dealing: &Dealing| {
                Some(Deed {
                    title: numbers[dealing.title as usize]?,
                    territory: dealing.territory,
                    weight: dealing.weight,
                    at: dealing.at,
                })
            };
            let mut person: Person = counting.filter_map(deed).collect();
            person.sort_unstable_by_key(|deed| deed.title);
            person.shrink_to_fit();
            person
        };
        let people = self.dealings.chunk_by(|left, right| left.person == right.person);
        let mut people: Vec<(&str, Person)> = self.people.in_order().into_iter().zip(people.map(of)).collect();
        people.retain(|(_, person)| !person.is_empty());
        people.sort_unstable_by_key(|&(id, _)| id);
        people.into_iter().map(|(_, person)| person).collect()
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

/// The matrix to factorise, of people's deeds.
pub(super) fn matrix<'a, P>(titles: usize, people: impl IntoIterator<Item = P>, decay: Decay) -> Interactions<f32>
where
    P: IntoIterator<Item = &'a Deed>,
{
    let rows = people.into_iter().map(|person| {
        let row = person
            .into_iter()
            .map(|deed| (deed.title, single(deed.weight * decay.at(deed.at))));
        row.filter(|&(_, weight)| weight > 0.0).collect()
    });
    Interactions::of_weighted_rows(titles, rows.collect())
}

/// How many people watch each title now: a person counts by what they did, less as time goes by.
pub(super) fn popularity<'a>(titles: usize, deeds: impl IntoIterator<Item = &'a Deed>, decay: Decay) -> Vec<f32> {
    let mut sums = vec![0.0; titles];
    for deed in deeds {
        sums[deed.title as usize] += deed.weight * decay.at(deed.at);
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
                for (position, (person, title, version, share)) in lines.iter().enumerate() {
                    dataset.add(line(person, title, *version, *share)).unwrap();
                    if position == turn {
                        dataset.settle();
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
        assert_eq!(dataset.people(number), Vec::<Person>::new(), "it was taken back");
    }

    #[test]
    fn after_a_half_life_half_is_left() {
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let decay = Decay {
            half_life_days: 30.0,
            now,
        };
        let deeds = [now, "2026-01-01T00:00:00Z".parse().unwrap()].map(|at| Deed {
            title: 0,
            territory: None,
            weight: 1.0,
            at,
        });
        let taste = matrix(1, deeds.iter().map(std::slice::from_ref), decay);
        let old = taste.row(1).weight(0);
        assert!((old - 0.5).abs() < 1e-6, "{old}");
        let popularity = popularity(2, &deeds, decay);
        assert!(
            (popularity[0] - 1.5).abs() < 1e-6 && popularity[1].abs() < 1e-6,
            "{popularity:?}"
        );
    }
}
