//! The recommender hangs or is killed: the home page is still answered in time, and every item has a reason.

use std::time::{Duration, Instant};

use marquee_fault_tests::{Paused, kill_service};
use marquee_scenario_tests::{
    Marquee,
    people::Actor,
    wait,
    watching::{FILM_MS, new_genre},
};

use super::ALONE;

/// A viewer who has watched one of two films of a genre, and the other film.
async fn viewer_and_unseen_film(marquee: &Marquee) -> (Actor, String) {
    let creator = marquee.creator().await;
    let genre = new_genre("alone");
    let (seen, unseen) = (
        creator.publish("Seen", &genre).await,
        creator.publish("Unseen", &genre).await,
    );
    let viewer = marquee.viewer().await;
    viewer.watch_until(&seen, FILM_MS).await;
    // Warms up the function before the measurement.
    viewer.home().await.assert_well_formed();

    (viewer, unseen)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_is_answered_in_time_while_the_recommender_hangs() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (viewer, unseen) = viewer_and_unseen_film(&marquee).await;

    let paused = Paused::service(&marquee, "sagemaker");
    let started = Instant::now();
    let home = viewer.home().await;
    let took = started.elapsed();
    let row = viewer.get("/api/me/recommendations").await.json();
    drop(paused);

    home.assert_well_formed();
    assert_eq!(home.source(), "fallback");
    assert!(home.shows(&unseen), "{}", home.0);
    assert!(
        took < Duration::from_secs(10),
        "800 ms for the recommender, and the time of a busy machine: {took:?}"
    );
    assert_eq!(row["source"], "fallback", "{row}");
    assert!(row["items"][0]["reason"].is_string(), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_is_answered_after_the_recommender_is_killed() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (viewer, unseen) = viewer_and_unseen_film(&marquee).await;

    let before = marquee.service("sagemaker");
    kill_service(&marquee, "sagemaker");
    let home = viewer.home().await;

    home.assert_well_formed();
    assert!(home.shows(&unseen), "{}", home.0);
    wait::until("the recommender is back", Duration::from_secs(30), async || {
        (marquee.try_service("sagemaker")? != before).then_some(())
    })
    .await;
}
