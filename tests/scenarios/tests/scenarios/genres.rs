//! Genres: creators choose from a list, and admins extend it.

use marquee_scenario_tests::{Marquee, people::Actor, watching::new_genre};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn creators_use_genres_of_the_list_and_admins_extend_it() {
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
    let detail = refused["errors"][0]["detail"].as_str().expect("a detail");
    assert!(
        detail.contains(&genre) && detail.contains("GET /api/genres"),
        "{detail}"
    );
    let title = creator.create_title("Mine").await;
    give(&creator, &title, json!([genre])).await.refused(422);
    assert!(!listed().await);

    // An admin gives it to a creator's title: from then on it is in the list for all creators.
    give(&admin, &title, json!(["drama", genre])).await.done(200);
    assert!(listed().await);
    let others = other.create_title("Theirs").await;
    give(&other, &others, json!([genre])).await.done(200);
    give(&creator, &title, json!(["comedy", genre])).await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_keeps_an_unlisted_genre_until_it_is_removed() {
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
