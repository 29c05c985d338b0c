//! Rows respect a person's age limit, territory and place in a series.

use recommender_protocol::Territory;
use serde_json::{Value, json};

use super::tests::{ids, rows, watched};
use crate::document::Document;
use crate::document::tests::document;
use crate::model::Model;
use crate::model::tests::model;

/// The titles in the model, and the same ones as candidates for an empty model.
fn in_model_and_in_request(titles: &[Document]) -> [(Model, Value); 2] {
    let known = titles.iter().cloned().map(|title| (title, 1.0)).collect();

    [(model(known, &[]), json!([])), (Model::empty(), json!(titles))]
}

fn film(id: &str) -> Document {
    document(id, &format!("Film {id}"), "drama", "")
}

fn episode(id: &str, series: &str, episode: u32) -> Document {
    Document {
        series_id: Some(series.into()),
        episode: Some(episode),
        ..film(id)
    }
}

fn territory(code: &str) -> Territory {
    Territory::try_from(code.to_owned()).unwrap()
}

/// The row of next episodes.
fn series(model: &Model, person: &Value, candidates: &Value) -> Vec<(String, String)> {
    let asked = json!({ "person": person, "candidates": candidates, "rows": [{ "kind": "series" }] });
    rows(model, &asked).remove(0)
}

#[test]
fn an_age_limit_admits_rated_titles_only() {
    let rated = |id: &str, maturity| Document { maturity, ..film(id) };
    let titles = [
        rated("a", Some(6)),
        rated("b", Some(12)),
        rated("c", Some(16)),
        rated("d", None),
    ];
    for (model, candidates) in in_model_and_in_request(&titles) {
        let shown = |person: Value| {
            let popular = json!({ "person": person, "candidates": candidates, "rows": [{ "kind": "popular" }] });
            ids(&rows(&model, &popular)[0]).join("")
        };
        assert_eq!(
            shown(json!({ "id": "child", "max_maturity": 12 })),
            "ab",
            "`d` has no rating"
        );
        assert_eq!(shown(json!({ "id": "toddler", "max_maturity": 0 })), "");
        assert_eq!(shown(json!({ "id": "adult" })), "abcd");
    }
}

#[test]
fn titles_are_shown_in_their_territories_only() {
    let limited = |id: &str, codes: &[&str]| Document {
        territories: Some(codes.iter().map(|code| territory(code)).collect()),
        ..film(id)
    };
    let titles = [limited("a", &[]), limited("b", &["DE", "AT"]), limited("c", &["FR"])];
    for (model, candidates) in in_model_and_in_request(&titles) {
        let shown = |person: Value| {
            let similar = json!({ "person": person, "candidates": candidates,
                "rows": [{ "kind": "popular", "limit": 1 }, { "kind": "similar", "title_id": "a" }] });
            let rows = rows(&model, &similar);
            [ids(&rows[0]), ids(&rows[1])].concat().join("")
        };
        assert_eq!(shown(json!({ "id": "p", "territory": "AT" })), "ab");
        assert_eq!(shown(json!({ "id": "p", "territory": "US" })), "a");
        assert_eq!(shown(json!({ "id": "p" })), "abc", "the territory is unknown");
    }
}

#[test]
fn the_next_episode_follows_the_furthest_seen_one() {
    // Places count, not ids; the second series lacks its second and third episode.
    let titles = [
        episode("e1", "x", 3),
        episode("e2", "x", 1),
        episode("e3", "x", 2),
        episode("e4", "x", 4),
        episode("f1", "y", 1),
        episode("f4", "y", 4),
        film("g"),
    ];
    for (model, candidates) in in_model_and_in_request(&titles) {
        let row = |seen: &[&str], hidden: &[&str]| {
            let mut person = watched(seen);
            person["hidden"] = json!(hidden);
            series(&model, &person, &candidates)
        };
        let reason = |text: &str| text.to_owned();
        assert_eq!(row(&["e2"], &[]), [(reason("e3"), reason("Next after Film e2"))]);
        let both = row(&["e3", "e2", "f1", "g"], &[]);
        assert_eq!(both.len(), 2, "a film is no series: {both:?}");
        assert!(ids(&both).contains(&"e1") && ids(&both).contains(&"f4"), "{both:?}");
        assert_eq!(ids(&row(&["e2"], &["e3"])), ["e1"], "hidden episodes are skipped");
        assert_eq!(
            ids(&row(&["e4", "f4", "g"], &[])),
            Vec::<&str>::new(),
            "there are no more episodes"
        );
    }
}

#[test]
fn the_series_watched_last_comes_first_and_started_episodes_are_left_out() {
    let titles = [
        episode("e1", "x", 1),
        episode("e2", "x", 2),
        episode("f1", "y", 1),
        episode("f2", "y", 2),
    ];
    for (model, candidates) in in_model_and_in_request(&titles) {
        let row = |actions: Value| {
            let person = json!({ "id": "p", "actions": actions });
            series(&model, &person, &candidates)
        };
        let seen = |id: &str, day: u32, share: f64| json!({ "title_id": id, "at": format!("2026-01-{day:02}T00:00:00Z"), "watched_share": share });
        assert_eq!(
            ids(&row(json!([seen("f1", 1, 1.0), seen("e1", 2, 0.95)]))),
            ["e2", "f2"]
        );
        assert_eq!(
            ids(&row(json!([seen("f1", 2, 1.0), seen("e1", 1, 0.95)]))),
            ["f2", "e2"]
        );
        assert_eq!(ids(&row(json!([seen("e1", 1, 0.5)]))), Vec::<&str>::new());
        assert_eq!(
            ids(&row(json!([seen("e1", 1, 1.0), seen("e2", 2, 0.5)]))),
            Vec::<&str>::new()
        );
        let glance = json!([seen("e1", 1, 1.0), seen("e2", 2, 0.01)]);
        assert_eq!(ids(&row(glance)), ["e2"], "a look does not count as started");
        let mut unwanted = json!([seen("e1", 1, 1.0), seen("f1", 1, 1.0)]);
        unwanted[0]["less"] = json!(true);
        assert_eq!(ids(&row(unwanted)), ["f2"]);
    }
}

#[test]
fn an_episode_in_another_row_is_not_skipped() {
    let titles = [episode("e1", "x", 1), episode("e2", "x", 2), episode("e3", "x", 3)];
    for (model, candidates) in in_model_and_in_request(&titles) {
        let asked = json!({ "person": watched(&["e1"]), "candidates": candidates, "allowed": ["e1", "e2"],
            "rows": [{ "kind": "series" }, { "kind": "series" }] });
        let rows = rows(&model, &asked);
        assert_eq!((ids(&rows[0]), ids(&rows[1])), (vec!["e2"], vec![]));
    }
}

#[test]
fn fields_that_a_candidate_leaves_out_are_those_of_the_model() {
    let limited = Document {
        maturity: Some(6),
        territories: Some(vec![territory("FR")]),
        ..film("a")
    };
    let model = model(vec![(limited, 1.0)], &[]);
    let shown = |code: &str, candidate: Document| {
        let person = json!({ "id": "p", "territory": code, "max_maturity": 12 });
        let asked = json!({ "person": person, "candidates": [candidate], "rows": [{ "kind": "popular" }] });
        rows(&model, &asked)[0].len()
    };
    assert_eq!((shown("FR", film("a")), shown("DE", film("a"))), (1, 0));
    let everywhere = Document {
        territories: Some(Vec::new()),
        ..film("a")
    };
    assert_eq!(shown("DE", everywhere), 1);
}

#[test]
fn a_candidate_gives_all_of_its_series_or_nothing() {
    let model = model(vec![(episode("e1", "x", 1), 1.0), (episode("e2", "x", 2), 1.0)], &[]);
    let next = |candidate: Document| ids(&series(&model, &watched(&["e1"]), &json!([candidate]))).join("");
    assert_eq!(next(film("e2")), "e2", "the model knows the series");
    let moved = Document {
        series_id: Some("y".into()),
        ..film("e2")
    };
    assert_eq!(next(moved), "", "it belongs to another series, at an unknown place");
}
