//! Processes are killed and events lost during a transcode: the title is published, or it fails with a reason and is published after a
//! redrive.

use std::{process::Command, time::Duration};

use marquee_fault_tests::{DisabledRule, kill_functions, kill_service};
use marquee_scenario_tests::{Marquee, films, people::Actor, uploads::Uploaded};
use serde_json::{Value, json};

use super::ALONE;

/// Longer than the sweeper's period and its waiting time together.
const DEADLINE: Duration = Duration::from_mins(5);

/// Uploads a film whose transcode lasts long enough to be interrupted.
async fn begin(marquee: &Marquee) -> (Actor, Uploaded) {
    let creator = marquee.creator().await;
    let uploaded = creator.upload("Interrupted", &films::film(1280, 720, 30)).await;
    creator.wait_for_transcoding(&uploaded.title_id).await;

    (creator, uploaded)
}

/// Asserts that the title is published, if necessary after one redrive of a failure with a reason.
async fn assert_published(marquee: &Marquee, uploaded: &Uploaded) {
    let admin = marquee.admin().await;
    let title = admin
        .title_in(&uploaded.title_id, &["published", "failed"], DEADLINE)
        .await;
    if title["state"] == "failed" {
        assert!(
            title["failure"]["sentence"]
                .as_str()
                .is_some_and(|sentence| !sentence.is_empty()),
            "{title}"
        );
        admin
            .post(&format!("/api/titles/{}/redrive", uploaded.title_id), &json!({}))
            .await
            .done(202);
        let title: Value = admin
            .title_in(&uploaded.title_id, &["published", "failed"], DEADLINE)
            .await;
        assert_eq!(title["state"], "published", "{title}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_published_after_mediaconvert_is_killed() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (_, uploaded) = begin(&marquee).await;

    kill_service(&marquee, "mediaconvert");

    assert_published(&marquee, &uploaded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_published_after_every_function_is_killed() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (_, uploaded) = begin(&marquee).await;

    assert!(kill_functions(&marquee) >= 1, "functions are warm");
    assert_published(&marquee, &uploaded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_published_after_a_restart_of_the_installation() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (_, uploaded) = begin(&marquee).await;

    for verb in ["down", "up"] {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let status = Command::new("target/debug/marquee-local")
            .arg(verb)
            .current_dir(root)
            .status();
        assert!(status.expect("marquee-local is built").success(), "{verb}");
    }

    assert_published(&marquee, &uploaded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_published_after_the_jobs_last_event_is_lost() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (_, uploaded) = begin(&marquee).await;
    let rule = DisabledRule::disable(&marquee, "JobEvents").await;
    marquee.job_ended(&uploaded.asset_id).await;
    drop(rule);

    assert_published(&marquee, &uploaded).await;
}
