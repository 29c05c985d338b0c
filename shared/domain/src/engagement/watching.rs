//! How much of a title was watched, told by heartbeats.
//!
//! They come twice, late and out of order, so a heartbeat says how it stands (*so much in this sitting*), never what is
//! new (*ten seconds more*), and the most that was said of a sitting counts.

use kernel::{Timestamp, id::PlaybackId};
use serde::{Deserialize, Serialize};

use crate::title::Publication;

/// What was watched: the last sittings one by one, the earlier ones as a sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watching {
    /// The last sittings, in the order in which they began.
    pub sittings: Vec<Sitting>,
    /// How much was watched in sittings that are not kept any more.
    #[serde(default)]
    pub earlier_ms: u64,
    /// When the last one of those began: nothing that is said of such a sitting later changes anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summed_until: Option<Timestamp>,
}

/// From pressing play to leaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// The player's name for it.
    pub playback_id: PlaybackId,
    /// When it began, as well as is known.
    pub began_at: Timestamp,
    /// How much was watched in it.
    pub watched_ms: u64,
    /// Where it had come to by then.
    pub position_ms: u64,
}

/// What a player says every few seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The sitting.
    pub playback_id: PlaybackId,
    /// Where the film stands.
    pub position_ms: u64,
    /// How much of it was played since the sitting began.
    pub watched_ms: u64,
}

/// Why a heartbeat cannot be true.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Implausible {
    /// Behind the title's end.
    #[error("must not be behind the end of the title, which plays for {duration_ms} ms")]
    Position {
        /// How long it plays.
        duration_ms: u64,
    },
    /// Longer than anybody sits.
    #[error("must be at most {LONGEST_SITTING_MS} ms, a day: begin a new sitting with a `playback_id` of its own")]
    TooLong,
    /// More than anybody can have watched by now.
    #[error("must be at most {most_ms} ms: the title has not been out long enough for more")]
    Watched {
        /// All that fits in the time since it was published.
        most_ms: u64,
    },
}

/// A day.
pub const LONGEST_SITTING_MS: u64 = 24 * 60 * 60 * 1_000;
/// Players do not agree with us to the millisecond on where a film ends.
const AFTER_THE_END_MS: u64 = 5_000;
/// Nobody watches faster than this, with a minute for clocks that disagree.
const FASTEST: u64 = 4;
const CLOCKS_MS: u64 = 60_000;

impl Heartbeat {
    /// What of it cannot be true, by the field that says it.
    #[must_use]
    pub fn implausible(&self, film: &Publication, now: Timestamp) -> Vec<(&'static str, Implausible)> {
        let since_ms = now.as_millisecond() - film.published_at.as_millisecond();
        let most_ms = u64::try_from(since_ms).unwrap_or(0) * FASTEST + CLOCKS_MS;
        let position = (self.position_ms > film.duration_ms + AFTER_THE_END_MS).then_some(Implausible::Position {
            duration_ms: film.duration_ms,
        });
        let watched = if self.watched_ms > LONGEST_SITTING_MS {
            Some(Implausible::TooLong)
        } else {
            (self.watched_ms > most_ms).then_some(Implausible::Watched { most_ms })
        };

        let faults = [("/position_ms", position), ("/watched_ms", watched)];
        faults
            .into_iter()
            .filter_map(|(pointer, fault)| Some((pointer, fault?)))
            .collect()
    }

    /// When its sitting began. An id with the time in it tells, and so the order of sittings does not hang on the order
    /// of what is heard of them; of others, and of ids from a clock that is far off, it is when they are first heard of.
    fn began_at(&self, now: Timestamp) -> Timestamp {
        let oldest_ms = now.as_millisecond() - 2 * LONGEST_SITTING_MS.cast_signed();

        self.playback_id
            .minted_at()
            .filter(|minted| *minted <= now && minted.as_millisecond() >= oldest_ms)
            .unwrap_or(now)
    }
}

impl Watching {
    /// How many sittings are kept one by one: a heartbeat is not later than that many sittings.
    pub const KEPT: usize = 16;

    /// Takes a heartbeat in; says whether it told anything new.
    pub fn hear(&mut self, beat: &Heartbeat, now: Timestamp) -> bool {
        let known = self
            .sittings
            .iter_mut()
            .find(|sitting| sitting.playback_id == beat.playback_id);
        if let Some(sitting) = known {
            let grows = beat.watched_ms > sitting.watched_ms;
            if grows {
                sitting.watched_ms = beat.watched_ms;
                sitting.position_ms = beat.position_ms;
            }
            return grows;
        }

        let began_at = beat.began_at(now);
        if self.summed_until.is_some_and(|until| began_at <= until) {
            return false;
        }
        self.sittings.push(Sitting {
            playback_id: beat.playback_id,
            began_at,
            watched_ms: beat.watched_ms,
            position_ms: beat.position_ms,
        });
        self.sittings
            .sort_by_key(|sitting| (sitting.began_at, sitting.playback_id));
        if self.sittings.len() > Self::KEPT {
            let oldest = self.sittings.remove(0);
            self.earlier_ms += oldest.watched_ms;
            self.summed_until = Some(oldest.began_at);
        }

        true
    }

    /// How much was watched, in all sittings.
    #[must_use]
    pub fn watched_ms(&self) -> u64 {
        let kept: u64 = self.sittings.iter().map(|sitting| sitting.watched_ms).sum();

        self.earlier_ms + kept
    }

    /// Where the last sitting stopped.
    #[must_use]
    pub fn position_ms(&self) -> u64 {
        self.sittings.last().map_or(0, |sitting| sitting.position_ms)
    }
}
