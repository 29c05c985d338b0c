//! What came of an experiment, counted from the log of events: first all exposures, then all dealings, in any order and however
//! often.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ACCEPTED_ERROR, Arm, Assignment, Design, Experiment, Exposure, Interval, interval::size};
use crate::engagement::Interaction;

/// So many standard deviations chance does not take the halves from one another (one in 15,000).
const LOPSIDED: f64 = 4.0;

/// What is known so far of everybody who was shown something.
#[derive(Debug)]
pub struct Measure<'a> {
    experiment: &'a Experiment,
    people: BTreeMap<AccountId, Seen>,
}

#[derive(Debug)]
struct Seen {
    first_at: Timestamp,
    /// Whose pick a title was when it was shown first, and when.
    picks: HashMap<TitleId, (Timestamp, Arm)>,
    counted: HashSet<TitleId>,
}

/// What came of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Results {
    /// Up to when.
    #[schema(value_type = String, format = "date-time")]
    pub measured_at: Timestamp,
    /// How many were shown something.
    pub people_shown: u32,
    /// Of how many it is known what they did: their window is over.
    pub people_measured: u32,
    /// The current model.
    pub current: ArmResults,
    /// The challenger.
    pub challenger: ArmResults,
    /// By how many titles a person does more with the challenger than with the current model.
    pub difference: Option<Interval>,
    /// The halves are not halves.
    pub lopsided: bool,
}

/// What came of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArmResults {
    /// Who were measured with it.
    pub people: u32,
    /// All titles that count.
    pub titles: u64,
}

impl<'a> Measure<'a> {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(experiment: &'a Experiment) -> Self {
        Self {
            experiment,
            people: BTreeMap::new(),
        }
    }

    /// Somebody was shown something.
    pub fn shown(&mut self, exposure: &Exposure) {
        if exposure.experiment_id != self.experiment.experiment_id {
            return;
        }
        let seen = self.people.entry(exposure.account_id).or_insert_with(|| Seen {
            first_at: exposure.shown_at,
            picks: HashMap::new(),
            counted: HashSet::new(),
        });
        seen.first_at = seen.first_at.min(exposure.shown_at);
        for pick in &exposure.titles {
            let shown = (exposure.shown_at, pick.arm);
            let first = seen.picks.entry(pick.title_id).or_insert(shown);
            if shown.0 < first.0 {
                *first = shown;
            }
        }
    }

    /// Somebody did something, after all exposures are known.
    pub fn did(&mut self, interaction: &Interaction) {
        let Some(seen) = self.people.get_mut(&interaction.account_id) else {
            return;
        };
        let within = interaction.at >= seen.first_at && interaction.at <= self.experiment.window_ends(seen.first_at);
        let shown = match self.experiment.design {
            Design::Split => true,
            Design::Interleaving => seen
                .picks
                .get(&interaction.title_id)
                .is_some_and(|(shown_at, _)| interaction.at >= *shown_at),
        };
        if within && shown && self.experiment.metric.counts(interaction) {
            seen.counted.insert(interaction.title_id);
        }
    }

    /// What came of it up to `now`.
    #[must_use]
    pub fn results(&self, now: Timestamp) -> Results {
        let over = |seen: &&Seen| self.experiment.window_ends(seen.first_at) <= now;
        let measured = self.people.values().filter(over).count();
        let (current, challenger, observations, lopsided) = match self.experiment.design {
            Design::Split => self.between(over),
            Design::Interleaving => self.within(over),
        };

        Results {
            measured_at: now,
            people_shown: count(self.people.len()),
            people_measured: count(measured),
            current,
            challenger,
            difference: Interval::of(&observations, self.experiment.stop.people, ACCEPTED_ERROR),
            lopsided,
        }
    }

    /// Between people: for each, twice their distance from the mean of all, with the sign of their model. Its mean is the
    /// difference of the models' means where chance decides who gets which (Horvitz, Thompson 1952).
    fn between(&self, over: impl Fn(&&Seen) -> bool) -> (ArmResults, ArmResults, Vec<f64>, bool) {
        let (mut current, mut challenger) = (ArmResults::default(), ArmResults::default());
        let mut people = Vec::new();
        for (account, seen) in &self.people {
            // By the draw, not by what the log says: a log cannot then say something else.
            if let Some(Assignment::Arm(arm)) = self.experiment.assign(*account)
                && over(&seen)
            {
                let results = match arm {
                    Arm::Current => &mut current,
                    Arm::Challenger => &mut challenger,
                };
                results.people += 1;
                results.titles += seen.counted.len() as u64;
                people.push((arm, size(seen.counted.len())));
            }
        }
        let mean = people.iter().map(|(_, titles)| titles).sum::<f64>() / size(people.len()).max(1.0);
        let observations = people.iter().map(|(arm, titles)| match arm {
            Arm::Current => -2.0 * (titles - mean),
            Arm::Challenger => 2.0 * (titles - mean),
        });
        let apart = f64::from(current.people).max(f64::from(challenger.people)) - size(people.len()) / 2.0;
        let lopsided = apart > LOPSIDED * size(people.len()).sqrt() / 2.0;

        (current, challenger, observations.collect(), lopsided)
    }

    /// Within people: for each, how many of the challenger's picks count, without those of the current model.
    fn within(&self, over: impl Fn(&&Seen) -> bool) -> (ArmResults, ArmResults, Vec<f64>, bool) {
        let (mut current, mut challenger) = (ArmResults::default(), ArmResults::default());
        let mut observations = Vec::new();
        for seen in self.people.values().filter(over) {
            let of = |arm| {
                let arms = seen.counted.iter().filter_map(|title| seen.picks.get(title));
                arms.filter(|(_, by)| *by == arm).count()
            };
            let (theirs, ours) = (of(Arm::Challenger), of(Arm::Current));
            for (results, titles) in [(&mut current, ours), (&mut challenger, theirs)] {
                results.people += 1;
                results.titles += titles as u64;
            }
            observations.push(size(theirs) - size(ours));
        }

        (current, challenger, observations, false)
    }
}

fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}
