//! Playback: who may watch, for how long a token is good, and what is signed.

pub mod token;

use std::time::Duration;

use kernel::{
    Timestamp,
    id::{AccountId, AssetId, Attempt, PlaybackId},
};

use crate::{
    account::Person,
    title::{Publication, Title, TitleState},
};

/// Why somebody may not watch.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotWatchable {
    /// They may not know that it exists.
    #[error("there is no such title")]
    Unknown,
    /// Nothing is playable yet, or not any more.
    #[error("this title is {0}: only a published title can be watched")]
    NotPublished(TitleState),
}

/// What `person` may watch of `title`.
pub fn entitlement<'a>(title: &'a Title, person: &Person) -> Result<&'a Publication, NotWatchable> {
    if !title.visible_to(person) {
        return Err(NotWatchable::Unknown);
    }

    match (&title.publication, title.state) {
        (Some(publication), TitleState::Published) => Ok(publication),
        (_, state) => Err(NotWatchable::NotPublished(state)),
    }
}

/// How long after the time that it bears a change of a title is written: a route notes the time, reads and decides, and writes
/// then. A playback that began in between has a link by what was true before, so a title that is not shown refuses all links of
/// before then (ADR 23).
pub const MAX_WRITE_DELAY: Duration = Duration::from_secs(10);

/// Of which time a link is that is given now. Who may play a title that is not shown, its owner and admins, gets one of after
/// those that are refused, even when the change was a moment ago.
#[must_use]
pub fn issue_time(title: &Title, now: Timestamp) -> Timestamp {
    if title.is_shown() {
        now
    } else {
        now.max(title.updated_at + MAX_WRITE_DELAY)
    }
}

/// How a client keeps its token fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It asks again and swaps the token in later requests (our hls.js loader).
    Renewable,
    /// It cannot: native HLS fetches a playlist once and goes on with its paths.
    Fixed,
}

const RENEWABLE_SECONDS: i64 = 10 * 60;
const FIXED_EXTRA_SECONDS: i64 = 2 * 60 * 60;
const FIXED_MAX_SECONDS: i64 = 12 * 60 * 60;

/// No token is good for longer.
pub const MAX_TOKEN_LIFETIME: Duration = Duration::from_hours(12);

/// How many seconds a token for a film of `duration_ms` is good: 10 minutes where it can be renewed, else the film's
/// length and two hours for pauses, at most 12 hours.
#[must_use]
pub fn token_seconds(renewal: Renewal, duration_ms: u64) -> i64 {
    match renewal {
        Renewal::Renewable => RENEWABLE_SECONDS,
        Renewal::Fixed => {
            let film = i64::try_from(duration_ms.div_ceil(1_000)).unwrap_or(FIXED_MAX_SECONDS);

            film.saturating_add(FIXED_EXTRA_SECONDS).min(FIXED_MAX_SECONDS)
        }
    }
}

/// What a token says. Signing it is the edge's counterpart in `adapters`; `edge/media-token.js` checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Which asset's files.
    pub asset_id: AssetId,
    /// Which attempt's.
    pub attempt: Attempt,
    /// Until when.
    pub expires_at: Timestamp,
    /// Who watches.
    pub account_id: AccountId,
    /// In which session.
    pub playback_id: PlaybackId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::title::{Visibility, tests::published};

    #[test]
    fn a_link_to_a_title_that_was_just_hidden_is_of_after_those_that_are_refused() {
        let changed_at = Timestamp::UNIX_EPOCH;
        let (mut title, _) = published(changed_at);
        let after = |seconds| changed_at + Duration::from_secs(seconds);

        assert_eq!(issue_time(&title, after(1)), after(1), "everybody may see it");
        title.details.visibility = Visibility::Private;
        assert_eq!(issue_time(&title, after(1)), after(10));
        assert_eq!(issue_time(&title, after(11)), after(11));
    }

    #[test]
    fn a_token_outlives_the_film_only_where_it_cannot_be_renewed() {
        let minutes = |renewal, film: u64| token_seconds(renewal, film * 60_000) / 60;

        assert_eq!(minutes(Renewal::Renewable, 600), 10);
        assert_eq!(minutes(Renewal::Fixed, 90), 210);
        assert_eq!(minutes(Renewal::Fixed, 6_000), 720);
        assert_eq!(token_seconds(Renewal::Fixed, u64::MAX), 12 * 60 * 60);
        assert_eq!(MAX_TOKEN_LIFETIME.as_secs(), FIXED_MAX_SECONDS.unsigned_abs());
    }
}
