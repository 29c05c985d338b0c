//! The protocol on the wire.

use domain::{
    engagement::{Engagement, Heartbeat},
    title::{
        Description, Details, TitleName,
        testing::{details, owner},
    },
};
use kernel::{day, id::PlaybackId};
use recommender_protocol::MAX_BODY_BYTES;
use serde_json::{Value, json};

use super::*;

const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

fn id() -> TitleId {
    ID.parse().unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

fn title() -> Title {
    let details = Details {
        description: Description::try_from("A dragon.".to_owned()).unwrap(),
        ..details("Sintel", &["drama"])
    };

    Title::draft(id(), owner(ID.parse().unwrap()), details, now())
}

fn document() -> Value {
    json!({ "title_id": ID, "name": "Sintel", "description": "A dragon.", "genres": ["drama"], "creator_id": ID })
}

#[test]
fn a_question_for_similar_titles_has_the_form_of_the_protocol() {
    let question = Request::from(Ask::Similar(SimilarRequest {
        title: super::document(&title()),
        candidates: vec![],
        limit: 12,
    }));

    assert_eq!(
        serde_json::to_value(question).unwrap(),
        json!({ "version": 1, "kind": "similar", "title": document(), "candidates": [], "limit": 12 })
    );
}

#[test]
fn a_question_for_rows_has_the_form_of_the_protocol() {
    let viewer: AccountId = ID.parse().unwrap();
    let nothing = |title_id| Engagement::new(viewer, title_id, 1_000, now());
    let mut watched = nothing(id());
    let beat = Heartbeat {
        playback_id: PlaybackId::mint(now()),
        position_ms: 900,
        watched_ms: 900,
        number: 0,
    };
    watched.record(&beat, Timestamp::UNIX_EPOCH, 1_000, now());
    watched.like(now());
    let (less_of, unwanted, taken_back) = (TitleId::mint(now()), TitleId::mint(now()), TitleId::mint(now()));
    let mut less = nothing(less_of);
    less.give_feedback(Some(Feedback::LessOfThis), now());
    let mut never = nothing(unwanted);
    never.give_feedback(Some(Feedback::NotInterested), now());

    let because = RowKind::Because {
        title_id: ID.to_owned(),
    };
    let question = Request::from(Ask::Rows(RowsRequest {
        variant: None,
        person: person(viewer, "DE".parse().ok(), &[watched, less, never, nothing(taken_back)]),
        day: day::date(now()),
        candidates: vec![super::document(&title())],
        allowed: None,
        rows: vec![RowKind::Personal.up_to(20), because.up_to(12)],
    }));

    assert_eq!(
        serde_json::to_value(question).unwrap(),
        json!({
            "version": 1,
            "kind": "rows",
            "person": {
                "id": ID,
                "territory": "DE",
                "actions": [
                    { "title_id": ID, "at": "2026-11-18T11:06:40Z", "watched_share": 0.9, "liked": true, "less": false },
                    { "title_id": less_of, "at": "2026-11-18T11:06:40Z", "watched_share": 0.0, "liked": false, "less": true },
                ],
                "hidden": [unwanted],
            },
            "day": "2026-11-18",
            "candidates": [document()],
            "rows": [{ "kind": "personal", "limit": 20 }, { "kind": "because", "title_id": ID, "limit": 12 }],
        })
    );
}

#[test]
fn a_question_about_the_longest_titles_is_below_the_limit() {
    let mut title = title();
    title.details.name = TitleName::try_from("🎬".repeat(TitleName::MAX)).unwrap();
    title.details.description = Description::try_from("🎬".repeat(Description::MAX)).unwrap();

    let question = Request::from(Ask::Similar(SimilarRequest {
        title: super::document(&title),
        candidates: vec![super::document(&title); 200],
        limit: 12,
    }));

    let body = serde_json::to_vec(&question).unwrap();
    assert!(body.len() < MAX_BODY_BYTES / 2, "{} bytes", body.len());
}

fn answer() -> Value {
    json!({
        "version": 1, "kind": "rows", "model": { "version": "1f0c", "titles": 812 }, "variant": "current",
        "rows": [
            { "kind": "personal", "items": [{
                "title_id": ID, "score": 0.6, "reason": "Like what you watched",
                "because": [{ "kind": "titles", "values": [ID] }],
            }] },
            { "kind": "popular", "items": [] },
        ],
    })
}

fn read(answer: Value) -> Result<Vec<Vec<Suggestion>>, String> {
    let asked = [RowKind::Personal.up_to(20), RowKind::Popular { genre: None }.up_to(12)];
    let rows: RowsAnswer = serde_json::from_value(answer).map_err(|error| error.to_string())?;

    rows.into_rows(&asked).map_err(|error| error.to_string())
}

#[test]
fn rows_are_read_in_the_order_asked() {
    let suggestion = Suggestion {
        title_id: id(),
        reason: "Like what you watched".to_owned(),
        because_of: Some(id()),
        arm: None,
    };

    assert_eq!(read(answer()), Ok(vec![vec![suggestion], vec![]]));
}

#[test]
fn invalid_answers_are_rejected() {
    let with = |pointer: &str, value: Value| {
        let mut answer = answer();
        *answer.pointer_mut(pointer).unwrap() = value;
        read(answer)
    };

    for (pointer, value) in [
        ("/version", json!(2)),
        ("/kind", json!("similar")),
        ("/rows", json!([])),
        ("/rows/0/kind", json!("popular")),
        ("/rows/0/items/0/title_id", json!("Sintel")),
        ("/rows/0/items", json!(null)),
        ("/model", json!({})),
    ] {
        assert!(with(pointer, value).is_err(), "{pointer}");
    }
    assert!(read(json!("I do not know")).is_err());
}
