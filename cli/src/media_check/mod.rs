//! `marquee media-check`: sends every file of a folder through the running service, as private titles, and compares what
//! happens with what the folder's manifest lets expect.

mod judge;
mod manifest;
mod published;
mod pulse;
mod truth;

use std::fs;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::api::types::Timeline;
use crate::arguments::MediaCheck;
use crate::commands::play::playback;
use crate::commands::title_path;
use crate::failure::{Exit, Failure};
use crate::hls;
use crate::ingest::{Manner, NewTitle, Remembering, Source, upload};
use crate::output::{Output, note, print, table, understood};
use judge::{HOSTILE_SECONDS, Outcome, judge};
use manifest::{Kind, Row};
use pulse::Pulse;

/// One line of the result.
struct Checked {
    row: Row,
    outcome: Outcome,
    verdict: Result<(), String>,
    seconds: f64,
    title_id: Option<String>,
}

pub(crate) async fn run(api: &Api, options: &MediaCheck, output: Output) -> Result<Exit, Failure> {
    let rows = rows(options)?;
    // Nothing is tried in vain by somebody who is not signed in.
    api.get("api/me").await?;

    let pulse = Pulse::new(Instant::now());
    let mut results = Vec::new();
    let mut checks = stream::iter(rows)
        .map(|row| check(api, options, &pulse, row))
        .buffer_unordered(usize::from(options.parallel));
    while let Some(checked) = checks.next().await {
        if output.is_json() {
            print(&checked.document().to_string())?;
        } else {
            note(&format!(
                "  {} {}: {}",
                checked.sign(),
                checked.row.path,
                checked.outcome_word()
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

/// The rows that are tried: captions are not films.
fn rows(options: &MediaCheck) -> Result<Vec<Row>, Failure> {
    let path = options.folder.join("MANIFEST.tsv");
    let text = fs::read_to_string(&path).map_err(|error| {
        Failure::usage(
            format!("{} cannot be read: {error}", path.display()),
            "give a folder with a MANIFEST.tsv",
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
            "no file of the manifest is to be checked",
            "check --only and the manifest",
        ));
    }
    Ok(rows)
}

async fn check(api: &Api, options: &MediaCheck, pulse: &Pulse, row: Row) -> Checked {
    let (title_id, seconds, outcome) = match attempt(api, options, pulse, &row).await {
        Ok(ended) => ended,
        Err(failure) if failure.exit == Exit::Refused => (None, 0.0, Outcome::TurnedAway(failure.message)),
        Err(failure) => (None, 0.0, Outcome::NotTried(failure.message)),
    };
    let verdict = judge(&row, &outcome);
    if let (Some(title_id), true) = (&title_id, verdict.is_ok() && !options.keep) {
        // What is left behind by a failure to archive is a private title.
        _ = api.delete(&title_path(title_id)).await;
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
    options: &MediaCheck,
    pulse: &Pulse,
    row: &Row,
) -> Result<(Option<String>, f64, Outcome), Failure> {
    let source = Source::of(&options.folder.join(&row.path))?;
    if row.facts.size_bytes.is_some_and(|size| size != source.size_bytes) {
        return Err(Failure::usage(
            "the file is not the one that the manifest describes (another size)",
            "",
        ));
    }
    let name = format!("media-check {}", row.path.chars().take(150).collect::<String>());
    let title = NewTitle {
        body: json!({ "name": name, "visibility": "private" }),
        name,
    };
    let manner = Manner {
        content_type: source.content_type().into(),
        parallel: 2,
        memory: Remembering::Restart,
    };
    let arrived = upload(api, &source, &title, &manner, &ProgressBar::hidden()).await?;

    let began = Instant::now();
    let is_stuck = || match row.kind {
        Kind::Hostile => began.elapsed() > Duration::from_secs(HOSTILE_SECONDS),
        Kind::Ok | Kind::Captions => pulse.still_for(Instant::now()) > Duration::from_secs(options.patience),
    };
    let outcome = wait(api, &arrived.title, pulse, is_stuck).await?;
    let seconds = began.elapsed().as_secs_f64();
    let outcome = match outcome {
        Outcome::Plays => plays(api, row, &arrived.title).await,
        other => other,
    };
    Ok((Some(arrived.title), seconds, outcome))
}

/// Waits for a final state; `Plays` stands for `published` until it is proved.
async fn wait(api: &Api, title_id: &str, pulse: &Pulse, is_stuck: impl Fn() -> bool) -> Result<Outcome, Failure> {
    let mut seen = Value::Null;
    loop {
        let document = api.get(&format!("{}/timeline", title_path(title_id))).await?;
        let timeline: Timeline = understood(&document)?;
        pulse.feel(&mut seen, document, Instant::now());
        match (timeline.state.as_str(), timeline.failure) {
            ("published", _) => return Ok(Outcome::Plays),
            ("failed", Some(reason)) => return Ok(Outcome::Failed(reason.error)),
            (state, _) if is_stuck() => return Ok(Outcome::Stuck(state.to_owned())),
            _ => sleep(Duration::from_millis(500)).await,
        }
    }
}

/// Downloads what was published, and compares it with the file.
async fn plays(api: &Api, row: &Row, title_id: &str) -> Outcome {
    match walked(api, title_id).await {
        Ok((walked, title_ms)) => match published::compare(row, &walked, title_ms) {
            Ok(()) => Outcome::Plays,
            Err(why) => Outcome::Differs(why),
        },
        Err(failure) => Outcome::DoesNotPlay(failure.message),
    }
}

/// Everything that was published, and how long the title says it is.
async fn walked(api: &Api, title_id: &str) -> Result<(hls::Walked, Option<u64>), Failure> {
    let (_, url) = playback(api, title_id).await?;
    let walked = hls::walk(api.http(), &url).await?;
    let title: Value = understood(&api.get(&title_path(title_id)).await?)?;
    Ok((walked, title["duration_ms"].as_u64()))
}

impl Checked {
    fn sign(&self) -> &'static str {
        if self.verdict.is_ok() { "✓" } else { "✗" }
    }

    fn outcome_word(&self) -> &'static str {
        match self.outcome {
            Outcome::Plays | Outcome::DoesNotPlay(_) | Outcome::Differs(_) => "published",
            Outcome::Failed(_) | Outcome::TurnedAway(_) => "refused",
            Outcome::Stuck(_) => "stuck",
            Outcome::NotTried(_) => "not tried",
        }
    }

    fn reason(&self) -> String {
        let of = match &self.outcome {
            Outcome::Plays => String::new(),
            Outcome::Failed(reason)
            | Outcome::TurnedAway(reason)
            | Outcome::DoesNotPlay(reason)
            | Outcome::Differs(reason)
            | Outcome::Stuck(reason)
            | Outcome::NotTried(reason) => reason.lines().next().unwrap_or_default().to_owned(),
        };
        match &self.verdict {
            Ok(()) => of,
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
            "outcome": self.outcome_word(),
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
            checked.outcome_word().to_owned(),
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

    fn options(folder: &Path, only: Option<&str>) -> MediaCheck {
        MediaCheck {
            folder: folder.into(),
            parallel: 2,
            patience: 1,
            only: only.map(Into::into),
            keep: false,
        }
    }

    #[test]
    fn captions_are_not_tried() {
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
    fn the_table_says_what_is_unexpected() {
        let row = manifest::parse("path\tkind\texpect\na.mp4\tok\taccept\n")
            .unwrap()
            .remove(0);
        let outcome = Outcome::Stuck("processing".into());
        let checked = Checked {
            verdict: judge(&row, &outcome),
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
