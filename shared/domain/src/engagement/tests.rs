//! Heartbeats may arrive in any order and any number of times; the result is the same.

use kernel::{
    Timestamp,
    id::{AccountId, AssetId, PlaybackId, TitleId},
};
use proptest::{collection::vec, prelude::*};

use super::{Engagement, Feedback, Heartbeat, Implausible, MAX_WATCH_SESSION_MS, PlaybackSession, WatchProgress};
use crate::title::{Publication, testing::publication};

const FILM_MS: u64 = 600_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

fn nothing() -> Engagement {
    Engagement::new(AccountId::mint(at(0)), TitleId::mint(at(0)), FILM_MS, at(0))
}

fn beat(playback_id: PlaybackId, watched_ms: u64) -> Heartbeat {
    Heartbeat {
        playback_id,
        // A repeated heartbeat has the same position.
        position_ms: watched_ms % FILM_MS,
        watched_ms,
        number: 0,
    }
}

fn numbered(playback_id: PlaybackId, number: u32, position_ms: u64, watched_ms: u64) -> Heartbeat {
    Heartbeat {
        playback_id,
        position_ms,
        watched_ms,
        number,
    }
}

/// Records a heartbeat whose session began when its id was minted.
fn record(engagement: &mut Engagement, beat: &Heartbeat, now: Timestamp) -> bool {
    engagement.record(beat, beat.playback_id.minted_at().unwrap(), FILM_MS, now)
}

/// Watch times of sessions that begin a minute apart.
fn sessions(max: usize) -> impl Strategy<Value = Vec<Vec<u64>>> {
    vec(vec(1..2 * FILM_MS, 1..8), 1..=max)
}

/// The id of the session that began at that minute.
fn session_id(minute: i64) -> PlaybackId {
    let ms = at(minute * 60).as_millisecond();

    format!("{:08x}-{:04x}-7000-8000-{minute:012x}", ms >> 16, ms & 0xffff)
        .parse()
        .unwrap()
}

/// The heartbeats of the sessions, in order.
fn beats(sessions: &[Vec<u64>]) -> Vec<Heartbeat> {
    let ids = (0..).map(session_id);

    sessions
        .iter()
        .zip(ids)
        .flat_map(|(watched, id)| {
            let mut watched = watched.clone();
            watched.sort_unstable();
            watched.into_iter().map(move |ms| beat(id, ms))
        })
        .collect()
}

fn recorded(beats: &[Heartbeat]) -> Engagement {
    let mut engagement = nothing();
    for beat in beats {
        record(&mut engagement, beat, at(100_000));
    }

    engagement
}

proptest! {
    #[test]
    fn any_order_and_repetition_gives_the_same(
        (sessions, disorder) in sessions(WatchProgress::MAX_SESSIONS)
            .prop_flat_map(|sessions| {
                let twice = [beats(&sessions), beats(&sessions)].concat();
                (Just(sessions), Just(twice).prop_shuffle())
            })
    ) {
        let (mut order, mut disorder) = (recorded(&beats(&sessions)), recorded(&disorder));
        // How often the watch time grew depends on the order.
        for session in order.watching.sessions.iter_mut().chain(&mut disorder.watching.sessions) {
            session.growths = 0;
        }

        prop_assert_eq!(&order.watching, &disorder.watching);
        let all: u64 = sessions.iter().filter_map(|watched| watched.iter().max()).sum();
        prop_assert_eq!(order.watching.watched_ms(), all);
        let last = sessions.last().and_then(|watched| watched.iter().max()).unwrap();
        prop_assert_eq!(order.watching.position_ms(), last % FILM_MS);
    }

    #[test]
    fn many_sessions_count_no_more_than_was_watched(
        disorder in sessions(3 * WatchProgress::MAX_SESSIONS).prop_flat_map(|sessions| {
            Just([beats(&sessions), beats(&sessions)].concat()).prop_shuffle()
        })
    ) {
        let mut longest = std::collections::BTreeMap::new();
        for beat in &disorder {
            let entry = longest.entry(beat.playback_id).or_insert(0);
            *entry = beat.watched_ms.max(*entry);
        }
        let engagement = recorded(&disorder);

        prop_assert!(engagement.watching.watched_ms() <= longest.values().sum());
        prop_assert!(engagement.watching.sessions.len() <= WatchProgress::MAX_SESSIONS);
    }

    #[test]
    fn repeated_heartbeats_change_nothing(sessions in sessions(WatchProgress::MAX_SESSIONS)) {
        let beats = beats(&sessions);
        let mut engagement = recorded(&beats);
        let before = engagement.clone();

        for beat in &beats {
            prop_assert!(!record(&mut engagement, beat, at(200_000)));
        }
        prop_assert_eq!(engagement, before);
    }

    #[test]
    fn a_share_is_between_zero_and_one(sessions in sessions(4), duration_ms in 0..2 * FILM_MS) {
        let share = recorded(&beats(&sessions)).watched_share(duration_ms);

        prop_assert!((0.0..=1.0).contains(&share));
    }
}

#[test]
fn early_sessions_are_summed_up() {
    let sessions: Vec<Vec<u64>> = (0..40).map(|_| vec![1_000]).collect();
    let engagement = recorded(&beats(&sessions));

    assert_eq!(engagement.watching.sessions.len(), WatchProgress::MAX_SESSIONS);
    assert_eq!(engagement.watching.watched_ms(), 40_000);

    let first = &beats(&sessions)[0];
    let late = Heartbeat {
        watched_ms: 9_000,
        ..first.clone()
    };
    assert!(!record(&mut engagement.clone(), &late, at(100_000)));
}

#[test]
fn the_position_is_that_of_the_last_heartbeat_whichever_session_began_first() {
    let (tv, phone) = (PlaybackId::mint(at(0)), PlaybackId::mint(at(60)));
    let mut engagement = nothing();
    record(&mut engagement, &beat(tv, 30_000), at(30));
    record(&mut engagement, &beat(phone, 8_000), at(70));
    assert_eq!(engagement.watching.position_ms(), 8_000);

    assert!(record(&mut engagement, &beat(tv, 180_000), at(200)));
    assert_eq!(engagement.watching.position_ms(), 180_000);
    // Repeated and older heartbeats do not move it.
    assert!(!record(&mut engagement, &beat(phone, 8_000), at(210)));
    assert!(!record(&mut engagement, &beat(phone, 7_000), at(210)));
    assert_eq!(engagement.watching.position_ms(), 180_000);
    assert_eq!(engagement.watching.watched_ms(), 188_000);
}

#[test]
fn a_jump_without_watching_is_recorded_by_its_number() {
    let id = PlaybackId::mint(at(0));
    let mut engagement = nothing();
    record(&mut engagement, &numbered(id, 1, 10_000, 10_000), at(10));

    assert!(record(&mut engagement, &numbered(id, 3, 300_000, 10_000), at(12)));
    assert_eq!(engagement.watching.position_ms(), 300_000);
    // The second heartbeat arrives after the third.
    assert!(!record(&mut engagement, &numbered(id, 2, 50_000, 10_000), at(13)));
    assert!(!record(&mut engagement, &numbered(id, 3, 300_000, 10_000), at(14)));
    assert_eq!(engagement.watching.position_ms(), 300_000);
    assert_eq!(engagement.watching.watched_ms(), 10_000);
}

#[test]
fn simultaneous_sessions_count_no_more_than_the_time_that_passed() {
    let mut engagement = nothing();
    for n in 0..16 {
        let id = PlaybackId::mint(at(n));
        record(&mut engagement, &beat(id, 60_000), at(20));
    }

    assert_eq!(engagement.watching.watched_ms(), 20_000 * 4);
}

#[test]
fn time_is_confirmed_once_however_many_sessions_run() {
    let mut engagement = nothing();
    let ids: Vec<_> = (0..8).map(|_| PlaybackId::mint(at(0))).collect();
    for (seconds, watched_ms) in [(1, 60_000), (2, 120_000)] {
        for id in &ids {
            record(&mut engagement, &beat(*id, watched_ms), at(seconds));
        }
    }

    assert_eq!(engagement.watching.confirmed_ms(), 2_000);
}

#[test]
fn implausible_values_are_refused_by_field() {
    let film = Publication {
        duration_ms: FILM_MS,
        ..publication(AssetId::mint(at(0)), at(0))
    };
    let faults = |position_ms, watched_ms, seconds| {
        let session = PlaybackSession {
            playback_id: PlaybackId::mint(at(0)),
            account_id: AccountId::mint(at(0)),
            title_id: TitleId::mint(at(0)),
            began_at: at(0),
        };
        let beat = numbered(session.playback_id, 1, position_ms, watched_ms);
        beat.implausible(&film, &session, at(seconds))
    };

    assert_eq!(faults(FILM_MS + 5_000, 100_000, 100), []);
    let after_end = Implausible::Position { duration_ms: FILM_MS };
    assert_eq!(faults(FILM_MS + 5_001, 0, 100), [("/position_ms", after_end.clone())]);
    let too_much = Implausible::Watched { max_ms: 40_000 };
    assert_eq!(faults(0, 40_000, 10), []);
    assert_eq!(faults(0, 40_001, 10), [("/watched_ms", too_much)]);
    let too_long = Implausible::TooLong;
    assert_eq!(
        faults(u64::MAX, MAX_WATCH_SESSION_MS + 1, 900_000),
        [("/position_ms", after_end), ("/watched_ms", too_long)]
    );
    assert_eq!(faults(0, 0, -1_000), []);
}

#[test]
fn a_position_just_after_the_end_is_the_end() {
    let mut engagement = nothing();
    let id = PlaybackId::mint(at(0));
    let late = Heartbeat {
        playback_id: id,
        position_ms: FILM_MS + 300,
        watched_ms: 1,
        number: 0,
    };
    record(&mut engagement, &late, at(1));

    assert_eq!(engagement.watching.position_ms(), FILM_MS);
}

#[test]
fn a_title_can_be_resumed_between_its_beginning_and_its_end() {
    let stopped_at = |percent: u64| recorded(&[beat(PlaybackId::mint(at(0)), FILM_MS / 100 * percent)]).resume_ms();

    assert_eq!(stopped_at(1), None);
    assert_eq!(stopped_at(2), Some(12_000));
    assert_eq!(stopped_at(90), Some(540_000));
    assert_eq!(stopped_at(91), None);
    assert_eq!(nothing().resume_ms(), None);
}

#[test]
fn a_second_like_changes_nothing_and_the_last_choice_counts() {
    let mut engagement = nothing();

    assert!(engagement.like(at(1)) && !engagement.like(at(2)));
    assert_eq!(engagement.liked_at, Some(at(1)));
    assert!(engagement.give_feedback(Some(Feedback::NotInterested), at(3)));
    assert_eq!(engagement.liked_at, None);
    assert!(!engagement.unlike(at(4)));
    assert!(engagement.like(at(5)));
    assert_eq!(engagement.feedback, None);
    assert!(!engagement.give_feedback(None, at(6)));
    assert_eq!(engagement.updated_at, at(5));
}

#[test]
fn an_account_is_counted_once_its_watch_time_is_confirmed() {
    let mut engagement = nothing();
    let id = PlaybackId::mint(at(0));

    record(&mut engagement, &beat(id, FILM_MS / 2), at(150));
    assert_eq!(engagement.counted_at, None, "a single heartbeat is easily forged");
    record(&mut engagement, &beat(id, FILM_MS / 2 + 1), at(151));
    assert_eq!(engagement.counted_at, Some(at(151)));
    engagement.like(at(153));
    assert_eq!(engagement.counted_at, Some(at(151)));
}

#[test]
fn unconfirmed_watching_and_likes_alone_are_not_counted() {
    let mut quick = nothing();
    let id = PlaybackId::mint(at(0));
    record(&mut quick, &beat(id, FILM_MS / 2), at(10));
    record(&mut quick, &beat(id, FILM_MS), at(29));
    assert_eq!(quick.counted_at, None);

    let mut liked = nothing();
    liked.like(at(1));
    assert_eq!(liked.counted_at, None);
    record(&mut liked, &beat(id, 20_000), at(20));
    record(&mut liked, &beat(id, 30_000), at(30));
    assert_eq!(liked.counted_at, Some(at(30)), "once some watch time is confirmed");
}

#[test]
fn a_quarter_of_a_short_film_is_enough_confirmed_watch_time() {
    let mut engagement = nothing();
    let id = PlaybackId::mint(at(0));
    let watched = |engagement: &mut Engagement, ms, seconds| {
        engagement.record(&beat(id, ms), at(0), 20_000, at(seconds));
    };

    watched(&mut engagement, 8_000, 8);
    assert_eq!(engagement.counted_at, None, "it is a single heartbeat");
    watched(&mut engagement, 12_000, 12);
    assert_eq!(engagement.counted_at, Some(at(12)));
}

#[test]
fn a_line_of_training_data_has_the_current_engagement() {
    let mut engagement = recorded(&[beat(PlaybackId::mint(at(0)), FILM_MS / 4)]);
    engagement.like(at(7));
    engagement.version = 7;
    let line = serde_json::to_value(engagement.interaction()).unwrap();

    assert_eq!(
        line,
        serde_json::json!({
            "account_id": engagement.account_id,
            "title_id": engagement.title_id,
            "version": 7,
            "at": "2026-11-19T14:53:20Z",
            "watched_share": 0.25,
            "liked": true,
            "not_interested": false,
        })
    );
}

#[test]
fn both_dismissals_are_no_interest_in_the_training_data() {
    for feedback in [Feedback::NotInterested, Feedback::LessOfThis] {
        let mut engagement = nothing();
        engagement.give_feedback(Some(feedback), at(1));
        assert!(engagement.interaction().not_interested, "{feedback:?}");

        engagement.give_feedback(None, at(2));
        assert!(!engagement.interaction().not_interested, "{feedback:?}");
    }
}

#[test]
fn the_last_known_country_is_kept_until_the_engagement_is_empty() {
    let (german, french) = ("DE".parse().ok(), "FR".parse().ok());
    let mut engagement = nothing();
    engagement.like(at(1));
    engagement.note_territory(german);
    engagement.note_territory(None);
    assert_eq!(engagement.interaction().territory, german);
    engagement.note_territory(french);
    assert_eq!(engagement.interaction().territory, french);

    engagement.unlike(at(2));
    assert_eq!(engagement.interaction().territory, None, "nothing is left of it");
}
