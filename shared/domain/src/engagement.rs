//! Engagement: one account's watch progress, like, dismissal and country for one title.

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

/// The engagement of one account with one title.
#[derive(Clone, Debug, PartialEq)]
pub struct Engagement {
    /// The account.
    pub account_id: AccountId,
    /// The title.
    pub title_id: TitleId,
    /// How long the title plays.
    pub duration_ms: u64,
    /// Its watch progress.
    pub watching: WatchProgress,
    /// When the title was liked.
    pub liked_at: Option<Timestamp>,
    /// The dismissal, if the title was dismissed.
    pub feedback: Option<Feedback>,
    /// The last known country from which the account watched or liked the title.
    pub territory: Option<Territory>,
    /// When the account was counted for the popularity score.
    pub counted_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; 0 before the first write.
    pub version: u64,
}

/// How an account dismisses a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// Do not recommend this title.
    NotInterested,
    /// Recommend fewer titles like this one.
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
    /// An account that watched at least this share counts as a viewer of the title.
    const COUNTED_SHARE: f64 = 0.5;
    /// An account counts only after this much confirmed watch time, or a quarter of the title if that is shorter.
    const CONFIRMED_MS: u64 = 30_000;

    /// An account that has not engaged with the title yet.
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

    /// Records a heartbeat of a playback session that began at `began_at`. Returns whether anything changed.
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

    /// Likes the title and takes back a dismissal. Returns whether anything changed.
    pub fn like(&mut self, now: Timestamp) -> bool {
        if self.liked_at.is_some() {
            return false;
        }
        self.liked_at = Some(now);
        self.feedback = None;
        self.changed(now);

        true
    }

    /// Takes the like back. Returns whether anything changed.
    pub fn unlike(&mut self, now: Timestamp) -> bool {
        let liked = self.liked_at.take().is_some();
        if liked {
            self.changed(now);
        }

        liked
    }

    /// Dismisses the title, which takes back a like; `None` takes back the dismissal. Returns whether anything changed.
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

    /// Notes the country of the last engagement. An unknown country leaves the known one.
    pub fn note_territory(&mut self, territory: Option<Territory>) {
        self.territory = territory.or(self.territory);
    }

    /// Whether there is neither watch time nor a like nor a dismissal (any more).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.watching.watched_ms() == 0 && self.liked_at.is_none() && self.feedback.is_none()
    }

    /// The watched share of the title, from 0 to 1, if it plays for `duration_ms`.
    #[must_use]
    pub fn watched_share(&self, duration_ms: u64) -> f64 {
        share(self.watching.watched_ms(), duration_ms)
    }

    /// The last position as a share of the title's length, from 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        share(self.watching.position_ms(), self.duration_ms)
    }

    /// Where to continue, if the title was started and not watched to its end.
    #[must_use]
    pub fn resume_ms(&self) -> Option<u64> {
        (0.02..=0.9)
            .contains(&self.progress())
            .then(|| self.watching.position_ms())
    }

    /// The engagement as a line of training data.
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
        if self.is_counted() && self.counted_at.is_none() {
            self.counted_at = Some(now);
        }
    }

    /// Whether the account counts for the popularity score: it liked the title or watched half of it, and the watch time is confirmed.
    /// Accounts cost nothing, so only real time counts.
    fn is_counted(&self) -> bool {
        let confirmed = self.watching.confirmed_ms() >= Self::CONFIRMED_MS.min(self.duration_ms / 4);

        confirmed && (self.liked_at.is_some() || self.watched_share(self.duration_ms) >= Self::COUNTED_SHARE)
    }
}

/// A line of the recommender's training data: the engagement of one account with one title. The line with the highest version counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// The account.
    pub account_id: AccountId,
    /// The title.
    pub title_id: TitleId,
    /// The version of the engagement.
    pub version: u64,
    /// When the engagement last changed.
    pub at: Timestamp,
    /// The watched share of the title, from 0 to 1.
    pub watched_share: f64,
    /// Whether the title is liked.
    pub liked: bool,
    /// Whether the title is dismissed: then watching it is no sign of liking it.
    pub not_interested: bool,
    /// The last known country from which the account watched or liked the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<Territory>,
}
