//! Recommendations follow from watched titles at once, and have reasons, both in the recommender's rows and in the rows that are made
//! without it.

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

use super::MODEL;

/// From publishing a title until it is in the lists of similar titles.
const SIMILAR_TIMEOUT: Duration = Duration::from_mins(1);

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
async fn three_watched_titles_of_a_genre_change_the_next_home_page() {
    let _model = MODEL.read().await;
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let (viewer, newcomer) = (marquee.viewer().await, marquee.viewer().await);
    let (taste, another) = (new_genre("taste"), new_genre("another"));
    let (preferred, other) = join(publish(&creator, &taste, 5), publish(&creator, &another, 2)).await;

    let home = newcomer.home().await;
    home.assert_well_formed();
    assert!(home.rows("continue_watching").is_empty() && home.rows("because").is_empty());
    let mut published = preferred.iter().chain(&other);
    assert!(
        published.any(|title| home.shows(title)),
        "new titles are shown to new viewers: {}",
        home.0
    );

    for title in &preferred[..3] {
        viewer.watch_until(title, FILM_MS).await;
    }
    let home = viewer.home().await;
    home.assert_well_formed();
    if ["fallback", "model:empty"].contains(&home.source()) {
        // A trained model has the popularity of its training; without one, popularity is current.
        let popular = home.items("popular");
        assert!(popular.iter().any(|item| genre_of(item) == taste), "{}", home.0);
    }
    let recommended: Vec<&Value> = [home.items("personal"), home.items("because")].concat();
    assert_eq!(
        genre_of(recommended.first().expect("a recommendation")),
        taste,
        "{}",
        home.0
    );
    let shown = |title: &String| recommended.iter().any(|item| id_of(item) == title);
    assert!(preferred[3..].iter().all(shown), "{}", home.0);
    assert!(
        !preferred[..3].iter().any(shown),
        "watched titles are not recommended: {}",
        home.0
    );

    let row = viewer.get("/api/me/recommendations").await.json();
    assert_eq!(
        (&row["kind"], &row["heading"]),
        (&json!("personal"), &json!("For you")),
        "{row}"
    );
    assert_eq!(genre_of(&row["items"][0]), taste, "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_title_appears_in_the_lists_of_similar_titles() {
    let _model = MODEL.read().await;
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let viewer = marquee.viewer().await;
    let word = new_genre("similar");
    let first = creator.publish(&format!("{word}, the first"), &word).await;
    let similar = async |title: &str| viewer.get(&format!("/api/titles/{title}/similar")).await.json()["items"].clone();
    let item_in = |row: &Value, title: &str| {
        let items = row.as_array().into_iter().flatten();
        items.clone().find(|item| item["title"]["title_id"] == title).cloned()
    };

    let second = &creator.publish(&format!("{word}, the second"), &word).await;
    // Excludes items that are only new, which fill a list that is too short.
    let by_similarity = |item: &Value| item["reason"].as_str().is_some_and(|reason| !reason.starts_with("New"));
    wait::until("it is similar to the first one", SIMILAR_TIMEOUT, async || {
        item_in(&similar(&first).await, second).filter(by_similarity)
    })
    .await;
    wait::until("the first one is similar to it", SIMILAR_TIMEOUT, async || {
        item_in(&similar(second).await, &first).filter(by_similarity)
    })
    .await;
    wait::until("its timeline has the step", SIMILAR_TIMEOUT, async || {
        let timeline = creator.get(&format!("/api/titles/{second}/timeline")).await.json();
        let mut steps = timeline["steps"].as_array()?.iter();
        steps
            .find(|step| step["step"] == "recommend" && step["state"] == "done")
            .map(drop)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partly_watched_title_can_be_continued_at_its_position() {
    let _model = MODEL.read().await;
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

    // A title that was watched to its end cannot be continued.
    viewer.watch_until(&films[0], FILM_MS).await;
    assert!(viewer.home().await.rows("continue_watching").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn dismissed_unlisted_and_archived_titles_are_not_shown() {
    let _model = MODEL.read().await;
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
    assert!(viewer.home().await.shows(&films[1]), "the feedback was taken back");
}
