//! Watch progress: how much of a title was watched, by the heartbeats of its players.
//!
//! Heartbeats may arrive twice, late and out of order. So a heartbeat reports totals (*90 seconds in this session*), never differences (*10
//! seconds more*), and the largest total of a session counts. A total cannot exceed the time since `create_playback` began the session.

use std::time::Duration;

use kernel::{
    Timestamp,
    id::{AccountId, PlaybackId, TitleId},
};
use serde::{Deserialize, Serialize};

use crate::title::Publication;

/// A playback session: `create_playback` begins it, and every heartbeat names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybackSession {
    /// Its id.
    pub playback_id: PlaybackId,
    /// The account that watches.
    pub account_id: AccountId,
    /// The title.
    pub title_id: TitleId,
    /// When it began.
    pub began_at: Timestamp,
}

impl PlaybackSession {
    /// How long heartbeats are accepted. A player that was paused for longer begins another session.
    const LIFETIME: Duration = Duration::from_hours(7 * 24);

    /// From when on its heartbeats are refused.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.began_at.saturating_add(Self::LIFETIME).unwrap_or(Timestamp::MAX)
    }
}

/// The watch progress of one account in one title: the latest watch sessions one by one, and the sum of the earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchProgress {
    /// The latest watch sessions, in the order in which they began.
    #[serde(rename = "sittings")]
    pub sessions: Vec<WatchSession>,
    /// Watch time of the earlier sessions, which are not kept.
    #[serde(default)]
    pub earlier_ms: u64,
    /// When the latest of the earlier sessions began. Heartbeats of these sessions are ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summed_until: Option<Timestamp>,
    /// When the first session began. The watch time of all sessions is bounded by the time since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_began_at: Option<Timestamp>,
}

/// A watch session, from pressing play to leaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchSession {
    /// The playback session that its heartbeats name.
    pub playback_id: PlaybackId,
    /// When it began.
    pub began_at: Timestamp,
    /// Its watch time.
    pub watched_ms: u64,
    /// Its last position.
    pub position_ms: u64,
    /// The highest number of its heartbeats, if they have numbers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub number: u32,
    /// How many heartbeats increased the watch time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub growths: u32,
    /// When the last heartbeat that changed anything was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl WatchSession {
    /// Sort key by the last heartbeat. Items of earlier releases have only the beginning of a session.
    fn order(&self) -> (Timestamp, Timestamp, PlaybackId) {
        (self.heard_at.unwrap_or(self.began_at), self.began_at, self.playback_id)
    }

    /// The real time from the beginning to the last heartbeat, but at most the watch time.
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

/// What a player reports every few seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The playback session.
    pub playback_id: PlaybackId,
    /// The position in the title.
    pub position_ms: u64,
    /// Watch time since the session began.
    pub watched_ms: u64,
    /// Its number in the session, from 1: it orders heartbeats with the same `watched_ms`. 0 if the player sends no number.
    pub number: u32,
}

/// Why a heartbeat cannot be true.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Implausible {
    /// The position is after the title's end.
    #[error("must not be after the end of the title, which plays for {duration_ms} ms")]
    Position {
        /// How long it plays.
        duration_ms: u64,
    },
    /// The watch time is longer than a watch session may be.
    #[error("must be at most {MAX_WATCH_SESSION_MS} ms, a day: begin another playback")]
    TooLong,
    /// The watch time is longer than the session allows by now.
    #[error("must be at most {max_ms} ms: no more time has passed since this playback began")]
    Watched {
        /// The longest possible watch time.
        max_ms: u64,
    },
}

/// The longest watch session: a day.
pub const MAX_WATCH_SESSION_MS: u64 = 24 * 60 * 60 * 1_000;
/// Positions after the end are accepted up to this: players round the length of a title differently.
const END_TOLERANCE_MS: u64 = 5_000;
/// The fastest playback rate.
const MAX_PLAYBACK_RATE: u64 = 4;

impl Heartbeat {
    /// The values that cannot be true, each with the pointer to its field.
    #[must_use]
    pub fn implausible(
        &self,
        film: &Publication,
        session: &PlaybackSession,
        now: Timestamp,
    ) -> Vec<(&'static str, Implausible)> {
        let max_ms = milliseconds_between(session.began_at, now) * MAX_PLAYBACK_RATE;
        let position = (self.position_ms > film.duration_ms + END_TOLERANCE_MS).then_some(Implausible::Position {
            duration_ms: film.duration_ms,
        });
        let watched = if self.watched_ms > MAX_WATCH_SESSION_MS {
            Some(Implausible::TooLong)
        } else {
            (self.watched_ms > max_ms).then_some(Implausible::Watched { max_ms })
        };

        let faults = [("/position_ms", position), ("/watched_ms", watched)];
        faults
            .into_iter()
            .filter_map(|(pointer, fault)| Some((pointer, fault?)))
            .collect()
    }
}

impl WatchProgress {
    /// How many watch sessions are kept one by one. Later heartbeats of earlier sessions are lost.
    pub const MAX_SESSIONS: usize = 16;
    /// How many growing heartbeats confirm that a title was played: a single one is easily forged.
    const CONFIRMING_BEATS: u32 = 2;

    /// Records a heartbeat of a playback session that began at `began_at`. Returns whether anything changed.
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
        // In items of earlier releases the sum may hold sessions that are older than all that are kept.
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

    /// The watch time of all sessions, at most what fits between the beginning of the first session and the last heartbeat, however many
    /// sessions run at the same time.
    #[must_use]
    pub fn watched_ms(&self) -> u64 {
        let kept: u64 = self.sessions.iter().map(|session| session.watched_ms).sum();
        let max_ms = self
            .real_ms()
            .map_or(u64::MAX, |real| real.saturating_mul(MAX_PLAYBACK_RATE));

        (self.earlier_ms + kept).min(max_ms)
    }

    /// The watch time that is confirmed by real time. Simultaneous sessions count once.
    #[must_use]
    pub fn confirmed_ms(&self) -> u64 {
        let confirmed: u64 = self.sessions.iter().map(WatchSession::confirmed_ms).sum();

        confirmed.min(self.real_ms().unwrap_or(u64::MAX))
    }

    /// The real time from the beginning of the first session to the last heartbeat; unknown in items of earlier releases.
    fn real_ms(&self) -> Option<u64> {
        let last_heard_at = self.sessions.iter().filter_map(|session| session.heard_at).max();

        Some(milliseconds_between(self.first_began_at?, last_heard_at?))
    }

    /// The position of the session with the last heartbeat.
    #[must_use]
    pub fn position_ms(&self) -> u64 {
        let last = self.sessions.iter().max_by_key(|session| session.order());

        last.map_or(0, |session| session.position_ms)
    }
}

impl WatchSession {
    /// Records another heartbeat. One with the same watch time or less changes nothing, unless its number is higher: then the viewer has
    /// jumped to another position.
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
