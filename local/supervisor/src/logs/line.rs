//! One line of a function's log (`shared/runtime/src/telemetry`), or one step of a state machine.

use std::{fmt::Write as _, io};

use serde_json::{Map, Value};

use super::api::Timestamp;

/// Fields that the first line of the output has a place for, or that only a machine reads.
const SHOWN_ELSEWHERE: [&str; 12] = [
    "timestamp",
    "level",
    "message",
    "span",
    "milliseconds",
    "calls",
    "method",
    "route",
    "status",
    "request_id",
    "kind",
    "error",
];

/// A line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) level: Level,
    /// The function, or the state machine.
    pub(super) function: String,
    /// The fields of the line and of its invocation; those of the invocation without a prefix.
    pub(super) fields: Map<String, Value>,
    /// When it was written.
    at: Timestamp,
    /// The time as it is shown.
    time: String,
    message: String,
    /// How long the invocation took until then, if the line ends it.
    milliseconds: Option<i64>,
    calls: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Level {
    Info,
    Warn,
    Error,
}

impl Line {
    /// Reads an event of CloudWatch Logs. Lambda's own lines (`START`, `REPORT`) are left out.
    pub(super) fn from_event(event: &Value) -> Option<Self> {
        let mut fields: Map<String, Value> = serde_json::from_str(event["message"].as_str()?).ok()?;
        let Some(Value::Object(invocation)) = fields.remove("span") else {
            return None;
        };
        fields.extend(invocation);
        // `lambda_runtime` has X-Ray's whole header where ours have the id of the trace.
        if let Some(Value::String(header)) = fields.remove("xrayTraceId")
            && let Some(trace) = header.split(';').find_map(|part| part.strip_prefix("Root="))
        {
            fields.insert("trace".to_owned(), trace.into());
        }
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);

        Some(Self {
            level: match text("level")?.as_str() {
                "ERROR" => Level::Error,
                "WARN" => Level::Warn,
                _ => Level::Info,
            },
            function: text("function").unwrap_or_default(),
            at: event["timestamp"].as_i64()?,
            time: clock_of(&text("timestamp")?)?,
            message: text("message")?,
            milliseconds: fields.get("milliseconds").and_then(Value::as_i64),
            calls: text("calls"),
            fields,
        })
    }

    /// A step of a state machine.
    pub(super) fn from_machine(
        machine: &str,
        at: Timestamp,
        time: &str,
        level: Level,
        message: String,
    ) -> Option<Self> {
        Some(Self {
            level,
            function: machine.to_owned(),
            fields: Map::new(),
            at,
            time: clock_of(time)?,
            message,
            milliseconds: None,
            calls: None,
        })
    }

    /// What two finds of the same line have in common.
    pub(super) fn key(&self) -> String {
        format!("{} {} {} {}", self.at, self.time, self.function, self.message)
    }

    /// When the invocation began that the line ends, or else when the line was written.
    pub(super) fn started(&self) -> Timestamp {
        self.at - self.milliseconds.unwrap_or_default()
    }

    /// Lines are in the order in which they were written; in the same millisecond, in the order of the exact times.
    pub(super) fn order(&self) -> (Timestamp, &str) {
        (self.at, &self.time)
    }

    /// A field as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// Whether the line ends an HTTP request, or belongs to one.
    pub(super) fn is_of_request(&self) -> bool {
        self.fields.contains_key("route")
    }

    /// Writes the line, and its calls and other fields below it.
    pub(super) fn write(&self, output: &mut impl io::Write, width: usize) -> io::Result<()> {
        let level = match self.level {
            Level::Info => ' ',
            Level::Warn => 'W',
            Level::Error => 'E',
        };
        let duration = self
            .milliseconds
            .map(|milliseconds| format!("  ({milliseconds} ms)"))
            .unwrap_or_default();
        writeln!(
            output,
            "{} {level} {:width$}  {}{duration}",
            self.time,
            self.function,
            printable(&self.message)
        )?;
        let indent = self.time.len() + 3 + width + 2;
        let details = [self.calls.clone(), self.details()];
        for detail in details.into_iter().flatten() {
            writeln!(output, "{:indent$}{}", "", printable(&detail))?;
        }

        Ok(())
    }

    /// The other fields of a line that ends an invocation, or that is no information.
    fn details(&self) -> Option<String> {
        if self.level == Level::Info && self.milliseconds.is_none() {
            return None;
        }
        let mut details = String::new();
        for (name, value) in &self.fields {
            if SHOWN_ELSEWHERE.contains(&name.as_str())
                || ["name", "function"].contains(&name.as_str())
                || value.is_null()
            {
                continue;
            }
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if self.message.contains(&value) {
                continue;
            }
            let separator = if details.is_empty() { "" } else { " " };
            let _ = write!(details, "{separator}{name}={value}");
        }

        (!details.is_empty()).then_some(details)
    }
}

/// The time of day in a timestamp, to the millisecond.
fn clock_of(timestamp: &str) -> Option<String> {
    let (_, time) = timestamp.split_once('T')?;

    Some(time.get(..12)?.to_owned())
}

/// A text that cannot move the cursor of a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(message: &Value) -> Option<Line> {
        Line::from_event(&json!({ "timestamp": 1_000, "message": message.to_string() }))
    }

    fn ended() -> Value {
        json!({
            "timestamp": "2026-11-30T12:06:04.632818Z", "level": "INFO", "message": "POST /api/titles answered 201",
            "milliseconds": 171, "calls": "DynamoDB.PutItem 25 ms", "route": "/api/titles",
            "span": { "name": "invocation", "function": "create-title", "requestId": "r-1" },
        })
    }

    #[test]
    fn a_line_has_the_fields_of_its_invocation() {
        let line = line(&ended()).unwrap();

        assert_eq!(
            (line.function.as_str(), line.text("requestId")),
            ("create-title", Some("r-1"))
        );
        assert_eq!(line.started(), 829);
        assert!(line.is_of_request());
        let mut output = Vec::new();
        line.write(&mut output, 12).unwrap();
        assert_eq!(
            String::from_utf8(output).unwrap(),
            "12:06:04.632   create-title  POST /api/titles answered 201  (171 ms)\n\
             \u{20}                            DynamoDB.PutItem 25 ms\n\
             \u{20}                            requestId=r-1\n"
        );
    }

    #[test]
    fn a_line_of_the_runtime_has_the_trace_too() {
        let line = line(&json!({
            "timestamp": "2026-11-30T12:06:04.632818Z", "level": "ERROR", "message": "the step failed with NotAVideo",
            "span": { "requestId": "r-1", "xrayTraceId": "Root=1-6b0d672d-7a9658e6;Parent=9363;Sampled=0" },
        }));

        assert_eq!(line.unwrap().text("trace"), Some("1-6b0d672d-7a9658e6"));
    }

    #[test]
    fn lines_of_lambda_are_left_out() {
        let event = json!({ "timestamp": 1_000, "message": "START RequestId: r-1 Version: $LATEST\n" });

        assert!(Line::from_event(&event).is_none());
    }

    #[test]
    fn a_message_cannot_move_the_cursor() {
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a [2Jb c");
    }
}
