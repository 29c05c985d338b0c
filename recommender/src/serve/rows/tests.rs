//! Rows for people of two tastes.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::document::Document;
use crate::document::tests::document;
use crate::model::Model;
use crate::model::tests::model;
use crate::serve::invocation::Invocation;
use crate::serve::rank::{ModelChoice, answer};

/// Ten dramas (`d0` …) and ten comedies (`k0` …).
pub(super) fn catalogue() -> Vec<Document> {
    let titles = |genre: &'static str, letter: char| {
        (0..10).map(move |number| document(&format!("{letter}{number}"), &format!("{genre} {number}"), genre, ""))
    };
    titles("drama", 'd').chain(titles("comedy", 'k')).collect()
}

/// Thirty people watch dramas and thirty comedies, each seven of ten.
pub(super) fn trained() -> Model {
    model(catalogue().into_iter().map(|title| (title, 1.0)).collect(), &people())
}

fn people() -> Vec<Vec<u32>> {
    let watched = |person: u32| {
        let titles = (0..10).filter(move |title| (title + person) % 10 < 7);
        titles.map(move |title| title + person % 2 * 10).collect()
    };
    (0..60).map(watched).collect()
}

pub(super) fn watched(ids: &[&str]) -> Value {
    let action = |id: &&str| json!({ "title_id": id, "at": "2026-01-02T00:00:00Z", "watched_share": 1.0 });
    json!({ "id": "someone", "actions": ids.iter().map(action).collect::<Vec<_>>() })
}

fn ask(choice: ModelChoice<'_>, request: &Value) -> Value {
    let mut whole = json!({ "version": 1, "kind": "rows", "day": "2026-01-03" });
    whole
        .as_object_mut()
        .unwrap()
        .extend(request.as_object().unwrap().clone());
    let invocation = Invocation::parse(whole.to_string().as_bytes()).unwrap();
    serde_json::to_value(answer(choice, &invocation)).unwrap()
}

/// Row after row, (title, reason) after (title, reason).
pub(super) fn rows(model: &Model, request: &Value) -> Vec<Vec<(String, String)>> {
    let answer = ask(ModelChoice::Current(model), request);
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let row = |row: &Value| {
        let items = row["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| (text(item, "title_id"), text(item, "reason")))
            .collect()
    };
    answer["rows"].as_array().unwrap().iter().map(row).collect()
}

pub(super) fn ids(row: &[(String, String)]) -> Vec<&str> {
    row.iter().map(|(id, _)| id.as_str()).collect()
}

pub(super) fn all_of(row: &[(String, String)], letter: char) -> bool {
    row.iter().all(|(id, _)| id.starts_with(letter))
}

#[test]
fn a_viewer_of_dramas_is_shown_the_remaining_dramas() {
    let rows = rows(
        &trained(),
        &json!({ "person": watched(&["d0", "d1", "d2"]), "rows": [{ "kind": "personal", "limit": 5 }] }),
    );
    assert_eq!(rows[0].len(), 5);
    assert!(all_of(&rows[0], 'd'), "{rows:?}");
    for (id, reason) in &rows[0] {
        assert!(!["d0", "d1", "d2"].contains(&id.as_str()), "{id} was watched");
        assert_eq!(reason, "Like what you watched");
    }
}

#[test]
fn the_same_holds_before_the_first_training() {
    let rows = rows(
        &Model::empty(),
        &json!({ "person": watched(&["k0", "k1", "k2"]), "candidates": catalogue(), "rows": [{ "kind": "personal", "limit": 5 }] }),
    );
    assert_eq!(rows[0].len(), 5);
    assert!(all_of(&rows[0], 'k'), "{rows:?}");
}

#[test]
fn a_title_newer_than_the_model_appears_with_similar_ones() {
    let new = document("new", "Premiere", "comedy", "");
    let request = |kind: Value| json!({ "person": watched(&["k0", "k1"]), "candidates": [new], "rows": [kind] });
    let model = trained();
    // Eight comedies are left, and variety may want a drama before the new one.
    let personal = rows(&model, &request(json!({ "kind": "personal", "limit": 10 })));
    assert!(ids(&personal[0]).contains(&"new"), "{personal:?}");
    let neighbours = rows(
        &model,
        &request(json!({ "kind": "similar", "title_id": "k3", "limit": 12 })),
    );
    assert!(ids(&neighbours[0]).contains(&"new"), "{neighbours:?}");
}

#[test]
fn a_title_appears_in_one_row_only_and_hidden_ones_in_none() {
    let mut person = watched(&["d0", "k0"]);
    person["hidden"] = json!(["d5", "k5"]);
    let asked = ["personal", "because", "new", "popular", "similar"]
        .map(|kind| json!({ "kind": kind, "title_id": "d0", "limit": 4 }));
    let rows = rows(&trained(), &json!({ "person": person, "rows": asked }));
    let all: Vec<&str> = rows.iter().flat_map(|row| ids(row)).collect();
    let once: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(once.len(), all.len(), "{rows:?}");
    assert!(!once.contains(&"d5") && !once.contains(&"k5"));
    assert!(rows.iter().flatten().all(|(_, reason)| !reason.is_empty()));
}

#[test]
fn only_allowed_titles_are_shown() {
    let asked = json!({ "person": watched(&["d0"]), "allowed": ["d1", "k1"],
        "rows": [{ "kind": "personal", "limit": 9 }, { "kind": "popular", "limit": 9 }] });
    let mut all: Vec<String> = rows(&trained(), &asked)
        .into_iter()
        .flatten()
        .map(|(id, _)| id)
        .collect();
    all.sort();
    assert_eq!(all, ["d1", "k1"]);
}

#[test]
fn new_creators_have_a_guaranteed_share() {
    let by = |creator: &str, at: &str, title: Document| Document {
        published_at: Some(at.parse().unwrap()),
        creator_id: Some(creator.into()),
        ..title
    };
    let new = "2026-01-01T00:00:00Z";
    let western = |id: &str| document(id, "Unlike anything", "western", "");
    // The veteran's hit is old: their new title has no audience yet.
    let hit = by("veteran", "2020-01-01T00:00:00Z", document("h", "A hit", "horror", ""));
    let known = catalogue()
        .into_iter()
        .map(|title| by("studio", new, title))
        .chain([hit]);
    let model = model(known.map(|title| (title, 5.0)).collect(), &people());
    let candidates = [
        by("newcomer", new, western("y")),
        by("newcomer", new, western("z")),
        by("veteran", new, western("v")),
    ];

    let rows = rows(
        &model,
        &json!({ "person": watched(&["d0"]), "candidates": candidates, "rows": [{ "kind": "new", "limit": 12 }] }),
    );

    let reserved: Vec<usize> = (0..12)
        .filter(|&place| rows[0][place].1.starts_with("From a new creator"))
        .collect();
    assert_eq!(
        reserved,
        [4],
        "the fifth place, once however many titles a creator publishes: {rows:?}"
    );
    assert!("yz".contains(ids(&rows[0])[4]));
}

#[test]
fn a_new_viewer_is_shown_popular_titles() {
    let rows = rows(
        &trained(),
        &json!({ "person": { "id": "newcomer" }, "rows": [{ "kind": "personal", "limit": 3 }] }),
    );
    assert_eq!(rows[0].len(), 3);
    assert!(rows[0].iter().all(|(_, reason)| reason == "Popular now"));
}

#[test]
fn wrong_fields_are_named() {
    let refused = |field: &str, value: Value| {
        let mut request = json!({ "version": 1, "kind": "rows", "day": "2026-01-03", "rows": [{ "kind": "new" }] });
        request[field] = value;
        Invocation::parse(request.to_string().as_bytes()).unwrap_err().pointer
    };
    assert_eq!(refused("day", json!("tomorrow")), "/day");
    assert_eq!(refused("rows", json!([{ "kind": "new", "limit": 0 }])), "/rows/0/limit");
    assert_eq!(refused("rows", json!(vec![json!({ "kind": "new" }); 21])), "/rows");
    assert_eq!(
        refused(
            "person",
            json!({ "id": "a", "actions": [{ "title_id": "t", "at": "2026-01-01T00:00:00Z", "watched_share": 2 }] })
        ),
        "/person/actions/0/watched_share"
    );
}

#[test]
fn the_personal_row_of_two_models_is_interleaved() {
    // The challenger was trained on crossed tastes: viewers of dramas get comedies.
    let people: Vec<Vec<u32>> = (0..60)
        .map(|person| vec![person % 10, 10 + (person + 1) % 10])
        .collect();
    let challenger = model(catalogue().into_iter().map(|title| (title, 1.0)).collect(), &people);
    let current = trained();
    let request = json!({ "person": watched(&["d0", "d1", "d2"]), "variant": "interleaved",
        "rows": [{ "kind": "popular", "limit": 2 }, { "kind": "personal", "limit": 6 }, { "kind": "because", "title_id": "d0" }] });

    let answer = ask(ModelChoice::Both(&current, &challenger), &request);

    assert_eq!(answer["variant"], "interleaved");
    assert_eq!(answer["model"]["version"], current.version());
    assert_eq!(answer["challenger"]["version"], challenger.version());
    let row = |index: usize| answer["rows"][index]["items"].as_array().unwrap();
    let by = |variant: &str| row(1).iter().filter(|item| item["variant"] == variant).count();
    assert_eq!((by("current"), by("challenger")), (3, 3), "{answer}");
    assert!(row(0).iter().chain(row(2)).all(|item| item["variant"].is_null()));
    let ids: Vec<_> = [row(0), row(1), row(2)]
        .into_iter()
        .flatten()
        .map(|item| item["title_id"].as_str())
        .collect();
    let different: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "a title appears in one row only: {answer}");
    assert_eq!(answer, ask(ModelChoice::Both(&current, &challenger), &request));
}

#[test]
fn an_answer_names_the_model_that_answered() {
    let request = json!({ "person": watched(&["d0"]), "variant": "challenger", "rows": [{ "kind": "personal" }] });
    let model = trained();

    assert_eq!(ask(ModelChoice::Current(&model), &request)["variant"], "current");
    assert_eq!(ask(ModelChoice::Challenger(&model), &request)["variant"], "challenger");
}

#[test]
fn the_order_of_the_candidates_does_not_matter() {
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let new = ["b", "a", "c"].map(|id| Document {
        published_at: Some(at),
        ..document(id, "Similarity", "western", "")
    });
    let row = |candidates: &[Document]| {
        let asked = json!({ "person": { "id": "newcomer" }, "candidates": candidates, "rows": [{ "kind": "new" }] });
        ids(&rows(&trained(), &asked)[0]).join("")
    };
    let [first, second, third] = &new;
    assert_eq!(row(&new), "abc");
    assert_eq!(row(&[third.clone(), first.clone(), second.clone()]), "abc");
}

#[test]
fn removed_candidates_are_not_shown() {
    let removed = json!([{ "title_id": "d0", "removed": true }, { "title_id": "gone", "removed": true }]);
    let asked = json!({ "candidates": removed, "rows": [{ "kind": "popular", "limit": 30 }] });
    let rows = rows(&trained(), &asked);
    assert_eq!(rows[0].len(), 19, "{rows:?}");
    assert!(!ids(&rows[0]).contains(&"d0"), "{rows:?}");
}

#[test]
fn the_reasons_of_similar_titles_are_true() {
    let rows = rows(
        &trained(),
        &json!({ "rows": [{ "kind": "similar", "title_id": "d0", "limit": 30 }] }),
    );
    assert!(!rows[0].is_empty());
    assert!(
        rows[0]
            .iter()
            .all(|(id, reason)| id.starts_with('d') && reason == "Also drama"),
        "{rows:?}"
    );
}

#[test]
fn nothing_is_new_at_the_end_of_the_calendar() {
    let dated = Document {
        published_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        ..document("a", "A", "drama", "")
    };
    let asked = json!({ "day": "9999-12-31", "candidates": [dated], "rows": [{ "kind": "new" }] });
    assert_eq!(rows(&trained(), &asked)[0].len(), 0);
}
