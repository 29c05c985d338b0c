//! What is recommended follows from what was watched, at once, and has its reasons. True of the recommender's rows and of those
//! that are made without it.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::time::Duration;

use futures::future::{join, join_all};
use marquee_scenario_tests::{
    Marquee,
    people::Actor,
    wait,
    watching::{FILM_MS, HomePage, new_genre},
};
use reqwest::Method;
use serde_json::{Value, json};

/// From publishing a title until its neighbours know it.
const NEIGHBOURS: Duration = Duration::from_mins(1);

async fn publish(creator: &Actor, genre: &str, count: u32) -> Vec<String> {
    let films =
        (1..=count).map(|number| async move { creator.publish(&format!("{genre}, part {number}"), genre).await });

    join_all(films).await
}

fn genre_of(item: &Value) -> &str {
    item["title"]["genres"][0].as_str().expect("a genre")
}

fn id_of(item: &Value) -> &str {
    item["title"]["title_id"].as_str().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_three_titles_of_a_taste_sees_it_on_the_next_request() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let (viewer, newcomer) = (marquee.viewer().await, marquee.viewer().await);
    let (taste, another) = (new_genre("taste"), new_genre("another"));
    let (dear, other) = join(publish(&creator, &taste, 5), publish(&creator, &another, 2)).await;

    let home = newcomer.home().await;
    home.assert_well_formed();
    assert!(home.rows("continue_watching").is_empty() && home.rows("because").is_empty());
    let mut published = dear.iter().chain(&other);
    assert!(
        published.any(|title| home.shows(title)),
        "what is new is shown to newcomers: {}",
        home.0
    );

    for title in &dear[..3] {
        viewer.watch_until(title, FILM_MS).await;
    }
    let home = viewer.home().await;
    home.assert_well_formed();
    if ["fallback", "model:empty"].contains(&home.source()) {
        // A trained model says what was popular by then; without one it is known at once.
        let popular = home.items("popular");
        assert!(popular.iter().any(|item| genre_of(item) == taste), "{}", home.0);
    }
    let recommended: Vec<&Value> = [home.items("personal"), home.items("because")].concat();
    assert_eq!(genre_of(recommended.first().expect("something")), taste, "{}", home.0);
    let shown = |title: &String| recommended.iter().any(|item| id_of(item) == title);
    assert!(dear[3..].iter().all(shown), "{}", home.0);
    assert!(!dear[..3].iter().any(shown), "what was watched is not new: {}", home.0);

    let row = viewer.get("/api/me/recommendations").await.json();
    assert_eq!(
        (&row["kind"], &row["heading"]),
        (&json!("personal"), &json!("For you")),
        "{row}"
    );
    assert_eq!(genre_of(&row["items"][0]), taste, "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_title_appears_among_its_neighbours() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let viewer = marquee.viewer().await;
    let word = new_genre("neighbour");
    let first = creator.publish(&format!("{word}, the first"), &word).await;
    let similar = async |title: &str| viewer.get(&format!("/api/titles/{title}/similar")).await.json()["items"].clone();
    let stands_in = |row: &Value, title: &str| {
        let items = row.as_array().into_iter().flatten();
        items.clone().find(|item| item["title"]["title_id"] == title).cloned()
    };

    let second = &creator.publish(&format!("{word}, the second"), &word).await;
    // Not as one of those that are new here, which fill places that are left.
    let by_likeness = |item: &Value| item["reason"].as_str().is_some_and(|reason| !reason.starts_with("New"));
    wait::until("it stands among the first one's neighbours", NEIGHBOURS, async || {
        stands_in(&similar(&first).await, second).filter(by_likeness)
    })
    .await;
    wait::until("and the first one among its own", NEIGHBOURS, async || {
        stands_in(&similar(second).await, &first).filter(by_likeness)
    })
    .await;
    wait::until("its timeline says so", NEIGHBOURS, async || {
        let timeline = creator.get(&format!("/api/titles/{second}/timeline")).await.json();
        let mut steps = timeline["steps"].as_array()?.iter();
        steps
            .find(|step| step["step"] == "recommend" && step["state"] == "done")
            .map(drop)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_continued_where_it_stopped() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let viewer = marquee.viewer().await;
    let films = publish(&creator, &new_genre("begun"), 3).await;

    viewer.watch_until(&films[0], FILM_MS / 2).await;
    viewer.watch_until(&films[1], FILM_MS / 100).await;
    viewer.watch_until(&films[2], FILM_MS).await;
    let home = viewer.home().await;
    home.assert_well_formed();
    let begun = home.items("continue_watching");
    assert_eq!(
        begun.iter().map(|item| id_of(item)).collect::<Vec<_>>(),
        [&films[0]],
        "{}",
        home.0
    );
    assert_eq!(begun[0]["progress"]["position_ms"], FILM_MS / 2, "{}", home.0);
    assert_eq!(begun[0]["reason"], "Less than a minute left");
    assert_eq!(home.0["rows"][0]["heading"], "Continue watching");

    // To its end: nothing is left of it.
    viewer.watch_until(&films[0], FILM_MS).await;
    assert!(viewer.home().await.rows("continue_watching").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unwanted_or_gone_is_not_shown() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let viewer = marquee.viewer().await;
    let films = publish(&creator, &new_genre("unwanted"), 4).await;
    viewer
        .send(Method::PUT, &format!("/api/titles/{}/like", films[0]), None)
        .await
        .done(204);
    let home: HomePage = viewer.home().await;
    assert!(films[1..].iter().all(|title| home.shows(title)), "{}", home.0);

    viewer.give_feedback(&films[1], json!("not_interested")).await;
    let title = creator.get(&format!("/api/titles/{}", films[2])).await.json();
    let hide = json!({"version": title["version"], "visibility": "unlisted"});
    creator
        .patch(&format!("/api/titles/{}", films[2]), &hide)
        .await
        .done(200);
    creator.delete(&format!("/api/titles/{}", films[3])).await.done(204);
    let home = viewer.home().await;
    home.assert_well_formed();
    assert!(!films[1..].iter().any(|title| home.shows(title)), "{}", home.0);
    let row = viewer.get("/api/me/recommendations").await.json().to_string();
    assert!(!films[1..].iter().any(|title| row.contains(title)), "{row}");

    viewer.give_feedback(&films[1], Value::Null).await;
    assert!(viewer.home().await.shows(&films[1]), "said and taken back");
}
