//! How much a title is watched now.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::input::Interaction;

const SECONDS_OF_A_DAY: f64 = 86_400.0;
/// Popularity is rounded to this grain, so that an artefact has the same bytes wherever it is made.
const GRAIN: f64 = 1e6;

/// Gathers interactions. A person counts once for a title, by the interaction that says most today: somebody who watches a
/// film ten times, or an interaction that is delivered twice, does not make it more popular.
#[derive(Debug)]
pub(super) struct Popularity {
    half_life_seconds: f64,
    /// (title, person) → log2 of the best weight, not yet decayed: `log2(weight) + at / half-life`.
    best: HashMap<(u32, u32), f64>,
    titles: HashMap<String, u32>,
    people: HashMap<String, u32>,
    newest: Option<Timestamp>,
    interactions: u64,
}

impl Popularity {
    pub(super) fn new(half_life_days: f64) -> Self {
        Self {
            half_life_seconds: half_life_days * SECONDS_OF_A_DAY,
            best: HashMap::new(),
            titles: HashMap::new(),
            people: HashMap::new(),
            newest: None,
            interactions: 0,
        }
    }

    pub(super) fn add(&mut self, interaction: Interaction) -> Result<(), String> {
        if !interaction.weight.is_finite() || interaction.weight <= 0.0 {
            return Err("`weight` must be a number above 0".into());
        }
        let key = (
            number(&mut self.titles, interaction.title_id),
            number(&mut self.people, interaction.account_id),
        );
        let worth = interaction.weight.log2() + interaction.at.as_duration().as_secs_f64() / self.half_life_seconds;
        let best = self.best.entry(key).or_insert(worth);
        *best = best.max(worth);
        self.newest = self.newest.max(Some(interaction.at));
        self.interactions += 1;
        Ok(())
    }

    /// Σ over people of `weight · 2^(−age / half-life)`, the age being counted to the newest interaction.
    pub(super) fn by_title(&self) -> BTreeMap<&str, f64> {
        let now = self
            .newest
            .map_or(0.0, |at| at.as_duration().as_secs_f64() / self.half_life_seconds);
        let mut worths: HashMap<u32, Vec<f64>> = HashMap::new();
        for (&(title, _), worth) in &self.best {
            worths.entry(title).or_default().push((worth - now).exp2());
        }
        self.titles
            .iter()
            .map(|(id, title)| {
                let mut worths = worths.remove(title).unwrap_or_default();
                // Sums of floats depend on their order: this one is always the same.
                worths.sort_by(f64::total_cmp);
                (id.as_str(), (worths.iter().sum::<f64>() * GRAIN).round() / GRAIN)
            })
            .collect()
    }

    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    pub(super) fn interactions(&self) -> u64 {
        self.interactions
    }

    pub(super) fn people(&self) -> u64 {
        self.people.len() as u64
    }
}

fn number(numbers: &mut HashMap<String, u32>, id: String) -> u32 {
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    *numbers.entry(id).or_insert(next)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interaction(account: &str, title: &str, weight: f64, at: i64) -> Interaction {
        let at = Timestamp::from_second(at).unwrap();
        Interaction {
            account_id: account.into(),
            title_id: title.into(),
            weight,
            at,
        }
    }

    fn of(interactions: impl IntoIterator<Item = Interaction>) -> BTreeMap<String, f64> {
        let mut popularity = Popularity::new(30.0);
        interactions
            .into_iter()
            .for_each(|interaction| popularity.add(interaction).unwrap());
        popularity
            .by_title()
            .into_iter()
            .map(|(id, value)| (id.to_owned(), value))
            .collect()
    }

    #[test]
    fn half_is_left_after_a_half_life() {
        const MONTH: i64 = 30 * 86_400;
        let of = of([
            interaction("p", "old", 1.0, 1_700_000_000),
            interaction("p", "new", 1.0, 1_700_000_000 + MONTH),
            interaction("q", "new", 0.5, 1_700_000_000 + MONTH),
        ]);
        assert_eq!(of, BTreeMap::from([("new".into(), 1.5), ("old".into(), 0.5)]));
    }

    #[test]
    fn a_weight_that_means_nothing_is_refused() {
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Popularity::new(30.0).add(interaction("p", "a", weight, 0)).is_err());
        }
    }

    prop_compose! {
        fn any_interaction()(account in "[a-d]", title in "[x-z]", weight in 0.01f64..5.0, at in 1_600_000_000i64..1_700_000_000)
            -> Interaction {
            interaction(&account, &title, weight, at)
        }
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_nothing(mut interactions in prop::collection::vec(any_interaction(), 1..40), turn in 0usize..40) {
            let straight = of(interactions.clone());
            interactions.extend(interactions.clone());
            let length = interactions.len();
            interactions.rotate_left(turn % length);
            interactions.reverse();
            prop_assert_eq!(of(interactions), straight);
        }

        #[test]
        fn another_person_never_makes_a_title_less_popular(interactions in prop::collection::vec(any_interaction(), 1..40)) {
            let newest = interactions.iter().map(|of| of.at).max().unwrap().as_second();
            let before = of(interactions.clone());
            let after = of(interactions.into_iter().chain([interaction("somebody", "x", 1.0, newest)]));
            prop_assert!(after["x"] > before.get("x").copied().unwrap_or_default());
        }
    }
}
