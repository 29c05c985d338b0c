//! Transcoding: a film through Marquee, compared with one hand-written FFmpeg command with the same rungs on the local file.
//! Pairs are interleaved; the medians are compared. On a busy machine, CPU seconds are more reliable than wall seconds.

use std::{
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use marquee_architecture_tests::root;
use marquee_scenario_tests::{Marquee, films, people::Actor};
use media::ladder::Ladder;
use tokio::process::Command;

use crate::{
    plan,
    process::{cpu_seconds, own_children_cpu_seconds},
    table::{Table, median},
};

const PAIRS: usize = 3;
const SECONDS: u32 = 60;

pub(crate) async fn run(marquee: &Marquee) -> anyhow::Result<Table> {
    let film = films::film(1280, 720, SECONDS);
    let ladder = plan::ladder(1280, 720, SECONDS);
    let creator = marquee.creator().await;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());

    for _ in 0..PAIRS {
        theirs.push(by_hand(&film, &ladder).await?);
        ours.push(by_marquee(&creator, &film).await?);
    }

    let side = |runs: &[Measured], value: fn(&Measured) -> f64| median(runs.iter().map(value).collect());
    let mut table = Table::new(
        format!(
            "Transcode of {SECONDS} s of 720p, {} rungs; baseline: one hand-written FFmpeg command",
            ladder.rungs.len()
        ),
        ["", "Marquee s", "FFmpeg s", "ratio", "goal"],
    );
    for (name, value) in [
        ("wall", (|run| run.wall) as fn(&Measured) -> f64),
        ("CPU", |run| run.cpu),
    ] {
        let (mine, hand) = (side(&ours, value), side(&theirs, value));
        table.row([
            name.to_owned(),
            format!("{mine:.2}"),
            format!("{hand:.2}"),
            format!("{:.3}", mine / hand),
            "1.05".to_owned(),
        ]);
    }

    Ok(table)
}

#[derive(Debug)]
struct Measured {
    wall: f64,
    cpu: f64,
}

/// The transcode step of one title: its wall time from the timeline, and the CPU time of the stand-in and its children.
async fn by_marquee(creator: &Actor, film: &Path) -> anyhow::Result<Measured> {
    let stand_in = creator.marquee().service("mediaconvert");
    let before = cpu_seconds(stand_in).context("the stand-in's CPU time")?;
    let uploaded = creator.upload("Bench", film).await;
    let title = creator
        .title_in(&uploaded.title_id, &["published", "failed"], Duration::from_mins(10))
        .await;
    ensure!(title["state"] == "published", "the film was not published: {title}");
    let cpu = cpu_seconds(stand_in).context("the stand-in was restarted")? - before;

    let timeline = creator
        .get(&format!("/api/titles/{}/timeline", uploaded.title_id))
        .await
        .json();
    let step = timeline["steps"]
        .as_array()
        .and_then(|steps| steps.iter().find(|step| step["step"] == "transcode").cloned());
    let step = step.context("the timeline has a transcode step")?;

    Ok(Measured {
        wall: plan::seconds_between(&step["started_at"], &step["finished_at"])?,
        cpu,
    })
}

/// The same rungs by the hand-written command.
async fn by_hand(film: &Path, ladder: &Ladder) -> anyhow::Result<Measured> {
    let folder = root().join("target/bench-ffmpeg");
    let _ = fs::remove_dir_all(&folder);
    let before = own_children_cpu_seconds()?;
    let start = Instant::now();
    let status = command(film, ladder, &folder).status().await?;
    let wall = start.elapsed().as_secs_f64();
    ensure!(status.success(), "the hand-written command failed");

    Ok(Measured {
        wall,
        cpu: own_children_cpu_seconds()? - before,
    })
}

/// One process that decodes once and writes all rungs as CMAF with HLS playlists.
pub(crate) fn command(film: &Path, ladder: &Ladder, folder: &Path) -> Command {
    let rungs = &ladder.rungs;
    let labels: Vec<String> = (0..rungs.len()).map(|n| format!("[s{n}]")).collect();
    let scales: Vec<String> = rungs
        .iter()
        .enumerate()
        .map(|(n, rung)| {
            format!(
                "[s{n}]scale={}:{}:flags=bicubic,format=yuv420p[v{n}]",
                rung.width, rung.height
            )
        })
        .collect();
    let mut command = Command::new(root().join(".venv/bin/ffmpeg"));
    command.args(["-nostdin", "-v", "error", "-y", "-i"]).arg(film);
    command.args([
        "-filter_complex",
        &format!("[0:v:0]split={}{};{}", rungs.len(), labels.concat(), scales.join(";")),
    ]);
    for n in 0..rungs.len() {
        command.args(["-map", &format!("[v{n}]")]);
    }
    command.args([
        "-map",
        "0:a:0",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-profile:v",
        "high",
    ]);
    for (n, rung) in rungs.iter().enumerate() {
        // The stand-in's documented CRF of a QVBR level.
        let crf = 35.0 - 1.7 * f64::from(rung.quality);
        command.args([format!("-crf:v:{n}"), format!("{crf:.1}")]);
        command.args([format!("-maxrate:v:{n}"), rung.max_bitrate.to_string()]);
        command.args([format!("-bufsize:v:{n}"), (2 * rung.max_bitrate).to_string()]);
    }
    let streams: Vec<String> = (0..rungs.len())
        .map(|n| format!("v:{n},agroup:a"))
        .chain(["a:0,agroup:a".to_owned()])
        .collect();
    command.args([
        "-force_key_frames:v",
        "expr:gte(t,n_forced*2)",
        "-sc_threshold:v",
        "0",
        "-flags:v",
        "+cgop",
    ]);
    command.args([
        "-c:a",
        "aac",
        "-b:a",
        "128k",
        "-ac",
        "2",
        "-ar",
        "48000",
        "-f",
        "hls",
        "-hls_time",
        "6",
    ]);
    command.args([
        "-hls_playlist_type",
        "vod",
        "-hls_segment_type",
        "fmp4",
        "-master_pl_name",
        "master.m3u8",
    ]);
    command.args([
        "-hls_fmp4_init_filename",
        "init_%v.mp4",
        "-var_stream_map",
        &streams.join(" "),
    ]);
    command
        .arg("-hls_segment_filename")
        .arg(folder.join("%v/segment_%05d.m4s"))
        .arg(folder.join("%v/index.m3u8"));
    command.stdin(Stdio::null());

    command
}
