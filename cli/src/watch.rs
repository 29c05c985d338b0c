//! Follows a title through the pipeline.

mod render;

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::api::types::{StepState, Timeline};
use crate::failure::{Exit, Failure};
use crate::output::{note, parsed};
use crate::paths;
use render::Tracker;
pub(crate) use render::{steps, summary};

/// How long this program waits for the last steps of a published title.
const GRACE_PERIOD: Duration = Duration::from_secs(15);
/// How long the service may be unavailable while a title is followed.
const SERVICE_TIMEOUT: Duration = Duration::from_mins(2);

/// Follows a title until its processing ends. Changes are shown on standard error; `report` gets every new document.
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

/// A failure for a title that was not published.
pub(crate) fn verdict(timeline: &Timeline) -> Result<(), Failure> {
    if timeline.state == "published" {
        return Ok(());
    }
    let (message, advice) = match &timeline.failure {
        Some(reason) => (format!("{} ({})", reason.sentence, reason.error), advice(timeline)),
        None => (format!("the title is {}", timeline.state), advice(timeline)),
    };
    Err(Failure::new(Exit::Refused, message, advice))
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
    let path = paths::timeline(title_id);
    let began = Instant::now();
    let mut tracker = Tracker::default();
    let mut last = Value::Null;
    let mut published_at: Option<Instant> = None;
    let mut last_answer_at = Instant::now();

    loop {
        match api.get(&path).await {
            Ok(document) => {
                last_answer_at = Instant::now();
                let timeline: Timeline = parsed(&document)?;
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
            // The pipeline continues in the meantime, so a short interruption is no reason to stop.
            Err(failure) if last_answer_at.elapsed() < SERVICE_TIMEOUT => match failure.transient {
                Some(transient) => sleep(transient.retry_after.unwrap_or_default().min(SERVICE_TIMEOUT)).await,
                None => return Err(failure),
            },
            Err(failure) => return Err(failure),
        }
        sleep(interval(began.elapsed())).await;
    }
}

/// Whether the processing has ended, apart from steps that are not worth waiting for.
fn is_final(timeline: &Timeline, published_for: Option<Duration>) -> bool {
    let ended = timeline
        .steps
        .iter()
        .all(|step| !matches!(step.state, StepState::Waiting | StepState::Running));
    match timeline.state.as_str() {
        "failed" | "archived" => true,
        "published" => ended || published_for.is_some_and(|since| since > GRACE_PERIOD),
        _ => false,
    }
}

/// Time between two requests: it grows, because long films take long.
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
        parsed(&json!({
            "title_id": "t", "state": state, "redrivable": state == "failed",
            "steps": [{ "step": "publish", "state": "done" }, { "step": "notify", "state": notify }],
            "failure": if state == "failed" { json!({ "error": "TranscodeFailed", "sentence": "It broke." }) } else { Value::Null },
        }))
        .unwrap()
    }

    #[test]
    fn watching_ends_with_the_processing() {
        assert!(!is_final(&timeline("processing", "waiting"), None));
        assert!(is_final(&timeline("failed", "waiting"), None));
        assert!(is_final(&timeline("published", "done"), Some(Duration::ZERO)));
        assert!(!is_final(&timeline("published", "running"), Some(Duration::ZERO)));
        assert!(is_final(
            &timeline("published", "running"),
            Some(GRACE_PERIOD + Duration::from_secs(1))
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
