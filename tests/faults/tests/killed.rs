//! Processes are killed, and events lost, in mid-transcode: the title ends published, or failed with a reason and redriven
//! to published.

use std::{process::Command, time::Duration};

use marquee_fault_tests::{DisabledRule, kill_functions, kill_service};
use marquee_scenario_tests::{Marquee, films, people::Actor, uploads::Uploaded};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// One at a time: what these tests break is shared.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Longer than the sweeper's period and patience together.
const DEADLINE: Duration = Duration::from_mins(5);

/// A film whose transcode lasts long enough to be interrupted.
async fn begin(marquee: &Marquee) -> (Actor, Uploaded) {
    let creator = marquee.creator().await;
    let uploaded = creator.upload("Interrupted", &films::film(1280, 720, 30)).await;
    creator.wait_for_transcoding(&uploaded.title_id).await;

    (creator, uploaded)
}

/// The title ends well, if need be after one redrive of a failure that has a reason.
async fn ends_published(marquee: &Marquee, uploaded: &Uploaded) {
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
async fn mediaconvert_is_killed() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (_, uploaded) = begin(&marquee).await;

    kill_service(&marquee, "mediaconvert");

    ends_published(&marquee, &uploaded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_is_killed() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (_, uploaded) = begin(&marquee).await;

    assert!(kill_functions(&marquee) >= 1, "functions are warm");
    ends_published(&marquee, &uploaded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_stopped_and_started() {
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

    ends_published(&marquee, &uploaded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_last_event_is_lost() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (_, uploaded) = begin(&marquee).await;
    let rule = DisabledRule::named(&marquee, "JobEvents").await;
    marquee.job_ended(&uploaded.asset_id).await;
    rule.enable().await;

    ends_published(&marquee, &uploaded).await;
}
