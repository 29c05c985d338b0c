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
    /// When it was written, which may be long before CloudWatch Logs got it.
    at: jiff::Timestamp,
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
            at: text("timestamp")?.parse().ok()?,
            message: text("message")?,
            milliseconds: fields.get("milliseconds").and_then(Value::as_i64),
            calls: text("calls"),
            fields,
        })
    }

    /// A step of a state machine.
    pub(super) fn from_machine(machine: &str, at: jiff::Timestamp, level: Level, message: String) -> Self {
        Self {
            level,
            function: machine.to_owned(),
            fields: Map::new(),
            at,
            message,
            milliseconds: None,
            calls: None,
        }
    }

    /// What two finds of the same line have in common.
    pub(super) fn key(&self) -> String {
        let invocation = self.text("requestId").unwrap_or_default();

        format!("{} {invocation} {}", self.at, self.message)
    }

    /// When the invocation began that the line ends, or else when the line was written.
    pub(super) fn started(&self) -> Timestamp {
        self.at.as_millisecond() - self.milliseconds.unwrap_or_default()
    }

    /// When it was written: lines are shown in this order.
    pub(super) fn at(&self) -> jiff::Timestamp {
        self.at
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
        let time = self.at.strftime("%H:%M:%S%.3f").to_string();
        writeln!(
            output,
            "{time} {level} {:width$}  {}{duration}",
            self.function,
            printable(&self.message)
        )?;
        let indent = time.len() + 3 + width + 2;
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

/// A text that can neither move the cursor of a terminal nor change the direction of what it shows.
fn printable(text: &str) -> String {
    let moves = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');

    text.chars().map(|c| if moves(c) { ' ' } else { c }).collect()
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
        assert_eq!(line.at().as_millisecond() - line.started(), 171);
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
            "timestamp": "2026-11-30T12:06:04.632818Z", "level": "ERROR", "message": "user handler panicked",
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
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a [2Jb c d");
    }
}
