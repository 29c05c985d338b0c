//! Genres: a list that creators choose from, and that admins add to.

use marquee_scenario_tests::{Marquee, people::Actor, watching::new_genre};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn creators_choose_genres_of_a_list_that_admins_add_to() {
    let marquee = Marquee::running();
    let (admin, creator, other) = (marquee.admin().await, marquee.creator().await, marquee.creator().await);
    let genre = new_genre("coined");
    let listed = async || {
        let list = creator.get("/api/genres").await.json();
        list["items"].as_array().expect("genres").contains(&json!(genre))
    };
    let give = async |actor: &Actor, title: &str, genres: Value| {
        let path = format!("/api/titles/{title}");
        let version = actor.get(&path).await.json()["version"].clone();

        actor.patch(&path, &json!({"version": version, "genres": genres})).await
    };

    let refused = creator
        .post("/api/titles", &json!({"name": "Mine", "genres": ["drama", genre]}))
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/genres", "{refused}");
    let words = refused["errors"][0]["detail"].as_str().expect("words");
    assert!(words.contains(&genre) && words.contains("GET /api/genres"), "{words}");
    let title = creator.create_title("Mine").await;
    give(&creator, &title, json!([genre])).await.refused(422);
    assert!(!listed().await);

    // An admin gives it to somebody's title: it is one of the list from then on, for everybody.
    give(&admin, &title, json!(["drama", genre])).await.done(200);
    assert!(listed().await);
    let others = other.create_title("Theirs").await;
    give(&other, &others, json!([genre])).await.done(200);
    give(&creator, &title, json!(["comedy", genre])).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_keeps_a_genre_of_earlier_times_until_it_is_taken_away() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let title = creator.create_title("Old").await;
    let path = format!("/api/titles/{title}");
    let genre = new_genre("earlier");
    marquee.set_unlisted_genre(&title, &genre).await;
    let change = async |genres: Value, status: u16| {
        let version = creator.get(&path).await.json()["version"].clone();
        let change = json!({"version": version, "genres": genres});
        creator.patch(&path, &change).await.done(status);
    };

    change(json!([genre, "drama"]), 200).await;
    change(json!(["drama"]), 200).await;
    change(json!([genre]), 422).await;
}
