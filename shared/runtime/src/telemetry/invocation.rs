//! One invocation of a function: its span, which every log line of the invocation carries, and its duration.

use std::time::Instant;

use kernel::Timestamp;
use lambda_runtime::Context;
use serde_json::Value;
use tracing::{Metadata, Span, field::Empty};

use super::calls::Calls;
use crate::config;

/// The name of the span.
const NAME: &str = "invocation";
/// What the root of a trace starts with in X-Ray's header, `Root=1-6920a1b2-0f1e2d3c4b5a69788796a5b4;Parent=…;Sampled=0`.
const ROOT: &str = "Root=";

/// An invocation that is running.
pub(crate) struct Invocation {
    span: Span,
    started: Instant,
}

/// What the payload of an invocation is about. It holds ids and counts only.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Subject {
    /// The queue, stream or event that the payload is from.
    pub(crate) source: Option<String>,
    /// The number of records of a batch.
    pub(crate) records: Option<usize>,
    /// How long the oldest record of a batch waited, in milliseconds.
    pub(crate) waited: Option<i64>,
    title_id: Option<String>,
    asset_id: Option<String>,
    run_id: Option<String>,
}

pub(super) fn is_invocation(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.name() == NAME
}

/// The id of the trace in X-Ray's header (`1-6920a1b2-0f1e2d3c4b5a69788796a5b4`). Anything else is not accepted.
pub(crate) fn trace_id(header: &str) -> Option<&str> {
    let root = header.split(';').find_map(|part| part.trim().strip_prefix(ROOT))?;
    let is_hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut parts = root.split('-');

    (parts.next() == Some("1")
        && parts.next().is_some_and(|time| time.len() == 8 && is_hexadecimal(time))
        && parts.next().is_some_and(|id| id.len() == 24 && is_hexadecimal(id))
        && parts.next().is_none())
    .then_some(root)
}

impl Invocation {
    /// Starts an invocation: of an HTTP request, with the trace of its header.
    pub(crate) fn from_request(request_id: &str, trace: Option<&str>) -> Self {
        let function = function();

        Self {
            span: tracing::info_span!("invocation", function, requestId = request_id, trace),
            started: Instant::now(),
        }
    }

    /// Starts an invocation: of an event or a step, with the ids in its payload.
    pub(crate) fn from_payload(context: &Context, subject: &Subject) -> Self {
        let trace = context.xray_trace_id.as_deref().and_then(trace_id);
        let function = function();
        let span = tracing::info_span!(
            "invocation",
            function,
            requestId = context.request_id,
            trace,
            title.id = Empty,
            asset.id = Empty,
            run.id = Empty,
        );
        let Subject {
            title_id,
            asset_id,
            run_id,
            ..
        } = subject;
        for (name, id) in [("title.id", title_id), ("asset.id", asset_id), ("run.id", run_id)] {
            if let Some(id) = id {
                span.record(name, id.as_str());
            }
        }

        Self {
            span,
            started: Instant::now(),
        }
    }

    /// The span, which the handler runs in.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// How long the invocation has lasted, in milliseconds.
    pub(crate) fn milliseconds(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The calls of AWS services until now, for a log line.
    pub(crate) fn calls(&self) -> Option<String> {
        let calls = Calls::from_span(&self.span);

        (!calls.is_empty()).then(|| calls.to_string())
    }
}

impl Subject {
    /// Reads the payload of an event, a batch or a step. What it does not know remains empty.
    pub(crate) fn from_payload(payload: &Value, now: Timestamp) -> Self {
        let id = |name: &str| payload[name].as_str().and_then(id_of);
        let records = payload["Records"].as_array();

        Self {
            source: records.map_or_else(|| event_of(payload), |records| source_of(records.first()?)),
            records: records.map(Vec::len),
            waited: records.and_then(|records| {
                let sent = records.iter().filter_map(sent_at).min()?;
                Some(now.as_millisecond() - sent)
            }),
            title_id: id("title_id"),
            asset_id: id("asset_id"),
            run_id: id("run_id"),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of our time are exact in a float"
)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}

/// The name of the function that this process runs.
fn function() -> Option<String> {
    config::optional("_HANDLER")
}

/// An id. Anything else is not logged.
fn id_of(text: &str) -> Option<String> {
    uuid::Uuid::try_parse(text).ok().map(|id| id.to_string())
}

/// The name of a queue or of a table, the last part of whose ARN may be the time of a stream.
fn source_of(record: &Value) -> Option<String> {
    let arn = record["eventSourceARN"].as_str()?;
    let resource = arn.split(':').nth(5)?;

    Some(resource.split('/').nth(1).unwrap_or(resource).to_owned())
}

/// The type of EventBridge's event.
fn event_of(payload: &Value) -> Option<String> {
    let kind = payload["detail-type"].as_str()?;

    Some(kind.chars().filter(|c| !c.is_control()).take(80).collect())
}

/// When a record was sent, in milliseconds of the epoch.
fn sent_at(record: &Value) -> Option<i64> {
    let in_queue = record["attributes"]["SentTimestamp"].as_str();
    match in_queue {
        Some(milliseconds) => milliseconds.parse().ok(),
        None => record["dynamodb"]["ApproximateCreationDateTime"]
            .as_f64()
            .map(milliseconds),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

    fn subject(payload: &Value) -> Subject {
        Subject::from_payload(payload, Timestamp::from_millisecond(5_000).unwrap())
    }

    #[test]
    fn a_trace_is_the_root_of_the_header() {
        let root = "1-6920a1b2-0f1e2d3c4b5a69788796a5b4";

        assert_eq!(
            trace_id(&format!("Root={root};Parent=53995c3f42cd8ad8;Sampled=1")),
            Some(root)
        );
        assert_eq!(trace_id(&format!("Self=1-1-1;Root={root}")), Some(root));
        for forged in [
            "",
            "Root=",
            "Root=1-6920a1b2",
            "Root=1-6920a1b2-<script>",
            "Root=2-6920a1b2-0f1e2d3c4b5a69788796a5b4",
        ] {
            assert_eq!(trace_id(forged), None, "{forged}");
        }
    }

    #[test]
    fn a_step_is_about_the_ids_of_its_input() {
        let about = subject(&json!({ "title_id": ID, "asset_id": ID, "run_id": "ada@example.org", "attempt": 1 }));

        assert_eq!(about.title_id.as_deref(), Some(ID));
        assert_eq!(about.asset_id.as_deref(), Some(ID));
        assert_eq!(about.run_id, None, "only ids are logged");
    }

    #[test]
    fn a_batch_names_its_queue_and_how_long_it_waited() {
        let message = |sent: &str| json!({ "eventSourceARN": "arn:aws:sqs:us-east-1:1:start-ingest", "attributes": { "SentTimestamp": sent } });
        let about = subject(&json!({ "Records": [message("4000"), message("3500")] }));

        assert_eq!(about.source.as_deref(), Some("start-ingest"));
        assert_eq!((about.records, about.waited), (Some(2), Some(1_500)));
    }

    #[test]
    fn a_batch_names_the_table_of_its_stream() {
        let about = subject(&json!({ "Records": [{
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/marquee/stream/2026-01-01T00:00:00.000",
            "dynamodb": { "ApproximateCreationDateTime": 4.0 },
        }] }));

        assert_eq!(about.source.as_deref(), Some("marquee"));
        assert_eq!(about.waited, Some(1_000));
    }

    #[test]
    fn an_event_names_its_type() {
        assert_eq!(
            subject(&json!({ "source": "aws.s3", "detail-type": "Object Created" }))
                .source
                .as_deref(),
            Some("Object Created")
        );
        assert_eq!(subject(&json!({})), Subject::default());
        assert_eq!(subject(&json!("text")), Subject::default());
    }
}
