//! The results of an experiment, counted from the log of events: first all exposures, then all interactions, in any order and with
//! repetitions.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ACCEPTED_ERROR, Arm, Assignment, Design, Experiment, Exposure, Interval, interval::to_f64};
use crate::engagement::Interaction;

/// Halves that differ by more standard deviations are not the work of chance, which does this once in 1.7 million checks; an
/// experiment has some hundred checks.
const MAX_DEVIATIONS: f64 = 5.0;

/// Counts the results of an experiment, for each person with an exposure.
#[derive(Debug)]
pub struct Measure<'a> {
    experiment: &'a Experiment,
    people: BTreeMap<AccountId, Participant>,
}

#[derive(Debug)]
struct Participant {
    /// The first exposure.
    first_at: Timestamp,
    /// For each title: when it was shown first, and the model that picked it then.
    picks: HashMap<TitleId, (Timestamp, Arm)>,
    /// For each title: the newest version of the interaction within the window, and whether it counts.
    interactions: HashMap<TitleId, (u64, bool)>,
}

impl Participant {
    /// The titles that count.
    fn counted(&self) -> impl Iterator<Item = &TitleId> {
        self.interactions
            .iter()
            .filter(|(_, (_, counts))| *counts)
            .map(|(title, _)| title)
    }
}

/// The results of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Results {
    /// Until when the log was counted.
    #[schema(value_type = String, format = "date-time")]
    pub measured_at: Timestamp,
    /// How many people have an exposure.
    pub people_shown: u32,
    /// How many people are measured, because their window is over.
    pub people_measured: u32,
    /// The results of the current model.
    pub current: ArmResults,
    /// The results of the challenger.
    pub challenger: ArmResults,
    /// How many more titles a person has with the challenger than with the current model.
    pub difference: Option<Interval>,
    /// Whether the numbers of people differ more than by chance.
    pub sample_ratio_mismatch: bool,
}

/// The results of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArmResults {
    /// The people who were measured.
    pub people: u32,
    /// The titles that count.
    pub titles: u64,
}

impl<'a> Measure<'a> {
    /// No one has an exposure yet.
    #[must_use]
    pub fn new(experiment: &'a Experiment) -> Self {
        Self {
            experiment,
            people: BTreeMap::new(),
        }
    }

    /// Adds an exposure.
    pub fn add_exposure(&mut self, exposure: &Exposure) {
        if exposure.experiment_id != self.experiment.experiment_id {
            return;
        }
        let participant = self.people.entry(exposure.account_id).or_insert_with(|| Participant {
            first_at: exposure.shown_at,
            picks: HashMap::new(),
            interactions: HashMap::new(),
        });
        participant.first_at = participant.first_at.min(exposure.shown_at);
        for pick in &exposure.titles {
            let shown = (exposure.shown_at, pick.arm);
            let first = participant.picks.entry(pick.title_id).or_insert(shown);
            if shown.0 < first.0 {
                *first = shown;
            }
        }
    }

    /// Adds an interaction. All exposures must have been added before.
    pub fn add_interaction(&mut self, interaction: &Interaction) {
        let Some(participant) = self.people.get_mut(&interaction.account_id) else {
            return;
        };
        let within = interaction.at >= participant.first_at
            && interaction.at <= self.experiment.window_ends(participant.first_at);
        let shown = match self.experiment.design {
            Design::Split => true,
            Design::Interleaving => participant
                .picks
                .get(&interaction.title_id)
                .is_some_and(|(shown_at, _)| interaction.at >= *shown_at),
        };
        if within && shown {
            let outcome = (interaction.version, self.experiment.metric.counts(interaction));
            let newest = participant.interactions.entry(interaction.title_id).or_insert(outcome);
            *newest = outcome.max(*newest);
        }
    }

    /// The results until `now`.
    #[must_use]
    pub fn results(&self, now: Timestamp) -> Results {
        let is_over = |participant: &&Participant| self.experiment.window_ends(participant.first_at) <= now;
        let measured = self.people.values().filter(is_over).count();
        let (current, challenger, observations) = match self.experiment.design {
            Design::Split => self.between(is_over),
            Design::Interleaving => self.within(is_over),
        };

        Results {
            measured_at: now,
            people_shown: count(self.people.len()),
            people_measured: count(measured),
            current,
            challenger,
            difference: Interval::from_observations(&observations, self.experiment.stop.people, ACCEPTED_ERROR),
            sample_ratio_mismatch: self.experiment.design == Design::Split && self.is_mismatched(),
        }
    }

    /// Whether the numbers of people with each model differ more than by chance. (Kohavi, Tang, Xu, *Trustworthy Online Controlled
    /// Experiments*, 2020, chapter 21.)
    fn is_mismatched(&self) -> bool {
        let challenger = Some(Assignment::Arm(Arm::Challenger));
        let all = to_f64(self.people.len());
        let with_challenger = self
            .people
            .keys()
            .filter(|&&account| self.experiment.assign(account) == challenger);
        let apart = (to_f64(with_challenger.count()) - all / 2.0).abs();

        apart > MAX_DEVIATIONS * all.sqrt() / 2.0
    }

    /// Between people: for each, twice their distance from the mean of all, with the sign of their model. Its mean is the
    /// difference of the models' means where chance decides who gets which (Horvitz, Thompson 1952).
    fn between(&self, is_over: impl Fn(&&Participant) -> bool) -> (ArmResults, ArmResults, Vec<f64>) {
        let (mut current, mut challenger) = (ArmResults::default(), ArmResults::default());
        let mut people = Vec::new();
        for (account, participant) in &self.people {
            // By the draw and not by the log, which could then contradict it.
            if let Some(Assignment::Arm(arm)) = self.experiment.assign(*account)
                && is_over(&participant)
            {
                let results = match arm {
                    Arm::Current => &mut current,
                    Arm::Challenger => &mut challenger,
                };
                results.people += 1;
                let titles = participant.counted().count();
                results.titles += titles as u64;
                people.push((arm, to_f64(titles)));
            }
        }
        let mean = people.iter().map(|(_, titles)| titles).sum::<f64>() / to_f64(people.len()).max(1.0);
        let observations = people.iter().map(|(arm, titles)| match arm {
            Arm::Current => -2.0 * (titles - mean),
            Arm::Challenger => 2.0 * (titles - mean),
        });

        (current, challenger, observations.collect())
    }

    /// Within people: for each, the challenger's picks that count, minus those of the current model.
    fn within(&self, is_over: impl Fn(&&Participant) -> bool) -> (ArmResults, ArmResults, Vec<f64>) {
        let (mut current, mut challenger) = (ArmResults::default(), ArmResults::default());
        let mut observations = Vec::new();
        for participant in self.people.values().filter(is_over) {
            let counted_of = |arm| {
                let arms = participant.counted().filter_map(|title| participant.picks.get(title));
                arms.filter(|(_, by)| *by == arm).count()
            };
            let (of_challenger, of_current) = (counted_of(Arm::Challenger), counted_of(Arm::Current));
            for (results, titles) in [(&mut current, of_current), (&mut challenger, of_challenger)] {
                results.people += 1;
                results.titles += titles as u64;
            }
            observations.push(to_f64(of_challenger) - to_f64(of_current));
        }

        (current, challenger, observations)
    }
}

fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}
