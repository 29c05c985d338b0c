//! Rows for people who watched something, and for those who did not.

use std::collections::{HashMap, HashSet};

use kernel::{
    Timestamp,
    id::{AccountId, AssetId, PlaybackId, TitleId},
};
use proptest::prelude::*;

use super::{Action, FallbackSources, Pick, Row, RowKind, SeedTitle, WatchHistory, time_left};
use crate::{
    engagement::{Engagement, Feedback, Heartbeat},
    title::{
        Publication, Title, TitleState, Visibility,
        testing::{details, owner, publication},
    },
};

const FILM_MS: u64 = 600_000;

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

fn id(number: u8) -> TitleId {
    format!("0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d{number:02x}")
        .parse()
        .unwrap()
}

fn title(number: u8, genres: &str) -> Title {
    let details = details(
        &format!("Film {number}"),
        &genres.split_whitespace().collect::<Vec<_>>(),
    );
    let mut title = Title::draft(id(number), owner(AccountId::mint(now())), details, now());
    title.state = TitleState::Published;
    title.publication = Some(Publication {
        duration_ms: FILM_MS,
        ..publication(AssetId::mint(now()), now())
    });

    title
}

fn nothing(number: u8) -> Engagement {
    Engagement::new(AccountId::mint(now()), id(number), FILM_MS, now())
}

fn watched(number: u8, percent: u64) -> Engagement {
    let mut engagement = nothing(number);
    let ms = FILM_MS / 100 * percent;
    let beat = Heartbeat {
        playback_id: PlaybackId::mint(now()),
        position_ms: ms,
        watched_ms: ms,
        number: 0,
    };
    engagement.record(&beat, Timestamp::UNIX_EPOCH, FILM_MS, now());

    engagement
}

fn liked(mut engagement: Engagement) -> Engagement {
    engagement.like(now());

    engagement
}

fn dismissed(number: u8, feedback: Feedback) -> Engagement {
    let mut engagement = nothing(number);
    engagement.give_feedback(Some(feedback), now());

    engagement
}

/// A catalogue, newest first.
fn catalogue(genres: &[&str]) -> (HashMap<TitleId, Title>, Vec<TitleId>) {
    let titles: Vec<Title> = genres
        .iter()
        .zip(1..)
        .map(|(genres, number)| title(number, genres))
        .collect();
    let ids = titles.iter().map(|title| title.id).collect();

    (titles.into_iter().map(|title| (title.id, title)).collect(), ids)
}

fn titles_and_reasons(row: &Row) -> Vec<(TitleId, &str)> {
    row.picks
        .iter()
        .map(|pick| (pick.title_id, pick.reason.as_str()))
        .collect()
}

#[test]
fn the_genre_that_was_watched_comes_first() {
    let (titles, newest) = catalogue(&["comedy", "science-fiction", "drama", "comedy drama", "drama", "drama"]);
    let history = WatchHistory::new(vec![watched(3, 95), watched(5, 95), watched(1, 30)]);
    let sources = FallbackSources {
        history: &history,
        titles: &titles,
        newest: &newest,
        popular: &[id(6)],
        now: now(),
    };

    assert_eq!(
        titles_and_reasons(&sources.personal()),
        [(id(6), "Popular in drama"), (id(4), "New in drama")]
    );
    assert_eq!(
        titles_and_reasons(&sources.personal_or_any()),
        [
            (id(6), "Popular in drama"),
            (id(4), "New in drama"),
            (id(6), "Popular now"),
            (id(2), "New here"),
            (id(4), "New here"),
        ]
    );
    assert_eq!(
        titles_and_reasons(&sources.new_titles()),
        [(id(2), "New here"), (id(4), "New here"), (id(6), "New here")]
    );
    let alike: Vec<TitleId> = sources
        .similar_to(&titles[&id(3)])
        .into_iter()
        .map(|pick| pick.title_id)
        .collect();
    assert_eq!(alike, [id(6), id(4)]);
}

#[test]
fn a_dismissal_counts_against_its_genre() {
    let (titles, newest) = catalogue(&["drama", "drama", "drama", "comedy", "comedy"]);
    let history = WatchHistory::new(vec![watched(1, 90), dismissed(2, Feedback::LessOfThis), watched(4, 10)]);
    let sources = FallbackSources {
        history: &history,
        titles: &titles,
        newest: &newest,
        popular: &[],
        now: now(),
    };

    assert_eq!(titles_and_reasons(&sources.personal()), [(id(5), "New in comedy")]);
}

#[test]
fn a_new_viewer_gets_popular_and_new_titles() {
    let (mut titles, newest) = catalogue(&["drama", "comedy", "drama"]);
    titles.get_mut(&id(3)).unwrap().details.visibility = Visibility::Unlisted;
    let history = WatchHistory::default();
    let sources = FallbackSources {
        history: &history,
        titles: &titles,
        newest: &newest,
        popular: &[id(3), id(2), id(9)],
        now: now(),
    };

    assert_eq!(sources.personal().picks, []);
    assert_eq!(
        titles_and_reasons(&sources.personal_or_any()),
        [(id(2), "Popular now"), (id(1), "New here")]
    );
    assert_eq!(titles_and_reasons(&sources.popular_titles()), [(id(2), "Popular now")]);
}

#[test]
fn started_titles_are_continued() {
    let mut unwanted = watched(4, 50);
    unwanted.give_feedback(Some(Feedback::LessOfThis), now());
    let history = WatchHistory::new(vec![
        watched(1, 50),
        watched(2, 1),
        watched(3, 95),
        unwanted,
        liked(nothing(5)),
    ]);

    assert_eq!(
        history.continue_watching(),
        [Pick {
            title_id: id(1),
            reason: "5 min left".to_owned()
        }]
    );
}

#[test]
fn seeds_are_titles_that_mattered() {
    let history = WatchHistory::new(vec![
        watched(1, 60),
        watched(2, 20),
        liked(nothing(3)),
        liked(watched(4, 90)),
        dismissed(5, Feedback::NotInterested),
    ]);
    let seed = |number, action| SeedTitle {
        title_id: id(number),
        action,
    };

    assert_eq!(history.seeds(), [seed(4, Action::Watched), seed(3, Action::Liked)]);
    assert_eq!(
        Row::because(Action::Liked, "Sintel", vec![]).heading,
        "Because you liked Sintel"
    );
    assert_eq!(WatchHistory::default().seeds(), []);
}

#[test]
fn an_engagement_that_was_taken_back_is_not_in_the_history() {
    let mut engagement = liked(nothing(1));
    engagement.unlike(now());

    assert!(WatchHistory::new(vec![engagement]).all().is_empty());
}

#[test]
fn the_time_left_is_in_words() {
    let minutes = |minutes: u64| time_left(minutes * 60_000);

    assert_eq!(time_left(0), "Less than a minute left");
    assert_eq!(time_left(59_000), "Less than a minute left");
    assert_eq!(
        [minutes(2), minutes(60), minutes(125)],
        ["2 min left", "1 h left", "2 h 5 min left"]
    );
    assert_eq!(
        [
            time_left(135_000),
            time_left(59_999),
            time_left(60_000),
            time_left(3_599_000)
        ],
        ["2 min left", "Less than a minute left", "1 min left", "1 h left"]
    );
}

fn rows() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(proptest::collection::vec(1_u8..40, 0..30), 0..5)
}

proptest! {
    #[test]
    fn a_title_is_in_one_row_and_has_a_reason(rows in rows(), unwanted in 1_u8..40) {
        let mut shown = HashSet::new();
        let filtered: Vec<Row> = rows
            .into_iter()
            .filter_map(|numbers| {
                let picks = numbers.into_iter().map(|number| Pick { title_id: id(number), reason: " ".to_owned() });
                Row::new(RowKind::New, picks.collect()).dedupe_and_filter(&mut shown, |title| title != id(unwanted))
            })
            .collect();
        let all: Vec<&Pick> = filtered.iter().flat_map(|row| &row.picks).collect();
        let different: HashSet<TitleId> = all.iter().map(|pick| pick.title_id).collect();

        prop_assert_eq!(all.len(), different.len());
        prop_assert!(!different.contains(&id(unwanted)));
        prop_assert!(all.iter().all(|pick| pick.reason == "New here"));
        prop_assert!(filtered.iter().all(|row| (1..=RowKind::New.max_titles()).contains(&row.picks.len())));
    }
}
