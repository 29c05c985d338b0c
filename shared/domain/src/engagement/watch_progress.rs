//! How much of a title was watched, by heartbeats of playback sessions.
//!
//! They come twice, late and out of order, so a heartbeat says how it stands (*so much in this session*), never what is
//! new (*ten seconds more*), and the most that was said of a session counts. What it says is bounded by the time that
//! passed since `create_playback` began the session.

use std::time::Duration;

use kernel::{
    Timestamp,
    id::{AccountId, PlaybackId, TitleId},
};
use serde::{Deserialize, Serialize};

use crate::title::Publication;

/// A playback session: begun by `create_playback`, named by every heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybackSession {
    /// Its id.
    pub playback_id: PlaybackId,
    /// Who watches.
    pub account_id: AccountId,
    /// What.
    pub title_id: TitleId,
    /// When it began.
    pub began_at: Timestamp,
}

impl PlaybackSession {
    /// How long after its beginning heartbeats are taken: a film that stays paused for days goes on in another session.
    const LIFETIME: Duration = Duration::from_hours(7 * 24);

    /// When its heartbeats are refused.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.began_at.saturating_add(Self::LIFETIME).unwrap_or(Timestamp::MAX)
    }
}

/// What was watched: the last sessions one by one, the earlier ones as a sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchProgress {
    /// The last sessions, in the order in which they began.
    #[serde(rename = "sittings")]
    pub sessions: Vec<WatchSession>,
    /// How much was watched in sessions that are not kept any more.
    #[serde(default)]
    pub earlier_ms: u64,
    /// When the last one of those began: nothing that is said of such a session later changes anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summed_until: Option<Timestamp>,
    /// When the first session began: from then on time passes in which the film can be watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_began_at: Option<Timestamp>,
}

/// From pressing play to leaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchSession {
    /// The player's name for it.
    pub playback_id: PlaybackId,
    /// When it began, as well as is known.
    pub began_at: Timestamp,
    /// How much was watched in it.
    pub watched_ms: u64,
    /// Where it had come to by then.
    pub position_ms: u64,
    /// The highest number of its heartbeats, where they have numbers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub number: u32,
    /// How many heartbeats said that more was watched.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub growths: u32,
    /// When the last heartbeat came that said something new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl WatchSession {
    /// What orders sessions by when the person was last there: items of earlier releases know the beginning only.
    fn order(&self) -> (Timestamp, Timestamp, PlaybackId) {
        (self.heard_at.unwrap_or(self.began_at), self.began_at, self.playback_id)
    }

    /// How much real time passed from its beginning to its last news, at most as much as was watched: nobody needs longer
    /// to watch it.
    fn confirmed_ms(&self) -> u64 {
        let heard_at = self
            .heard_at
            .filter(|_| self.growths >= WatchProgress::CONFIRMING_BEATS);
        let passed_ms = heard_at.map_or(0, |heard_at| milliseconds_between(self.began_at, heard_at));

        passed_ms.min(self.watched_ms)
    }
}

fn milliseconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0)
}

/// What a player says every few seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The session.
    pub playback_id: PlaybackId,
    /// Where the film stands.
    pub position_ms: u64,
    /// How much of it was played since the session began.
    pub watched_ms: u64,
    /// Its number in the session, from 1: it says which of two heartbeats with the same `watched_ms` is the later one. 0
    /// without a number.
    pub number: u32,
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
    #[error("must be at most {MAX_WATCH_SESSION_MS} ms, a day: begin another playback")]
    TooLong,
    /// More than anybody can have watched by now.
    #[error("must be at most {most_ms} ms: no more time has passed since this playback began")]
    Watched {
        /// All that fits in the time since it began.
        most_ms: u64,
    },
}

/// A day.
pub const MAX_WATCH_SESSION_MS: u64 = 24 * 60 * 60 * 1_000;
/// Players do not agree with us to the millisecond on where a film ends.
const AFTER_THE_END_MS: u64 = 5_000;
/// Nobody watches faster than this.
const FASTEST: u64 = 4;

impl Heartbeat {
    /// What of it cannot be true, by the field that says it.
    #[must_use]
    pub fn implausible(
        &self,
        film: &Publication,
        session: &PlaybackSession,
        now: Timestamp,
    ) -> Vec<(&'static str, Implausible)> {
        let most_ms = milliseconds_between(session.began_at, now) * FASTEST;
        let position = (self.position_ms > film.duration_ms + AFTER_THE_END_MS).then_some(Implausible::Position {
            duration_ms: film.duration_ms,
        });
        let watched = if self.watched_ms > MAX_WATCH_SESSION_MS {
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
}

impl WatchProgress {
    /// How many sessions are kept one by one: a heartbeat is not later than that many sessions.
    pub const MAX_SESSIONS: usize = 16;
    /// How many heartbeats confirm that a film plays: one may be made up in passing.
    const CONFIRMING_BEATS: u32 = 2;

    /// Takes a heartbeat of a session that began at `began_at` in; says whether it told anything new.
    pub fn record(&mut self, beat: &Heartbeat, began_at: Timestamp, now: Timestamp) -> bool {
        let known = self
            .sessions
            .iter_mut()
            .find(|session| session.playback_id == beat.playback_id);
        if let Some(session) = known {
            return session.record(beat, now);
        }
        if self.summed_until.is_some_and(|until| began_at <= until) {
            return false;
        }

        self.sessions.push(WatchSession {
            playback_id: beat.playback_id,
            began_at,
            watched_ms: beat.watched_ms,
            position_ms: beat.position_ms,
            number: beat.number,
            growths: u32::from(beat.watched_ms > 0),
            heard_at: Some(now),
        });
        self.sessions
            .sort_by_key(|session| (session.began_at, session.playback_id));
        // What was summed up before this was noted may be older than any session that is known.
        if self.first_began_at.is_some() || self.earlier_ms == 0 {
            let first = self.sessions.first().map(|session| session.began_at);
            self.first_began_at = [self.first_began_at, first].into_iter().flatten().min();
        }
        if self.sessions.len() > Self::MAX_SESSIONS {
            let oldest = self.sessions.remove(0);
            self.earlier_ms += oldest.watched_ms;
            self.summed_until = Some(oldest.began_at);
        }

        true
    }

    /// How much was watched, in all sessions: however many sessions run at the same time, never more than fits in the time
    /// from the beginning of the first to the last news.
    #[must_use]
    pub fn watched_ms(&self) -> u64 {
        let kept: u64 = self.sessions.iter().map(|session| session.watched_ms).sum();
        let most_ms = self.real_ms().map_or(u64::MAX, |real| real.saturating_mul(FASTEST));

        (self.earlier_ms + kept).min(most_ms)
    }

    /// How much real time confirms that it was watched: that of sessions at the same time counts once.
    #[must_use]
    pub fn confirmed_ms(&self) -> u64 {
        let confirmed: u64 = self.sessions.iter().map(WatchSession::confirmed_ms).sum();

        confirmed.min(self.real_ms().unwrap_or(u64::MAX))
    }

    /// The time from the beginning of the first session to the last news; not known of what an earlier release wrote.
    fn real_ms(&self) -> Option<u64> {
        let last_heard_at = self.sessions.iter().filter_map(|session| session.heard_at).max();

        Some(milliseconds_between(self.first_began_at?, last_heard_at?))
    }

    /// Where the session stopped that there was news of last.
    #[must_use]
    pub fn position_ms(&self) -> u64 {
        let last = self.sessions.iter().max_by_key(|session| session.order());

        last.map_or(0, |session| session.position_ms)
    }
}

impl WatchSession {
    /// Takes a later heartbeat in. One that says the same or less changes nothing, unless its number says that it is later:
    /// then the film is in another place.
    fn record(&mut self, beat: &Heartbeat, now: Timestamp) -> bool {
        let grows = beat.watched_ms > self.watched_ms;
        let later = if beat.number == 0 {
            grows
        } else {
            beat.number > self.number
        };
        if grows {
            self.watched_ms = beat.watched_ms;
            self.growths = self.growths.saturating_add(1);
        }
        if later {
            self.position_ms = beat.position_ms;
            self.number = self.number.max(beat.number);
        }
        if grows || later {
            self.heard_at = self.heard_at.max(Some(now));
        }

        grows || later
    }
}
