//! Playback: who may watch, how long a token is valid, and what it claims.

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

/// Why a person may not watch a title.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotWatchable {
    /// The person may not know that the title exists.
    #[error("there is no such title")]
    Unknown,
    /// The title is not published (any more).
    #[error("this title is {0}: only a published title can be watched")]
    NotPublished(TitleState),
}

/// The publication that `person` may watch.
pub fn entitlement<'a>(title: &'a Title, person: &Person) -> Result<&'a Publication, NotWatchable> {
    if !title.visible_to(person) {
        return Err(NotWatchable::Unknown);
    }

    match (&title.publication, title.state) {
        (Some(publication), TitleState::Published) => Ok(publication),
        (_, state) => Err(NotWatchable::NotPublished(state)),
    }
}

/// The longest time between a title's `updated_at` and the write of the change: a route takes the time, reads, decides and then writes. A
/// playback session that began in between has a token by the title's former state, so a hidden title refuses all tokens that were issued
/// before this time has passed (ADR 23).
pub const MAX_WRITE_DELAY: Duration = Duration::from_secs(10);

/// The issue time of a token that is created now. The owner and admins may play a hidden title: they get a later issue time than the
/// tokens that are refused, even right after the change.
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
    /// It requests a new token and uses it from then on (our hls.js loader).
    Renewable,
    /// It cannot: native HLS fetches a playlist once and keeps its paths.
    Fixed,
}

const RENEWABLE_SECONDS: i64 = 10 * 60;
const FIXED_EXTRA_SECONDS: i64 = 2 * 60 * 60;
const FIXED_MAX_SECONDS: i64 = 12 * 60 * 60;

/// The longest validity of a token.
pub const MAX_TOKEN_LIFETIME: Duration = Duration::from_secs(FIXED_MAX_SECONDS.unsigned_abs());

/// The validity of a token for a title of `duration_ms`, in seconds: 10 minutes if the client renews it, else the title's length and two
/// hours for pauses, at most 12 hours.
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

/// What a token claims. [`token`] signs it, `edge/media-token.js` checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The asset whose files it is for.
    pub asset_id: AssetId,
    /// The attempt that wrote the files.
    pub attempt: Attempt,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The account that watches.
    pub account_id: AccountId,
    /// The playback session.
    pub playback_id: PlaybackId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::Role,
        title::{
            Visibility,
            tests::{person, published},
        },
    };

    #[test]
    fn a_token_for_a_title_that_was_just_hidden_is_issued_after_those_that_are_refused() {
        let changed_at = Timestamp::UNIX_EPOCH;
        let (mut title, _) = published(changed_at);
        let after = |seconds| changed_at + Duration::from_secs(seconds);

        assert_eq!(issue_time(&title, after(1)), after(1), "every viewer may see it");
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

    #[test]
    fn a_title_that_is_not_published_any_more_is_not_played() {
        let (mut title, asset) = published(Timestamp::UNIX_EPOCH);
        let owner = Person {
            id: title.owner.account_id,
            roles: vec![Role::Creator],
        };
        let played = entitlement(&title, &owner).map(|publication| publication.asset_id);
        assert_eq!(played, Ok(asset));

        title.archive(&owner, Timestamp::UNIX_EPOCH).unwrap();

        let archived = NotWatchable::NotPublished(TitleState::Archived);
        assert_eq!(entitlement(&title, &owner), Err(archived));
        assert_eq!(entitlement(&title, &person(&[Role::Admin])), Err(archived));
        assert_eq!(entitlement(&title, &person(&[])), Err(NotWatchable::Unknown));
    }
}
