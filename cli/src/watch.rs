//! Follows a title through the pipeline.

mod render;

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::api::types::{StepState, Timeline};
use crate::failure::{Exit, Failure};
use crate::output::{note, understood};
use render::Tracker;
pub(crate) use render::{steps, summary};

/// How long the last steps may trail behind a published title before this program stops looking.
const GRACE: Duration = Duration::from_secs(15);
/// How long the service may be away while a title is followed.
const PATIENCE: Duration = Duration::from_mins(2);

/// Follows a title to its end. People see what changes on standard error; `report` gets every new document.
pub(crate) async fn follow(
    api: &Api,
    title_id: &str,
    mut report: impl FnMut(&Value) -> Result<(), Failure>,
) -> Result<Timeline, Failure> {
    let bar = ProgressBar::new_spinner().with_style(style());
    bar.enable_steady_tick(Duration::from_millis(120));
    let followed = watch(api, title_id, |document, lines, now| {
        for line in lines {
            bar.suspend(|| note(&line));
        }
        bar.set_message(now);
        report(document)
    })
    .await;
    bar.finish_and_clear();
    followed
}

/// The answer to the question how it ended: a failure for a title that was not published.
pub(crate) fn verdict(timeline: &Timeline) -> Result<(), Failure> {
    if timeline.state == "published" {
        return Ok(());
    }
    let (why, advice) = match &timeline.failure {
        Some(reason) => (format!("{} ({})", reason.sentence, reason.error), advice(timeline)),
        None => (format!("the title is {}", timeline.state), advice(timeline)),
    };
    Err(Failure::new(Exit::Refused, why, advice))
}

fn advice(timeline: &Timeline) -> String {
    if timeline.redrivable {
        return format!("an admin can run it again: `marquee redrive {}`", timeline.title_id);
    }
    "upload another file".into()
}

async fn watch(
    api: &Api,
    title_id: &str,
    mut show: impl FnMut(&Value, Vec<String>, String) -> Result<(), Failure>,
) -> Result<Timeline, Failure> {
    let path = format!("api/titles/{title_id}/timeline");
    let began = Instant::now();
    let mut tracker = Tracker::default();
    let mut last = Value::Null;
    let mut published_at: Option<Instant> = None;
    let mut heard_at = Instant::now();

    loop {
        match api.get(&path).await {
            Ok(document) => {
                heard_at = Instant::now();
                let timeline: Timeline = understood(&document)?;
                if document != last {
                    show(&document, tracker.changes(&timeline), tracker.now(&timeline))?;
                    last = document;
                }
                if timeline.state == "published" {
                    published_at.get_or_insert_with(Instant::now);
                }
                if is_final(&timeline, published_at.map(|at| at.elapsed())) {
                    return Ok(timeline);
                }
            }
            // The pipeline goes on without us, so a pause of the service is no reason to stop.
            Err(failure) if failure.passing.is_some() && heard_at.elapsed() < PATIENCE => {}
            Err(failure) => return Err(failure),
        }
        sleep(interval(began.elapsed())).await;
    }
}

/// Nothing more will happen, or nothing that anybody waits for.
fn is_final(timeline: &Timeline, published_for: Option<Duration>) -> bool {
    let ended = timeline
        .steps
        .iter()
        .all(|step| !matches!(step.state, StepState::Waiting | StepState::Running));
    match timeline.state.as_str() {
        "failed" | "archived" => true,
        "published" => ended || published_for.is_some_and(|since| since > GRACE),
        _ => false,
    }
}

/// A short film is followed closely, a long one patiently.
fn interval(elapsed: Duration) -> Duration {
    match elapsed.as_secs() {
        0..30 => Duration::from_millis(500),
        30..180 => Duration::from_secs(1),
        _ => Duration::from_secs(3),
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn timeline(state: &str, notify: &str) -> Timeline {
        understood(&json!({
            "title_id": "t", "state": state, "redrivable": state == "failed",
            "steps": [{ "step": "publish", "state": "done" }, { "step": "notify", "state": notify }],
            "failure": if state == "failed" { json!({ "error": "TranscodeFailed", "sentence": "It broke." }) } else { Value::Null },
        }))
        .unwrap()
    }

    #[test]
    fn ends_when_nothing_more_happens() {
        assert!(!is_final(&timeline("processing", "waiting"), None));
        assert!(is_final(&timeline("failed", "waiting"), None));
        assert!(is_final(&timeline("published", "done"), Some(Duration::ZERO)));
        assert!(!is_final(&timeline("published", "running"), Some(Duration::ZERO)));
        assert!(is_final(
            &timeline("published", "running"),
            Some(GRACE + Duration::from_secs(1))
        ));
    }

    #[test]
    fn a_failed_title_says_why_and_what_to_do() {
        let failure = verdict(&timeline("failed", "waiting")).unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        assert_eq!(failure.message, "It broke. (TranscodeFailed)");
        assert!(failure.advice.contains("marquee redrive t"));
        assert!(verdict(&timeline("published", "done")).is_ok());
    }
}
