//! Pipeline overhead: the time from the upload's completion to the published title, minus that of one by_hand-written FFmpeg command
//! with the same rungs on the same film.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::ensure;
use marquee_architecture_tests::root;
use marquee_scenario_tests::{Marquee, films};

use crate::{
    plan,
    table::{Table, median},
    transcode,
};

const RUNS: usize = 5;
const SECONDS: u32 = 10;

pub(crate) async fn run(marquee: &Marquee) -> anyhow::Result<Table> {
    let film = films::film(1280, 720, SECONDS);
    let ladder = plan::ladder(1280, 720, SECONDS);
    let creator = marquee.creator().await;
    // The first run includes cold starts, which the baseline does not have.
    let mut runs = Vec::new();

    for _ in 0..=RUNS {
        let folder = root().join("target/bench-ffmpeg");
        let _ = fs::remove_dir_all(&folder);
        let start = Instant::now();
        ensure!(
            transcode::command(&film, &ladder, &folder).status().await?.success(),
            "FFmpeg failed"
        );
        let by_hand = start.elapsed().as_secs_f64();

        let uploaded = creator.send_parts("Overhead", &film).await;
        let start = Instant::now();
        creator.complete(&uploaded).await.done(202);
        let title = creator
            .title_in(&uploaded.title_id, &["published", "failed"], Duration::from_mins(5))
            .await;
        ensure!(title["state"] == "published", "the film was not published: {title}");
        runs.push((start.elapsed().as_secs_f64(), by_hand));
    }

    let mut table = Table::new(
        format!(
            "Pipeline overhead on {SECONDS} s of 720p; baseline: one by_hand-written FFmpeg command with the same rungs"
        ),
        ["", "complete → published s", "FFmpeg s", "overhead s", "goal s"],
    );
    let mut row = |name: &str, runs: &[(f64, f64)]| {
        let marquee_time = median(runs.iter().map(|run| run.0).collect());
        let by_hand = median(runs.iter().map(|run| run.1).collect());
        table.row([
            name.to_owned(),
            format!("{marquee_time:.2}"),
            format!("{by_hand:.2}"),
            format!("{:.2}", median(runs.iter().map(|run| run.0 - run.1).collect())),
            "1.5".to_owned(),
        ]);
    };
    row("first (cold functions)", &runs[..1]);
    row("median of the rest", &runs[1..]);

    Ok(table)
}
