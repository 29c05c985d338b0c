//! Renders a timeline as text.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::api::types::{Quote, Step, StepState, Timeline};
use crate::output::dollars;

/// The step that makes the quote.
const QUOTING_STEP: &str = "plan";

/// Remembers the reported states, so that every change is reported once.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    reported: HashMap<String, StepState>,
    quoted: bool,
}

impl Tracker {
    /// Lines for what changed since the last call.
    pub(super) fn changes(&mut self, timeline: &Timeline) -> Vec<String> {
        let mut lines = Vec::new();
        for step in &timeline.steps {
            let before = self.reported.insert(step.step.clone(), step.state);
            let has_ended = !matches!(step.state, StepState::Waiting | StepState::Running);
            if has_ended && before != Some(step.state) {
                lines.push(line(step));
            }
            // The quote may arrive in a later document than the end of its step.
            if has_ended
                && !self.quoted
                && let Some(quote) = quote_after(step, timeline)
            {
                self.quoted = true;
                lines.push(quote);
            }
        }
        lines
    }

    /// The running steps.
    #[expect(clippy::unused_self, reason = "reads well next to `changes`")]
    pub(super) fn now(&self, timeline: &Timeline) -> String {
        let running: Vec<_> = timeline
            .steps
            .iter()
            .filter(|step| step.state == StepState::Running)
            .collect();
        if running.is_empty() {
            return timeline.state.clone();
        }
        running.into_iter().map(doing).collect::<Vec<_>>().join(", ")
    }
}

/// Every step, a line each, with the quote below the step that makes it.
pub(crate) fn steps(timeline: &Timeline) -> String {
    let mut lines: Vec<String> = timeline
        .steps
        .iter()
        .flat_map(|step| [Some(line(step)), quote_after(step, timeline)])
        .flatten()
        .collect();
    lines.push(format!("  {}", summary(timeline)));
    lines.join("\n")
}

/// The result in one line: `published in 23.4 s`.
pub(crate) fn summary(timeline: &Timeline) -> String {
    let began = timeline.steps.iter().filter_map(|step| step.started_at).min();
    let ended = timeline.steps.iter().filter_map(|step| step.finished_at).max();
    let attempt = timeline
        .attempt
        .filter(|attempt| *attempt > 1)
        .map(|attempt| format!(" (attempt {attempt})"));
    let time = match (began, ended) {
        (Some(began), Some(ended)) => format!(" in {}", seconds(began, ended)),
        _ => String::new(),
    };
    format!("{}{time}{}", timeline.state, attempt.unwrap_or_default())
}

fn line(step: &Step) -> String {
    let sign = match step.state {
        StepState::Done => "✓",
        StepState::Failed => "✗",
        StepState::Skipped => "–",
        StepState::Running => "…",
        StepState::Waiting => " ",
    };
    let mut line = format!("  {sign} {:<10}", step.step);
    match (step.state, step.started_at, step.finished_at) {
        (StepState::Running, ..) => line.push_str(&details(step)),
        (StepState::Skipped, ..) => line.push_str("  skipped"),
        (_, Some(began), Some(ended)) => _ = write!(line, "{:>9}", seconds(began, ended)),
        _ => {}
    }
    if let Some(cost) = step.cost_micros {
        _ = write!(line, "  {}", dollars(cost));
    }
    if let Some(reason) = &step.reason {
        _ = write!(line, "  {}: {}", reason.error, reason.sentence);
    }
    for note in &step.notes {
        _ = write!(line, "\n               {note}");
    }
    line.trim_end().to_owned()
}

fn doing(step: &Step) -> String {
    format!("{}{}", step.step, details(step))
}

/// ` 42 % transcoding`
fn details(step: &Step) -> String {
    let percent = step
        .progress_percent
        .map(|percent| format!(" {percent:.0} %"))
        .unwrap_or_default();
    let phase = step
        .phase
        .as_ref()
        .map(|phase| match phase.as_str() {
            "SUBMITTED" => " waiting in the queue".to_owned(),
            phase => format!(" {}", phase.to_lowercase()),
        })
        .unwrap_or_default();
    format!("{percent}{phase}")
}

/// The line of the quote, if it belongs below this step.
fn quote_after(step: &Step, timeline: &Timeline) -> Option<String> {
    let quote = timeline.quote.as_ref().filter(|_| step.step == QUOTING_STEP)?;

    Some(format!("               {}", quoted(quote)))
}

fn quoted(quote: &Quote) -> String {
    let budget = quote
        .budget_micros
        .map(|budget| format!(" of {} allowed", dollars(budget)))
        .unwrap_or_default();
    let caution = if quote.unverified { " (prices not verified)" } else { "" };
    format!("quote {}{budget}{caution}", dollars(quote.amount_micros))
}

fn seconds(began: Timestamp, ended: Timestamp) -> String {
    format!("{:.1} s", ended.duration_since(began).as_secs_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::output::parsed;

    fn timeline(transcode: &serde_json::Value) -> Timeline {
        parsed(&json!({
            "title_id": "t", "state": "processing", "attempt": 2,
            "quote": { "amount_micros": 12_300, "currency": "USD", "unverified": true, "lines": [], "budget_micros": 5_000_000 },
            "steps": [
                { "step": "plan", "state": "done", "started_at": "2026-01-01T00:00:00Z", "finished_at": "2026-01-01T00:00:00.75Z" },
                transcode,
                { "step": "verify", "state": "waiting" },
            ],
        }))
        .unwrap()
    }

    #[test]
    fn every_change_is_reported_once() {
        let mut tracker = Tracker::default();
        let running = timeline(
            &json!({ "step": "transcode", "state": "running", "progress_percent": 41.6, "phase": "TRANSCODING" }),
        );
        assert_eq!(
            tracker.changes(&running),
            [
                "  ✓ plan          0.8 s",
                "               quote $0.0123 of $5.0000 allowed (prices not verified)"
            ]
        );
        assert_eq!(tracker.now(&running), "transcode 42 % transcoding");
        let queued = timeline(&json!({ "step": "transcode", "state": "running", "phase": "SUBMITTED" }));
        assert_eq!(Tracker::default().now(&queued), "transcode waiting in the queue");
        assert!(tracker.changes(&running).is_empty());

        let failed = timeline(&json!({
            "step": "transcode", "state": "failed", "started_at": "2026-01-01T00:00:01Z", "finished_at": "2026-01-01T00:00:03Z",
            "cost_micros": 4_500, "reason": { "error": "TranscodeFailed", "sentence": "It broke." },
        }));
        assert_eq!(
            tracker.changes(&failed),
            ["  ✗ transcode     2.0 s  $0.0045  TranscodeFailed: It broke."]
        );
    }

    /// A timeline whose first steps have these states.
    fn begun(validate: &str, plan: &str, has_quote: bool) -> Timeline {
        let quote = json!({ "amount_micros": 12_300 });
        parsed(&json!({
            "title_id": "t", "state": "processing", "quote": has_quote.then_some(quote),
            "steps": [{ "step": "validate", "state": validate }, { "step": "plan", "state": plan }, { "step": "transcode", "state": "waiting" }],
        }))
        .unwrap()
    }

    #[test]
    fn the_quote_is_below_its_step_however_the_documents_arrive() {
        let refreshes: [&[(&str, &str, bool)]; 4] = [
            &[("done", "done", true)],
            &[("done", "running", false), ("done", "done", true)],
            &[("done", "running", true), ("done", "done", true)],
            &[("done", "done", false), ("done", "done", true)],
        ];
        let expected = ["  ✓ validate", "  ✓ plan", "               quote $0.0123"];
        for documents in refreshes {
            let mut tracker = Tracker::default();
            let documents = documents
                .iter()
                .map(|&(validate, plan, has_quote)| begun(validate, plan, has_quote));
            let lines: Vec<_> = documents.flat_map(|document| tracker.changes(&document)).collect();
            assert_eq!(lines, expected);
        }
        let all = steps(&begun("done", "done", true));
        assert_eq!(all.lines().take(3).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_summary_is_one_line() {
        let timeline =
            timeline(&json!({ "step": "transcode", "state": "skipped", "finished_at": "2026-01-01T00:00:10Z" }));
        assert_eq!(summary(&timeline), "processing in 10.0 s (attempt 2)");
        assert!(steps(&timeline).contains("  – transcode   skipped"));
    }
}
