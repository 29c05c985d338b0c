//! Who is ranked for: what they did lately, and what they do not want to see.

use fnv::FnvHashSet;
use jiff::Timestamp;
use serde::Deserialize;

use super::pool::Pool;
use super::top::dot;
use crate::als::{Placed, single};
use crate::document::Refusal;
use crate::territory::Territory;

const MAX_ACTIONS: usize = 500;
const MAX_HIDDEN: usize = 2_000;
/// Below this share of a film somebody has looked in, and nothing more: as in training.
pub(super) const LOOKED_IN: f64 = 0.05;
const SECONDS_OF_A_DAY: f64 = 86_400.0;
/// After so many days what somebody did counts half.
const HALF_LIFE_DAYS: f64 = 90.0;
/// What weighs less beside somebody's newest deeds says nothing of them any more.
const LEAST: f32 = 1e-6;

/// A person, as a request describes them.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    /// Where they are.
    #[serde(default)]
    pub(crate) territory: Option<Territory>,
    /// They see only titles for people of this age or younger.
    #[serde(default)]
    pub(crate) max_maturity: Option<u8>,
    /// Newest first.
    #[serde(default)]
    pub(crate) actions: Vec<Action>,
    /// Titles that are never shown.
    #[serde(default)]
    pub(crate) hidden: Vec<String>,
}

/// What somebody did with a title.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Action {
    pub(crate) title_id: String,
    pub(crate) at: Timestamp,
    #[serde(default)]
    pub(crate) watched_share: f64,
    #[serde(default)]
    pub(crate) liked: bool,
    /// Less of this, please.
    #[serde(default)]
    pub(crate) less: bool,
}

impl Action {
    fn weight(&self) -> f64 {
        let watched = if self.watched_share < LOOKED_IN {
            0.0
        } else {
            self.watched_share
        };
        watched + if self.liked { 1.0 } else { 0.0 }
    }
}

impl Person {
    pub(crate) fn check(&self, at: &str) -> Result<(), Refusal> {
        let within = |count, most, field| {
            if count > most {
                return Err(Refusal::new(
                    format!("{at}/{field}"),
                    format!("must have at most {most} entries"),
                ));
            }
            Ok(())
        };
        within(self.actions.len(), MAX_ACTIONS, "actions")?;
        within(self.hidden.len(), MAX_HIDDEN, "hidden")?;
        for (index, action) in self.actions.iter().enumerate() {
            if !(0.0..=1.0).contains(&action.watched_share) {
                let pointer = format!("{at}/actions/{index}/watched_share");
                return Err(Refusal::new(pointer, "must be a number from 0 to 1"));
            }
        }
        Ok(())
    }
}

/// What a person's actions say about titles of a pool.
pub(super) struct Taste {
    /// Titles with weights, the heaviest first.
    pub(super) liked: Vec<(usize, f32)>,
    /// Those of them that the model does not know, with their parts in the whole weight.
    strangers: Vec<(usize, f32)>,
    less: Vec<usize>,
    /// What was dealt with, by number.
    pub(super) known: FnvHashSet<usize>,
    pub(super) hidden: FnvHashSet<usize>,
    /// The place among the titles' factors, if there are any.
    placed: Option<Placed>,
    pub(super) factors: Vec<f32>,
}

impl Taste {
    pub(super) fn of(person: &Person, pool: &Pool<'_>) -> Self {
        let found = person
            .actions
            .iter()
            .map(|action| (action, pool.find(&action.title_id)));
        let actions: Vec<(&Action, usize)> = found.filter_map(|(action, title)| Some((action, title?))).collect();
        let counting = actions
            .iter()
            .filter(|(action, _)| action.weight() > 0.0 && !action.less);
        let newest = counting.map(|(action, _)| action.at).max();
        let mut liked = Vec::new();
        let mut less = Vec::new();
        let mut known = FnvHashSet::default();
        for (action, title) in actions {
            known.insert(title);
            let age = newest.map_or(0.0, |newest| {
                newest.duration_since(action.at).as_secs_f64() / SECONDS_OF_A_DAY
            });
            let weight = single(action.weight() * (-age / HALF_LIFE_DAYS).exp2());
            if action.less {
                less.push(title);
            } else if weight >= LEAST {
                liked.push((title, weight));
            }
        }
        liked.sort_by(|left, right| right.1.total_cmp(&left.1));
        let whole: f32 = liked.iter().map(|(_, weight)| weight).sum();
        let unknown = |title| pool.model.fold_in().is_none() || pool.is_unknown(title);
        let strangers = liked.iter().filter(|(title, _)| unknown(*title));
        let strangers = strangers.map(|&(title, weight)| (title, weight / whole)).collect();
        let hidden = person.hidden.iter().filter_map(|id| pool.find(id)).collect();

        let placed = pool.model.fold_in().filter(|_| !liked.is_empty()).map(|fold_in| {
            fold_in.place(
                liked
                    .iter()
                    .map(|&(title, weight)| (pool.factors(title), f64::from(weight))),
            )
        });
        let factors = placed.as_ref().map_or_else(Vec::new, |placed| {
            placed.factors.iter().map(|&factor| single(factor)).collect()
        });
        Self {
            liked,
            strangers,
            less,
            known,
            hidden,
            placed,
            factors,
        }
    }

    /// How much the person would like a title: what their place among the factors says, and for as much of what they liked as
    /// the model does not know, how alike it is to that.
    pub(super) fn score(&self, pool: &Pool<'_>, title: usize) -> f32 {
        dot(&self.factors, pool.factors(title)) + self.alike(pool, title)
    }

    /// How alike a title is to what the person liked and the model does not know.
    pub(super) fn alike(&self, pool: &Pool<'_>, title: usize) -> f32 {
        let alike = self
            .strangers
            .iter()
            .map(|&(liked, part)| part * likeness(pool, liked, title));
        alike.sum()
    }

    /// What is taken from the score of a title that is like those of which the person wants less.
    pub(super) fn penalty(&self, pool: &Pool<'_>, title: usize) -> f32 {
        let alike = self.less.iter().map(|&less| likeness(pool, less, title));
        alike.fold(0.0, f32::max)
    }

    /// The liked title that speaks most for another one, by its part in the score: for factors that of Hu, Koren, Volinsky
    /// 2008, section 5.
    pub(super) fn because(&self, pool: &Pool<'_>, title: usize) -> Option<usize> {
        let influence = self.placed.as_ref().map_or_else(Vec::new, |placed| {
            let influence = placed.influence(pool.factors(title));
            influence.into_iter().map(single).collect()
        });
        let parts = self.liked.iter().map(|&(liked, weight)| {
            let stranger = self.strangers.iter().find(|(title, _)| *title == liked);
            let alike = stranger.map_or(0.0, |(_, part)| part * likeness(pool, liked, title));
            (weight * dot(&influence, pool.factors(liked)) + alike, liked)
        });
        let best = parts.max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)))?;
        (best.0 > 0.0).then_some(best.1)
    }
}

/// How alike two titles are by what is said about them.
pub(super) fn likeness(pool: &Pool<'_>, left: usize, right: usize) -> f32 {
    pool.content(left).likeness(pool.content(right)).score
}
