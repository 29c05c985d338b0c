//! The executions of state machines that worked on the things of a request.

use marquee_standin::emulator::Emulator;
use serde_json::{Value, json};

use super::{
    api::{STEP_FUNCTIONS, Timestamp, pages},
    line::{Level, Line},
    related::Links,
};

/// The end of the types of events that say where an execution has come.
const ENTERED: &str = "StateEntered";

/// A line for the start and the end of each execution that did not end before a time, for each state that it entered and for each failure.
pub(super) async fn lines(emulator: &Emulator, links: &Links, from: Timestamp) -> anyhow::Result<Vec<Line>> {
    let mut shown = Vec::new();
    for machine in pages(
        emulator,
        &STEP_FUNCTIONS,
        "ListStateMachines",
        json!({}),
        "stateMachines",
    )
    .await?
    {
        let request = json!({ "stateMachineArn": machine["stateMachineArn"] });
        let executions = pages(emulator, &STEP_FUNCTIONS, "ListExecutions", request, "executions").await?;
        for execution in executions {
            let ended = time_of(&execution["stopDate"]);
            if !execution["name"].as_str().is_some_and(|name| links.names(name))
                || ended.is_some_and(|ended| ended.as_millisecond() < from)
            {
                continue;
            }
            let request = json!({ "executionArn": execution["executionArn"] });
            let events = pages(emulator, &STEP_FUNCTIONS, "GetExecutionHistory", request, "events").await?;
            let name = machine["name"].as_str().unwrap_or_default();
            shown.extend(events.iter().filter_map(|event| line(name, event)));
        }
    }

    Ok(shown)
}

fn line(machine: &str, event: &Value) -> Option<Line> {
    let kind = event["type"].as_str()?;
    let details =
        |name: &str| event[format!("{}{}EventDetails", kind[..1].to_ascii_lowercase(), &kind[1..])][name].as_str();
    let (level, message) = if kind.ends_with(ENTERED) {
        (
            Level::Info,
            format!("enters {}", event["stateEnteredEventDetails"]["name"].as_str()?),
        )
    } else if kind.starts_with("Execution") {
        let what = kind.trim_start_matches("Execution").to_ascii_lowercase();
        let level = if ["started", "succeeded"].contains(&what.as_str()) {
            Level::Info
        } else {
            Level::Warn
        };
        (level, format!("the execution {what}"))
    } else if kind.ends_with("Failed") || kind.ends_with("TimedOut") {
        (
            Level::Warn,
            format!("{kind}: {}", details("error").unwrap_or("no error name")),
        )
    } else {
        return None;
    };

    Some(Line::from_machine(
        machine,
        time_of(&event["timestamp"])?,
        level,
        message,
    ))
}

/// A time in seconds, or in the form of RFC 3339.
fn time_of(value: &Value) -> Option<jiff::Timestamp> {
    match value.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time are exact")]
        Some(seconds) => jiff::Timestamp::from_millisecond((seconds * 1_000.0).round() as i64).ok(),
        None => value.as_str()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(event: &Value) -> Option<String> {
        let mut output = Vec::new();
        line("ingest", event)?.write(&mut output, 6).unwrap();
        Some(String::from_utf8(output).unwrap())
    }

    #[test]
    fn states_ends_and_failures_are_shown() {
        let time = "2026-11-30T12:06:04.5Z";
        let entered =
            json!({ "type": "TaskStateEntered", "timestamp": time, "stateEnteredEventDetails": { "name": "Plan" } });
        assert_eq!(written(&entered).unwrap(), "12:06:04.500   ingest  enters Plan\n");
        let ended = json!({ "type": "ExecutionSucceeded", "timestamp": 1_796_040_364.5 });
        assert_eq!(
            written(&ended).unwrap(),
            "12:06:04.500   ingest  the execution succeeded\n"
        );
        let failed =
            json!({ "type": "TaskFailed", "timestamp": time, "taskFailedEventDetails": { "error": "Denied" } });
        assert_eq!(written(&failed).unwrap(), "12:06:04.500 W ingest  TaskFailed: Denied\n");
        assert_eq!(written(&json!({ "type": "TaskScheduled", "timestamp": time })), None);
    }
}
