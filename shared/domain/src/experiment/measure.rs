//! What came of an experiment, counted from the log of events: first all exposures, then all dealings, in any order and however
//! often.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ACCEPTED_ERROR, Arm, Assignment, Design, Experiment, Exposure, Interval, interval::size};
use crate::engagement::Interaction;

/// So many standard deviations chance does not take the halves from one another: at one look once in 1.7 million, and there
/// are some hundred looks.
const MISMATCH: f64 = 5.0;

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
    /// How it stands with each title, by its newest version within the window: the version, and whether it counts.
    deeds: HashMap<TitleId, (u64, bool)>,
}

impl Seen {
    fn counted(&self) -> impl Iterator<Item = &TitleId> {
        self.deeds
            .iter()
            .filter(|(_, (_, counts))| *counts)
            .map(|(title, _)| title)
    }
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
    /// Chance should give both models as many people, and did not.
    pub sample_ratio_mismatch: bool,
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
            deeds: HashMap::new(),
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
        if within && shown {
            let stands = (interaction.version, self.experiment.metric.counts(interaction));
            let newest = seen.deeds.entry(interaction.title_id).or_insert(stands);
            *newest = stands.max(*newest);
        }
    }

    /// What came of it up to `now`.
    #[must_use]
    pub fn results(&self, now: Timestamp) -> Results {
        let over = |seen: &&Seen| self.experiment.window_ends(seen.first_at) <= now;
        let measured = self.people.values().filter(over).count();
        let (current, challenger, observations) = match self.experiment.design {
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
            sample_ratio_mismatch: self.experiment.design == Design::Split && self.is_mismatched(),
        }
    }

    /// Whether the halves of all who were shown something are none. (Kohavi, Tang, Xu, *Trustworthy Online Controlled
    /// Experiments*, 2020, chapter 21.)
    fn is_mismatched(&self) -> bool {
        let challenger = Some(Assignment::Arm(Arm::Challenger));
        let all = size(self.people.len());
        let theirs = self
            .people
            .keys()
            .filter(|&&account| self.experiment.assign(account) == challenger);
        let apart = (size(theirs.count()) - all / 2.0).abs();

        apart > MISMATCH * all.sqrt() / 2.0
    }

    /// Between people: for each, twice their distance from the mean of all, with the sign of their model. Its mean is the
    /// difference of the models' means where chance decides who gets which (Horvitz, Thompson 1952).
    fn between(&self, over: impl Fn(&&Seen) -> bool) -> (ArmResults, ArmResults, Vec<f64>) {
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
                let titles = seen.counted().count();
                results.titles += titles as u64;
                people.push((arm, size(titles)));
            }
        }
        let mean = people.iter().map(|(_, titles)| titles).sum::<f64>() / size(people.len()).max(1.0);
        let observations = people.iter().map(|(arm, titles)| match arm {
            Arm::Current => -2.0 * (titles - mean),
            Arm::Challenger => 2.0 * (titles - mean),
        });

        (current, challenger, observations.collect())
    }

    /// Within people: for each, how many of the challenger's picks count, without those of the current model.
    fn within(&self, over: impl Fn(&&Seen) -> bool) -> (ArmResults, ArmResults, Vec<f64>) {
        let (mut current, mut challenger) = (ArmResults::default(), ArmResults::default());
        let mut observations = Vec::new();
        for seen in self.people.values().filter(over) {
            let of = |arm| {
                let arms = seen.counted().filter_map(|title| seen.picks.get(title));
                arms.filter(|(_, by)| *by == arm).count()
            };
            let (theirs, ours) = (of(Arm::Challenger), of(Arm::Current));
            for (results, titles) in [(&mut current, ours), (&mut challenger, theirs)] {
                results.people += 1;
                results.titles += titles as u64;
            }
            observations.push(size(theirs) - size(ours));
        }

        (current, challenger, observations)
    }
}

fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}
