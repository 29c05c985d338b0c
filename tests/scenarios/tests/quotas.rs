//! What one account may use, and how that ends.

use marquee_scenario_tests::Marquee;
use serde_json::{Value, json};

/// The largest file that is accepted.
const MAX_BYTES: u64 = 53_687_091_200;

#[tokio::test(flavor = "multi_thread")]
async fn sixty_large_uploads_of_one_account_stop_at_its_quota() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let film = json!({"file_name": "film.mp4", "size_bytes": MAX_BYTES, "content_type": "video/mp4"});
    let mut uploads: Vec<String> = Vec::new();
    let mut refused: Vec<(u16, Value)> = Vec::new();

    for n in 0..60 {
        let title = creator.create_title(&format!("Large {n}")).await;
        let answer = creator.post(&format!("/api/titles/{title}/uploads"), &film).await;
        match answer.status.as_u16() {
            201 => uploads.push(answer.json()["upload_id"].as_str().expect("an id").to_owned()),
            status => refused.push((status, answer.problem(status))),
        }
    }
    assert!(
        (5..=20).contains(&uploads.len()),
        "{} uploads were begun",
        uploads.len()
    );
    assert_eq!(uploads.len() + refused.len(), 60);
    for (status, problem) in &refused {
        assert!([409, 429].contains(status), "{problem}");
        let words = problem["detail"].as_str().expect("words");
        assert!(words.contains("this account"), "{words}");
    }

    // What is given up is free again, once however often it is given up.
    for _ in 0..2 {
        creator.delete(&format!("/api/uploads/{}", uploads[0])).await.done(204);
    }
    let begin = async || {
        let title = creator.create_title("One more").await;
        creator.post(&format!("/api/titles/{title}/uploads"), &film).await
    };
    let again = begin().await.json();
    assert!([409, 429].contains(&begin().await.status.as_u16()));

    // Another account has its own.
    let other = marquee.creator().await;
    let title = other.create_title("Mine").await;
    let mine = other.post(&format!("/api/titles/{title}/uploads"), &film).await.json();
    other
        .delete(&format!("/api/uploads/{}", mine["upload_id"].as_str().expect("an id")))
        .await
        .done(204);

    uploads[0] = again["upload_id"].as_str().expect("an id").to_owned();
    for upload in uploads {
        creator.delete(&format!("/api/uploads/{upload}")).await.done(204);
    }
}
