//! What this area refuses before it calls a service, and that the samples are accepted.

use adapters::aws;
use runtime::http::testing::Api;
use serde_json::{Value, json};

use crate::{routes, samples, testing::context};

const TITLE: &str = "/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
const UPLOAD: &str = "/api/uploads/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
const SUM: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

/// All routes of the area, without services: a request that is accepted is answered with 503.
fn api() -> Api {
    Api::new(context(&aws::offline()), routes())
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
async fn all_errors_of_an_announcement_are_reported() {
    let announce = async |body: Value| api().creator().post(&format!("{TITLE}/uploads"), body).await;

    let body = json!({ "file_name": "", "size_bytes": 1, "content_type": "film" });
    assert_eq!(announce(body).await.pointers(), ["/file_name", "/content_type"]);
    for name in [
        "a\nb.mp4",
        "tab\there.mp4",
        "\u{7}.mp4",
        "\u{202E}4pm.mp4",
        &"é".repeat(255),
    ] {
        let body = json!({ "file_name": name, "size_bytes": 1, "content_type": "video/mp4; codecs=\"avc1\"" });
        announce(body).await.refused(503);
    }
    for size in [json!(-1), json!(1.5), json!("1"), json!(null), json!(1e30)] {
        let body = json!({ "file_name": "a.mp4", "size_bytes": size, "content_type": "video/mp4" });
        assert_eq!(announce(body).await.pointers(), ["/size_bytes"], "{size}");
    }
}

#[tokio::test]
async fn errors_point_at_single_parts() {
    let sign = async |parts: Value| {
        api()
            .creator()
            .post(&format!("{UPLOAD}/parts"), json!({ "parts": parts }))
            .await
    };
    let part = |number: u64, sum: &str| json!({ "part_number": number, "checksum_sha256": sum });

    assert_eq!(sign(json!([])).await.pointers(), ["/parts"]);
    assert_eq!(sign(json!(vec![part(1, SUM); 101])).await.pointers(), ["/parts"]);
    assert_eq!(
        sign(json!([part(1, SUM), part(0, "abc")])).await.pointers(),
        ["/parts/1/part_number", "/parts/1/checksum_sha256"]
    );
    assert_eq!(
        sign(json!([part(1, SUM), part(1, SUM)])).await.pointers(),
        ["/parts/1/part_number"]
    );
    assert_eq!(
        sign(json!([part(4_294_967_296, SUM)])).await.pointers(),
        ["/parts/0/part_number"]
    );
    sign(json!([part(2, SUM), part(1, SUM)])).await.refused(503);
}

#[tokio::test]
async fn a_completion_may_have_many_parts_but_not_too_many_bytes() {
    let complete = async |parts: Vec<Value>| {
        api()
            .creator()
            .post(&format!("{UPLOAD}/complete"), json!({ "parts": parts }))
            .await
    };
    let part = |number: usize, etag: &str| json!({ "part_number": number, "etag": etag, "checksum_sha256": SUM });

    complete(
        (1..=10_000)
            .map(|number| part(number, "\"9b2cf535f27731c974343645a3985328\""))
            .collect(),
    )
    .await
    .refused(503);
    complete((1..=10_000).map(|number| part(number, &"e".repeat(400))).collect())
        .await
        .refused(413);
    assert_eq!(complete(vec![part(1, "a b")]).await.pointers(), ["/parts/0/etag"]);
}
