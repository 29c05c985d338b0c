//! The routes of this area without any service: invalid requests are refused, samples are accepted.

use adapters::{aws, cognito::UserPool, dynamodb::Table, sagemaker::Endpoint};
use runtime::http::testing::Api;
use serde_json::{Value, json};

use crate::{Context, RECOMMENDER_TIMEOUT, routes, samples};

const TITLE: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

/// All routes of the area without any service behind them: accepted requests are answered with 503.
fn api() -> Api {
    let aws = aws::offline();
    let recommender = Endpoint::without_retries(&aws, "marquee-recommendations", RECOMMENDER_TIMEOUT);

    let pool = UserPool::new(&aws, "us-east-1_EXAMPLE01");

    Api::new(
        Context::new(&Table::new(&aws, "marquee"), pool, Some(recommender)),
        routes(),
    )
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
async fn feedback_has_a_title_and_one_of_two_values_or_null() {
    let give = async |body: Value| {
        let path = "/api/me/recommendations/feedback";
        api().viewer().post(path, body).await
    };

    for feedback in [json!("not_interested"), json!("less_of_this"), Value::Null] {
        give(json!({ "title_id": TITLE, "feedback": feedback }))
            .await
            .refused(503);
    }
    for (body, pointer) in [
        (json!({ "title_id": TITLE }), "/feedback"),
        (json!({ "title_id": TITLE, "feedback": "boring" }), "/feedback"),
        (json!({ "title_id": "Sintel", "feedback": null }), "/title_id"),
        (json!({ "feedback": "less_of_this" }), "/title_id"),
        (json!({ "title_id": TITLE, "feedback": null, "stars": 5 }), "/stars"),
    ] {
        let problem = give(body.clone()).await.refused(422);

        assert_eq!(problem.errors[0].pointer, pointer, "{body}");
    }
}
