//! `media-check`: uploads every file of a folder as a private title, and compares the outcome with the manifest of
//! the folder.

mod activity;
mod claims;
mod manifest;
mod published;
mod verdict;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use futures::{StreamExt as _, stream};
use indicatif::ProgressBar;
use marquee_cli::Global;
use marquee_cli::api::Api;
use marquee_cli::failure::{Exit, Failure};
use marquee_cli::hls::Presentation;
use marquee_cli::ingest::{NewTitle, ResumeMode, Source, UploadOptions, upload};
use marquee_cli::output::{note, parsed, print, table};
use marquee_cli::{paths, playback};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use activity::Activity;
use manifest::{Kind, Row};
use verdict::{HOSTILE_SECONDS, Outcome, verdict};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A folder with a MANIFEST.tsv
    folder: PathBuf,
    /// Number of files processed at the same time
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    parallel: u8,
    // Longer than the longest step without progress, *convert*: its function may take 300 s, its state 330 s
    // (`statemachines/ingest.asl.yaml`), and it may be retried.
    /// Seconds without progress after which a file of kind `ok` counts as stuck (hostile files have 60 s in all)
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    patience: u64,
    /// Only files whose path contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Keep all titles instead of archiving those that ended as expected
    #[arg(long)]
    keep: bool,
}

/// The fields of a timeline that decide whether a title has ended.
#[derive(Debug, Deserialize)]
struct Timeline {
    state: String,
    #[serde(default)]
    failure: Option<Reason>,
}

#[derive(Debug, Deserialize)]
struct Reason {
    /// A name of the service's closed list.
    error: String,
}

/// One line of the result.
struct Checked {
    row: Row,
    outcome: Outcome,
    verdict: Result<(), String>,
    seconds: f64,
    title_id: Option<String>,
}

pub(crate) async fn run(global: &Global, options: &Options) -> Result<Exit, Failure> {
    let output = global.output();
    let api = Api::new(global)?;
    let rows = rows(options)?;
    // Fails early without a sign-in.
    api.get("api/me").await?;

    let activity = Activity::new(Instant::now());
    let mut results = Vec::new();
    let mut checks = stream::iter(rows)
        .map(|row| check(&api, options, &activity, row))
        .buffer_unordered(usize::from(options.parallel));
    while let Some(checked) = checks.next().await {
        if output.is_json() {
            print(&checked.document().to_string())?;
        } else {
            note(&format!(
                "  {} {}: {}",
                checked.sign(),
                checked.row.path,
                checked.outcome_name()
            ));
        }
        results.push(checked);
    }

    results.sort_by(|a, b| a.row.path.cmp(&b.row.path));
    let unexpected = results.iter().filter(|checked| checked.verdict.is_err()).count();
    if output.is_json() {
        print(&json!({ "files": results.len(), "unexpected": unexpected }).to_string())?;
    } else {
        print(&render(&results))?;
        print(&format!("{} files, {unexpected} unexpected", results.len()))?;
    }
    Ok(if unexpected == 0 { Exit::Done } else { Exit::Refused })
}

/// The rows to check: captions are not films.
fn rows(options: &Options) -> Result<Vec<Row>, Failure> {
    let path = options.folder.join("MANIFEST.tsv");
    let text = fs::read_to_string(&path).map_err(|error| {
        Failure::usage(
            format!("{} cannot be read: {error}", path.display()),
            "choose a folder with a MANIFEST.tsv",
        )
    })?;
    let wanted = |row: &Row| {
        row.kind != Kind::Captions
            && options
                .only
                .as_ref()
                .is_none_or(|only| row.path.contains(only.as_str()))
    };
    let rows: Vec<_> = manifest::parse(&text)?.into_iter().filter(wanted).collect();
    if rows.is_empty() {
        return Err(Failure::usage(
            "the manifest has no such file",
            "check --only and the manifest",
        ));
    }
    Ok(rows)
}

async fn check(api: &Api, options: &Options, activity: &Activity, row: Row) -> Checked {
    let (title_id, seconds, outcome) = match attempt(api, options, activity, &row).await {
        Ok(ended) => ended,
        Err(failure) if failure.exit == Exit::Refused => (None, 0.0, Outcome::RefusedByApi(failure.message)),
        Err(failure) => (None, 0.0, Outcome::NotTried(failure.message)),
    };
    let verdict = verdict(&row, &outcome);
    if let (Some(title_id), true) = (&title_id, verdict.is_ok() && !options.keep) {
        // If archiving fails, a private title stays.
        _ = api.delete(&paths::title(title_id)).await;
    }
    Checked {
        row,
        outcome,
        verdict,
        seconds,
        title_id,
    }
}

async fn attempt(
    api: &Api,
    options: &Options,
    activity: &Activity,
    row: &Row,
) -> Result<(Option<String>, f64, Outcome), Failure> {
    let source = Source::open(&options.folder.join(&row.path))?;
    if row.facts.size_bytes.is_some_and(|size| size != source.size_bytes) {
        return Err(Failure::usage("the size of the file is not that of the manifest", ""));
    }
    let name = format!("media-check {}", row.path.chars().take(150).collect::<String>());
    let title = NewTitle {
        body: json!({ "name": name, "visibility": "private" }),
        name,
    };
    let how = UploadOptions {
        content_type: source.content_type().into(),
        parallel: 2,
        resume: ResumeMode::Restart,
    };
    let uploaded = upload(api, &source, &title, &how, &ProgressBar::hidden()).await?;

    let began = Instant::now();
    let is_stuck = || match row.kind {
        Kind::Hostile => began.elapsed() > Duration::from_secs(HOSTILE_SECONDS),
        Kind::Ok | Kind::Captions => activity.idle_for(Instant::now()) > Duration::from_secs(options.patience),
    };
    let outcome = wait(api, &uploaded.title, activity, is_stuck).await?;
    let seconds = began.elapsed().as_secs_f64();
    let outcome = match outcome {
        Outcome::Plays => plays(api, row, &uploaded.title).await,
        other => other,
    };
    Ok((Some(uploaded.title), seconds, outcome))
}

/// Waits for a final state; `Plays` means published, and is checked afterwards.
async fn wait(api: &Api, title_id: &str, activity: &Activity, is_stuck: impl Fn() -> bool) -> Result<Outcome, Failure> {
    let mut seen = Value::Null;
    loop {
        let document = api.get(&paths::timeline(title_id)).await?;
        let timeline: Timeline = parsed(&document)?;
        activity.record(&mut seen, document, Instant::now());
        match (timeline.state.as_str(), timeline.failure) {
            ("published", _) => return Ok(Outcome::Plays),
            ("failed", Some(reason)) => return Ok(Outcome::Failed(reason.error)),
            (state, _) if is_stuck() => return Ok(Outcome::Stuck(state.to_owned())),
            _ => sleep(Duration::from_millis(500)).await,
        }
    }
}

/// Downloads the published presentation, and compares it with the file.
async fn plays(api: &Api, row: &Row, title_id: &str) -> Outcome {
    match presentation(api, title_id).await {
        Ok((presentation, title_ms)) => match published::compare(row, &presentation, title_ms) {
            Ok(()) => Outcome::Plays,
            Err(why) => Outcome::Differs(why),
        },
        Err(failure) => Outcome::DoesNotPlay(failure.message),
    }
}

/// The published presentation, and the length of the title.
async fn presentation(api: &Api, title_id: &str) -> Result<(Presentation, Option<u64>), Failure> {
    let presentation = playback::download(api, title_id).await?;
    let title: Value = parsed(&api.get(&paths::title(title_id)).await?)?;
    Ok((presentation, title["duration_ms"].as_u64()))
}

impl Checked {
    fn sign(&self) -> &'static str {
        if self.verdict.is_ok() { "✓" } else { "✗" }
    }

    fn outcome_name(&self) -> &'static str {
        match self.outcome {
            Outcome::Plays | Outcome::DoesNotPlay(_) | Outcome::Differs(_) => "published",
            Outcome::Failed(_) | Outcome::RefusedByApi(_) => "refused",
            Outcome::Stuck(_) => "stuck",
            Outcome::NotTried(_) => "not tried",
        }
    }

    fn reason(&self) -> String {
        let reason = match &self.outcome {
            Outcome::Plays => String::new(),
            Outcome::Failed(reason)
            | Outcome::RefusedByApi(reason)
            | Outcome::DoesNotPlay(reason)
            | Outcome::Differs(reason)
            | Outcome::Stuck(reason)
            | Outcome::NotTried(reason) => reason.lines().next().unwrap_or_default().to_owned(),
        };
        match &self.verdict {
            Ok(()) => reason,
            Err(why) => format!("UNEXPECTED: {}", why.lines().next().unwrap_or_default()),
        }
    }

    fn expected(&self) -> String {
        let kind = match self.row.kind {
            Kind::Hostile => "hostile",
            Kind::Ok | Kind::Captions => "ok",
        };
        format!("{kind} {}", self.row.expect).trim_end().to_owned()
    }

    fn document(&self) -> Value {
        json!({
            "file": self.row.path,
            "expected": self.expected(),
            "outcome": self.outcome_name(),
            "reason": self.reason(),
            "seconds": self.seconds,
            "as_expected": self.verdict.is_ok(),
            "title_id": self.title_id,
        })
    }
}

fn render(results: &[Checked]) -> String {
    let mut rows = vec![
        ["FILE", "EXPECTED", "OUTCOME", "REASON", "SECONDS"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(results.iter().map(|checked| {
        vec![
            checked.row.path.clone(),
            checked.expected(),
            checked.outcome_name().to_owned(),
            checked.reason(),
            format!("{:.1}", checked.seconds),
        ]
    }));
    table(&rows)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn options(folder: &Path, only: Option<&str>) -> Options {
        Options {
            folder: folder.into(),
            parallel: 2,
            patience: 1,
            only: only.map(Into::into),
            keep: false,
        }
    }

    #[test]
    fn captions_are_not_checked() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("MANIFEST.tsv"),
            "path\tkind\na.mp4\tok\nb.vtt\tcaptions\nc.mp4\thostile\n",
        )
        .unwrap();
        assert_eq!(rows(&options(folder.path(), None)).unwrap().len(), 2);
        assert_eq!(
            rows(&options(folder.path(), Some("c."))).unwrap()[0].kind,
            Kind::Hostile
        );
        assert!(rows(&options(folder.path(), Some("zzz"))).is_err());
    }

    #[test]
    fn a_folder_without_a_manifest_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            rows(&options(folder.path(), None))
                .unwrap_err()
                .message
                .contains("MANIFEST.tsv")
        );
    }

    #[test]
    fn the_table_names_unexpected_outcomes() {
        let row = manifest::parse("path\tkind\texpect\na.mp4\tok\taccept\n")
            .unwrap()
            .remove(0);
        let outcome = Outcome::Stuck("processing".into());
        let checked = Checked {
            verdict: verdict(&row, &outcome),
            row,
            outcome,
            seconds: 60.04,
            title_id: None,
        };
        assert_eq!(
            render(&[checked]),
            "FILE   EXPECTED   OUTCOME  REASON                                 SECONDS\n\
             a.mp4  ok accept  stuck    UNEXPECTED: stuck in state processing  60.0\n"
        );
    }
}
