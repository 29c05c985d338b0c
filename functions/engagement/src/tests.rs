//! What this area refuses before it calls a service, and that the samples are accepted.

use adapters::{aws, cognito::UserPool, dynamodb::Table};
use runtime::http::testing::Api;
use serde_json::{Value, json};

use crate::{Context, routes, samples};

const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

/// All routes of the area, without services: a request that is accepted is answered with 503.
fn api() -> Api {
    let aws = aws::offline();
    let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");

    Api::new(Context::new(&Table::new(&aws, "marquee"), pool), routes())
}

#[tokio::test]
async fn the_samples_are_accepted() {
    api().accepts(samples()).await;
}

#[tokio::test]
async fn every_route_refuses_strangers() {
    api().refuses_strangers_except_at(&[]).await;
}

#[tokio::test]
async fn an_error_points_at_its_field() {
    let good = json!({ "playback_id": ID, "position_ms": 254_000, "watched_ms": 61_000 });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };

    for (field, value) in [
        ("playback_id", json!("my evening")),
        ("playback_id", Value::Null),
        ("position_ms", json!(-1)),
        ("position_ms", json!(1.5)),
        ("watched_ms", json!("61")),
        ("watched_ms", json!(1e30)),
        ("speed", json!(2)),
    ] {
        let body = with(field, value);
        let path = format!("/api/titles/{ID}/progress");
        let problem = api().viewer().put(&path, body.clone()).await.refused(422);

        assert_eq!(problem.errors[0].pointer, format!("/{field}"), "{body}");
    }
}
