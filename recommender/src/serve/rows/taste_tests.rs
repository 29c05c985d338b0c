//! Rows follow a person's actions.

use serde_json::{Value, json};

use super::tests::{all_of, catalogue, ids, rows, trained, watched};
use crate::document::Document;
use crate::document::tests::document;
use crate::model::Model;
use crate::model::tests::model;

#[test]
fn a_like_changes_the_next_row() {
    let model = trained();
    let ask = |person: Value| {
        rows(
            &model,
            &json!({ "person": person, "rows": [{ "kind": "personal", "limit": 3 }] }),
        )
    };
    assert!(all_of(&ask(watched(&["d0"]))[0], 'd'));
    let mut person = watched(&["d0"]);
    let likes = ["k1", "k2"]
        .map(|id| json!({ "title_id": id, "at": "2026-01-02T01:00:00Z", "watched_share": 1.0, "liked": true }));
    person["actions"].as_array_mut().unwrap().extend(likes);
    assert!(ask(person)[0].iter().any(|(id, _)| id.starts_with('k')));
}

#[test]
fn a_dismissed_title_lowers_similar_ones() {
    let model = trained();
    let place = |less: bool| {
        let mut person = watched(&["d0", "k0"]);
        let action = json!({ "title_id": "k1", "at": "2026-01-02T00:00:00Z", "less": less });
        person["actions"].as_array_mut().unwrap().push(action);
        let rows = rows(
            &model,
            &json!({ "person": person, "rows": [{ "kind": "personal", "limit": 6 }] }),
        );
        ids(&rows[0]).iter().filter(|id| id.starts_with('k')).count()
    };
    assert!(
        place(true) < place(false),
        "{} is not fewer than {}",
        place(true),
        place(false)
    );
}

#[test]
fn liked_titles_that_the_model_does_not_know_count_by_content() {
    let model = trained();
    let westerns = (0..5).map(|number| document(&format!("w{number}"), &format!("western {number}"), "western", ""));
    let horrors = (0..5).map(|number| document(&format!("h{number}"), &format!("horror {number}"), "horror", ""));
    let candidates: Vec<Document> = horrors.chain(westerns).collect();
    let request = json!({ "person": watched(&["w0", "w1"]), "candidates": candidates,
        "rows": [{ "kind": "personal", "limit": 3 }] });

    let rows = rows(&model, &request);

    assert!(ids(&rows[0]).iter().all(|id| id.starts_with('w')), "{rows:?}");
    assert!(
        rows[0].iter().all(|(_, reason)| reason == "Like what you watched"),
        "{rows:?}"
    );
}

#[test]
fn liked_titles_that_the_model_knows_count_by_factors() {
    let model = trained();
    let request = json!({ "person": watched(&["d0", "d1", "w0"]),
        "candidates": [document("w0", "western 0", "western", ""), document("w1", "western 1", "western", "")],
        "rows": [{ "kind": "personal", "limit": 6 }] });

    let rows = rows(&model, &request);

    assert!(ids(&rows[0]).contains(&"w1"), "{rows:?}");
    let dramas = ids(&rows[0]).iter().filter(|id| id.starts_with('d')).count();
    assert!(dramas >= 4, "{rows:?}");
}

#[test]
fn two_tastes_share_the_first_places() {
    let titles = ["a0", "a1", "a2", "b0", "b1"].map(|id| {
        if id.starts_with('a') {
            document(id, "Robots", "animation", "Robots in the forest")
        } else {
            document(id, "Sheriffs", "western", "A duel at noon")
        }
    });
    let other = document("z", "Fjords", "documentary", "Robots of Norway");
    let candidates: Vec<Document> = titles.into_iter().chain([other]).collect();
    let mut person = watched(&["a0", "b0"]);
    person["actions"][1]["watched_share"] = json!(0.9);

    let rows = rows(
        &Model::empty(),
        &json!({ "person": person, "candidates": candidates, "rows": [{ "kind": "personal", "limit": 3 }] }),
    );

    assert_eq!(ids(&rows[0]), ["a1", "b1", "a2"], "{rows:?}");
}

#[test]
fn newer_actions_count_more() {
    let first = |dramas: &str, comedies: &str| {
        let seen = |id: &str, at: &str| json!({ "title_id": id, "at": at, "watched_share": 1.0 });
        let actions = json!([
            seen("d0", dramas),
            seen("d1", dramas),
            seen("k0", comedies),
            seen("k1", comedies)
        ]);
        let person = json!({ "id": "someone", "actions": actions });
        let rows = rows(
            &trained(),
            &json!({ "person": person, "rows": [{ "kind": "personal", "limit": 3 }] }),
        );
        ids(&rows[0])[0].chars().next()
    };
    let (old, new) = ("2024-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    assert_eq!((first(old, new), first(new, old)), (Some('k'), Some('d')));
}

#[test]
fn a_title_with_one_viewer_is_placed_by_its_content_too() {
    // `d9` is a drama that only one viewer of comedies watched.
    let people: Vec<Vec<u32>> = (0..60u32)
        .map(|person| {
            let offset = person % 2 * 10;
            let own = (0..9).filter(|title| (title + person) % 10 < 7);
            let outlier = (person == 1).then_some(9);
            outlier.into_iter().chain(own.map(|title| title + offset)).collect()
        })
        .collect();
    let model = model(catalogue().into_iter().map(|title| (title, 1.0)).collect(), &people);
    let rows = rows(
        &model,
        &json!({ "person": watched(&["d0", "d1"]), "rows": [{ "kind": "personal", "limit": 8 }] }),
    );
    assert!(ids(&rows[0]).contains(&"d9"), "{rows:?}");
}

#[test]
fn a_recent_look_does_not_devalue_old_likes() {
    let model = trained();
    let mut person = watched(&["d0", "d1"]);
    person["actions"][0]["at"] = json!("1970-01-01T00:00:00Z");
    person["actions"][1]["at"] = json!("1970-01-01T00:00:00Z");
    for (title, share) in [("k0", 0.01), ("gone from the catalogue", 1.0)] {
        let mut person = person.clone();
        let new = json!({ "title_id": title, "at": "2026-01-02T00:00:00Z", "watched_share": share });
        person["actions"].as_array_mut().unwrap().push(new);
        let rows = rows(
            &model,
            &json!({ "person": person, "rows": [{ "kind": "personal", "limit": 3 }] }),
        );
        assert!(all_of(&rows[0], 'd'), "{title}: {rows:?}");
    }
}

#[test]
fn a_dismissed_title_is_not_shown_to_a_person_without_likes() {
    let less = json!({ "title_id": "d0", "at": "2026-01-02T00:00:00Z", "less": true });
    let person = json!({ "id": "someone", "actions": [less] });
    let rows = rows(
        &trained(),
        &json!({ "person": person, "rows": [{ "kind": "personal", "limit": 30 }] }),
    );
    assert_eq!(rows[0].len(), 19);
    assert!(!ids(&rows[0]).contains(&"d0"), "{rows:?}");
}
