//! What a person has to do with a title: how much was watched and where it stopped, whether it is liked, whether the
//! person wants to see it, or its like, again.

#[cfg(test)]
mod tests;
mod watch_progress;

use kernel::{
    Timestamp,
    id::{AccountId, TitleId},
    territory::Territory,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::watch_progress::{
    Heartbeat, Implausible, MAX_WATCH_SESSION_MS, PlaybackSession, WatchProgress, WatchSession,
};

/// What one person has to do with one title.
#[derive(Clone, Debug, PartialEq)]
pub struct Engagement {
    /// Whose.
    pub account_id: AccountId,
    /// With what.
    pub title_id: TitleId,
    /// How long the title plays.
    pub duration_ms: u64,
    /// What was watched.
    pub watching: WatchProgress,
    /// Since when it is liked.
    pub liked_at: Option<Timestamp>,
    /// What the person said against it.
    pub feedback: Option<Feedback>,
    /// The last known country where they watched or liked it.
    pub territory: Option<Territory>,
    /// When this person was first counted among those who watched or liked it.
    pub counted_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; 0 while nothing is written.
    pub version: u64,
}

/// What a person says against a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// Never show me this one.
    NotInterested,
    /// Show me less that is like it.
    LessOfThis,
}

/// `part` of `whole`, from 0 to 1.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share needs no more than 52 bits")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }

    (part as f64 / whole as f64).min(1.0)
}

impl Engagement {
    /// From this share on somebody counts among those who watched a title.
    const COUNTS: f64 = 0.5;
    /// Who counts has spent so much real time with it, or with a short title a quarter of its length.
    const CONFIRMED_MS: u64 = 30_000;

    /// Nothing yet.
    #[must_use]
    pub fn new(account_id: AccountId, title_id: TitleId, duration_ms: u64, now: Timestamp) -> Self {
        Self {
            account_id,
            title_id,
            duration_ms,
            watching: WatchProgress::default(),
            liked_at: None,
            feedback: None,
            territory: None,
            counted_at: None,
            updated_at: now,
            version: 0,
        }
    }

    /// Takes a heartbeat of a session that began at `began_at` in; says whether it told anything new.
    pub fn record(&mut self, beat: &Heartbeat, began_at: Timestamp, duration_ms: u64, now: Timestamp) -> bool {
        let beat = Heartbeat {
            position_ms: beat.position_ms.min(duration_ms),
            ..beat.clone()
        };
        if !self.watching.record(&beat, began_at, now) {
            return false;
        }
        self.duration_ms = duration_ms;
        self.changed(now);

        true
    }

    /// Likes it from now on, whatever was said against it; says whether that is new.
    pub fn like(&mut self, now: Timestamp) -> bool {
        if self.liked_at.is_some() {
            return false;
        }
        self.liked_at = Some(now);
        self.feedback = None;
        self.changed(now);

        true
    }

    /// Does not like it (any more); says whether that is new.
    pub fn unlike(&mut self, now: Timestamp) -> bool {
        let liked = self.liked_at.take().is_some();
        if liked {
            self.changed(now);
        }

        liked
    }

    /// Says something against it, and so does not like it, or takes it back; says whether that is new.
    pub fn give_feedback(&mut self, feedback: Option<Feedback>, now: Timestamp) -> bool {
        if self.feedback == feedback {
            return false;
        }
        self.feedback = feedback;
        if feedback.is_some() {
            self.liked_at = None;
        }
        self.changed(now);

        true
    }

    /// Notes where somebody watches or likes it. Where nobody knows, what was known stays.
    pub fn note_territory(&mut self, territory: Option<Territory>) {
        self.territory = territory.or(self.territory);
    }

    /// Whether nothing is left of it: a like or a word that was taken back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.watching.watched_ms() == 0 && self.liked_at.is_none() && self.feedback.is_none()
    }

    /// How much of it was watched, from 0 to 1, if it plays for `duration_ms`.
    #[must_use]
    pub fn watched_share(&self, duration_ms: u64) -> f64 {
        share(self.watching.watched_ms(), duration_ms)
    }

    /// How far into the film the last sitting came, from 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        share(self.watching.position_ms(), self.duration_ms)
    }

    /// Where to go on, if the film was begun and not seen to its end.
    #[must_use]
    pub fn resume_ms(&self) -> Option<u64> {
        (0.02..=0.9)
            .contains(&self.progress())
            .then(|| self.watching.position_ms())
    }

    /// What a model learns from it.
    #[must_use]
    pub fn interaction(&self) -> Interaction {
        Interaction {
            account_id: self.account_id,
            title_id: self.title_id,
            version: self.version,
            at: self.updated_at,
            watched_share: self.watched_share(self.duration_ms),
            liked: self.liked_at.is_some(),
            not_interested: self.feedback.is_some(),
            territory: self.territory,
        }
    }

    fn changed(&mut self, now: Timestamp) {
        self.updated_at = self.updated_at.max(now);
        if self.is_empty() {
            self.territory = None;
        }
        if self.counts() && self.counted_at.is_none() {
            self.counted_at = Some(now);
        }
    }

    /// Whether this person makes the title more popular: whoever likes it or watched half of it, once it is confirmed that
    /// it was played. Accounts cost nothing, real time does.
    fn counts(&self) -> bool {
        let confirmed = self.watching.confirmed_ms() >= Self::CONFIRMED_MS.min(self.duration_ms / 4);

        confirmed && (self.liked_at.is_some() || self.watched_share(self.duration_ms) >= Self::COUNTS)
    }
}

/// A line of the recommender's training data: how one person's dealings with one title stand. The line with the highest
/// version counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// Whose.
    pub account_id: AccountId,
    /// With what.
    pub title_id: TitleId,
    /// Which state of it this is.
    pub version: u64,
    /// When it came about.
    pub at: Timestamp,
    /// How much was watched, from 0 to 1.
    pub watched_share: f64,
    /// Whether it is liked.
    pub liked: bool,
    /// Whether anything was said against it: no sign of liking, however much was watched.
    pub not_interested: bool,
    /// The last known country where the person watched or liked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<Territory>,
}
