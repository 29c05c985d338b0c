//! Watch progress and likes: counted once, however often, late and out of order they arrive.

use std::time::{Duration, Instant};

use futures::future::join_all;
use marquee_scenario_tests::{
    Marquee, wait,
    watching::{FILM_MS, new_genre},
};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_and_shuffled_heartbeats_count_once() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let (viewer, other) = (marquee.viewer().await, marquee.viewer().await);
    let title = creator.publish("Counted once", &new_genre("counting")).await;
    let first = viewer.begin_playback(&title).await;
    let second = viewer.begin_playback(&title).await;

    // After this time, all of it can have been watched at four times the speed.
    let begun = Instant::now();
    wait::until("time passes", Duration::from_secs(5), async || {
        (begun.elapsed() > Duration::from_millis(700)).then_some(())
    })
    .await;
    viewer.heartbeat_when_due(&title, &first, 1_200).await;
    viewer.heartbeat_when_due(&title, &second, 1_250).await;

    let positions = (1..=12).map(|tenth| tenth * 100);
    let heartbeats: Vec<(&str, u64)> = positions
        .clone()
        .map(|ms| (first.as_str(), ms))
        .chain(positions.map(|ms| (second.as_str(), ms + 50)))
        .collect();
    // Each of them twice, in another order: 7 has no divisor in common with 48.
    let twice = heartbeats.len() * 2;
    let shuffled: Vec<(&str, u64)> = (0..twice)
        .map(|n| heartbeats[n * 7 % twice % heartbeats.len()])
        .collect();
    for some in shuffled.chunks(6) {
        for answer in join_all(some.iter().map(|(session, ms)| viewer.heartbeat(&title, session, *ms))).await {
            answer.done(204);
        }
    }

    let engagement = viewer.engagement(&title).await;
    assert_eq!(engagement["watched_ms"], 1_200 + 1_250, "{engagement}");
    assert_eq!(engagement["position_ms"], 1_250, "{engagement}");
    assert_eq!(engagement["resume_ms"], 1_250, "{engagement}");

    // The position is that of the last heartbeat, whichever session began first.
    viewer.heartbeat_when_due(&title, &first, 1_300).await;
    let later = viewer.engagement(&title).await;
    assert_eq!(
        (&later["watched_ms"], &later["position_ms"]),
        (&json!(2_550), &json!(1_300)),
        "{later}"
    );

    let nothing = other.engagement(&title).await;
    assert_eq!(nothing["watched_ms"], 0, "it belongs to one account: {nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_heartbeat_is_refused() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let viewer = marquee.viewer().await;
    let title = creator.publish("Plausible", &new_genre("plausible")).await;
    let session = viewer.begin_playback(&title).await;
    let path = format!("/api/titles/{title}/progress");
    let pointers = async |body| {
        let problem = viewer.put(&path, &body).await.problem(422);
        let errors = problem["errors"].as_array().expect("errors").clone();

        errors
            .into_iter()
            .map(|error| error["pointer"].clone())
            .collect::<Vec<_>>()
    };

    let behind = json!({"playback_id": session, "position_ms": FILM_MS + 6_000, "watched_ms": 0});
    assert_eq!(pointers(behind).await, ["/position_ms"]);
    let too_much = json!({"playback_id": session, "position_ms": 0, "watched_ms": 86_400_001});
    assert_eq!(pointers(too_much).await, ["/watched_ms"]);
    let negative = json!({"playback_id": session, "position_ms": -1, "watched_ms": 0});
    assert_eq!(pointers(negative).await, ["/position_ms"]);
    let nameless = json!({"position_ms": 0, "watched_ms": 0});
    assert_eq!(pointers(nameless).await, ["/playback_id"]);
    let too_fast = json!({"playback_id": session, "position_ms": 0, "watched_ms": 3_600_000});
    assert_eq!(pointers(too_fast).await, ["/watched_ms"]);
    // Sessions that were never begun, or by another account, or for another title.
    let other = creator.publish("Another", &new_genre("plausible")).await;
    let foreign = [
        creator.begin_playback(&title).await,
        viewer.begin_playback(&other).await,
        "00000000-0000-0000-0000-000000000000".to_owned(),
        "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11".to_owned(),
    ];
    for session in foreign {
        let heartbeat = json!({"playback_id": session, "position_ms": 0, "watched_ms": 0});
        assert_eq!(pointers(heartbeat).await, ["/playback_id"], "{session}");
    }
    assert_eq!(viewer.engagement(&title).await["watched_ms"], 0);

    let unknown = "/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11/progress";
    let heartbeat = json!({"playback_id": session, "position_ms": 0, "watched_ms": 0});
    viewer.put(unknown, &heartbeat).await.refused(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_like_unlike_and_feedback_counts() {
    let marquee = Marquee::running();
    let creator = marquee.creator().await;
    let viewer = marquee.viewer().await;
    let title = creator.publish("Likeable", &new_genre("likeable")).await;
    let path = format!("/api/titles/{title}/like");
    let liked = async || viewer.engagement(&title).await["liked"].clone();

    for _ in 0..2 {
        viewer.send(Method::PUT, &path, None).await.done(204);
        assert_eq!(liked().await, true);
    }
    viewer.give_feedback(&title, json!("less_of_this")).await;
    assert_eq!(liked().await, false);
    viewer.send(Method::PUT, &path, None).await.done(204);
    let engagement = viewer.engagement(&title).await;
    assert_eq!(
        (&engagement["liked"], engagement.get("feedback")),
        (&json!(true), None),
        "{engagement}"
    );
    for _ in 0..2 {
        viewer.delete(&path).await.done(204);
        assert_eq!(liked().await, false);
    }

    // An account that liked a title can still remove the like after the take-down; other accounts cannot.
    viewer.send(Method::PUT, &path, None).await.done(204);
    creator.delete(&format!("/api/titles/{title}")).await.done(204);
    viewer.send(Method::PUT, &path, None).await.refused(404);
    viewer.delete(&path).await.done(204);
    marquee.viewer().await.delete(&path).await.refused(404);
}
