//! The doors of this area: what is refused before anybody is asked, and that the sample events get through.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use adapters::{
    aws::{self, SdkConfig},
    cognito::UserPool,
    dynamodb::Table,
    functions::LaterFunction,
    people::People,
    powers::Powers,
    sfn::IngestMachine,
};
use domain::creators::CreatorPolicy;
use kernel::money::MicroDollars;
use runtime::http::testing::{Api, listen};
use serde_json::json;

use crate::{Context, routes};

const TITLE: &str = "/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

/// All routes of the area, with nobody behind them: what gets past the door is answered with 503.
fn api() -> Api {
    api_at(&aws::nowhere())
}

fn api_at(aws: &SdkConfig) -> Api {
    let table = Table::new(aws, "marquee");
    let pool = UserPool::new(aws, "us-east-1_EXAMPLE01");
    let context = Context {
        people: People::new(&table, pool.clone(), CreatorPolicy::Approval),
        titles: table.titles(),
        genres: table.genres(),
        assets: table.assets(),
        retention: table.retention(),
        quotas: table.quotas(),
        titles_per_day: 50,
        restorable: Duration::from_hours(168),
        audit: table.audit_log(),
        powers: Powers::new(pool),
        machine: IngestMachine::new(aws, "arn:aws:states:us-east-1:123456789012:stateMachine:marquee-ingest"),
        cancel_transcode: LaterFunction::new(aws, "marquee-cancel-transcode"),
        budget: MicroDollars(20_000_000),
    };

    Api::new(context, routes())
}

#[tokio::test]
async fn the_samples_get_through_the_door() {
    api()
        .lets_through(&[
            include_str!("../../../events/api/create-title.json"),
            include_str!("../../../events/api/list-titles.json"),
            include_str!("../../../events/api/list-genres.json"),
            include_str!("../../../events/api/get-title.json"),
            include_str!("../../../events/api/update-title.json"),
            include_str!("../../../events/api/delete-title.json"),
            include_str!("../../../events/api/get-timeline.json"),
            include_str!("../../../events/api/redrive-title.json"),
            include_str!("../../../events/api/restore-title.json"),
            include_str!("../../../events/api/cancel-title.json"),
        ])
        .await;
}

#[tokio::test]
async fn every_route_asks_who_calls() {
    let api = api();
    let stranger = api.stranger();

    for reply in [
        stranger.post("/api/titles", json!({})).await,
        stranger.get("/api/titles").await,
        stranger.get("/api/genres").await,
        stranger.get(TITLE).await,
        stranger.patch(TITLE, json!({})).await,
        stranger.delete(TITLE).await,
        stranger.get(&format!("{TITLE}/timeline")).await,
        stranger.post(&format!("{TITLE}/redrive"), json!({})).await,
        stranger.post(&format!("{TITLE}/cancel"), json!({})).await,
    ] {
        reply.refused(401);
    }
}

#[tokio::test]
async fn only_creators_create_and_only_admins_redrive() {
    api()
        .viewer()
        .post("/api/titles", json!({ "name": "Mine" }))
        .await
        .refused(403);
    api()
        .creator()
        .post(&format!("{TITLE}/redrive"), json!({}))
        .await
        .refused(403);
}

#[tokio::test]
async fn only_admins_list_the_titles_of_others_by_state() {
    api().creator().get("/api/titles?state=failed").await.refused(403);
    api().admin().get("/api/titles?state=failed").await.refused(503);
    api()
        .creator()
        .get("/api/titles?owner=me&state=failed")
        .await
        .refused(503);
}

#[tokio::test]
async fn a_title_is_told_all_that_is_wrong_with_it() {
    let body = json!({
        "name": " ",
        "description": "x".repeat(5_001),
        "genres": ["drama", "Science Fiction"],
        "language": "english",
    });
    let reply = api().creator().post("/api/titles", body).await;

    assert_eq!(reply.pointers(), ["/name", "/description", "/genres/1", "/language"]);
}

#[tokio::test]
async fn a_title_of_the_wrong_form_is_pointed_at() {
    for (body, pointer) in [
        (json!({ "name": "a".repeat(201) }), "/name"),
        (json!({ "name": "line\nbreak" }), "/name"),
        (
            json!({ "name": "a", "genres": ["a", "b", "c", "d", "e", "f"] }),
            "/genres",
        ),
        (json!({ "name": "a", "genres": [1] }), "/genres/0"),
        (json!({ "name": "a", "genres": null }), "/genres"),
        (json!({ "name": "a", "visibility": "secret" }), "/visibility"),
        (json!({ "name": "a", "owner": "somebody else" }), "/owner"),
        (json!({ "name": ["a"] }), "/name"),
        (json!({}), "/name"),
    ] {
        let reply = api().creator().post("/api/titles", body.clone()).await;

        assert_eq!(reply.pointers(), [pointer], "{body}");
    }
}

#[tokio::test]
async fn names_may_be_of_any_script() {
    for name in ["日本語の映画", "🎬", "Amélie", "كابوس", "a\u{200d}b"] {
        api()
            .creator()
            .post("/api/titles", json!({ "name": name }))
            .await
            .refused(503);
    }
}

#[tokio::test]
async fn a_change_names_its_version_and_may_take_the_language_away() {
    assert_eq!(
        api().creator().patch(TITLE, json!({ "name": "New" })).await.pointers(),
        ["/version"]
    );
    assert_eq!(
        api().creator().patch(TITLE, json!({ "version": -1 })).await.pointers(),
        ["/version"]
    );
    assert_eq!(
        api()
            .creator()
            .patch(TITLE, json!({ "version": 1, "state": "published" }))
            .await
            .pointers(),
        ["/state"]
    );
    api()
        .creator()
        .patch(TITLE, json!({ "version": 1, "language": null }))
        .await
        .refused(503);
}

#[tokio::test]
async fn the_query_is_checked() {
    for query in [
        "owner=you",
        "state=happy",
        "genre=Sci%20Fi",
        "limit=0",
        "colour=red",
        "cursor=nonsense",
        "cursor=",
        "cursor=IiI",
        "genre=a&owner=me",
    ] {
        api().viewer().get(&format!("/api/titles?{query}")).await.refused(400);
    }
}

/// A table whose lists never end and hold nothing of what is asked for; counts the queries.
async fn endless_table() -> (SdkConfig, Arc<AtomicUsize>) {
    let queries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&queries);
    let answer = axum::routing::post(async move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let place = json!({ "lists_sk": { "S": "2026-11-20T00:00:00.000Z#a" } });
        axum::Json(json!({ "Items": [], "Count": 0, "ScannedCount": 1_000, "LastEvaluatedKey": place }))
    });
    let url = listen(axum::Router::new().route("/", answer)).await;

    (aws::at(url), queries)
}

#[tokio::test]
async fn a_rare_genre_is_not_looked_for_in_the_whole_catalogue() {
    let (aws, queries) = endless_table().await;

    let page = api_at(&aws).viewer().get("/api/titles?genre=western").await.ok();

    assert!((4..=12).contains(&queries.load(Ordering::Relaxed)), "{queries:?}");
    assert_eq!(page["items"], json!([]));
    assert!(page["next_cursor"].is_string(), "the list goes on: {page}");
}
