//! The APIs of CloudWatch Logs and Step Functions, as far as `logs` needs them.

use anyhow::Context as _;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{Request, header};
use http_body_util::Full;
use marquee_standin::emulator::Emulator;
use serde_json::{Value, json};

use super::line::Line;

/// Milliseconds of the Unix epoch, as CloudWatch Logs counts.
pub(super) type Timestamp = i64;

/// Log groups that are searched at once.
const CONCURRENCY: usize = 4;

/// The log groups of a stack: the functions of an area write into one.
pub(super) struct LogGroups<'a> {
    emulator: &'a Emulator,
    names: Vec<String>,
}

impl<'a> LogGroups<'a> {
    /// Lists them.
    pub(super) async fn list(emulator: &'a Emulator, stack: &str) -> anyhow::Result<Self> {
        let request = json!({ "logGroupNamePrefix": format!("/{stack}/") });
        let groups = pages(emulator, &LOGS, "DescribeLogGroups", request, "logGroups").await?;
        let names = groups
            .iter()
            .filter_map(|group| Some(group["logGroupName"].as_str()?.to_owned()))
            .collect();

        Ok(Self { emulator, names })
    }

    /// The lines of functions that contain a text, from a time on.
    pub(super) async fn search(&self, text: &str, from: Option<Timestamp>) -> anyhow::Result<Vec<Line>> {
        let lines: Vec<Vec<Line>> = stream::iter(&self.names)
            .map(|group| async move {
                let mut request = json!({ "logGroupName": group, "filterPattern": format!("\"{text}\"") });
                if let Some(from) = from {
                    request["startTime"] = json!(from);
                }
                let events = pages(self.emulator, &LOGS, "FilterLogEvents", request, "events").await?;
                anyhow::Ok(events.iter().filter_map(Line::from_event).collect())
            })
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await?;

        Ok(lines.into_iter().flatten().collect())
    }
}

/// A service with a JSON protocol.
pub(super) struct Service {
    /// The name in signatures.
    name: &'static str,
    /// The prefix of `X-Amz-Target`.
    target: &'static str,
}

const LOGS: Service = Service {
    name: "logs",
    target: "Logs_20140328",
};
pub(super) const STEP_FUNCTIONS: Service = Service {
    name: "states",
    target: "AWSStepFunctions",
};

/// All pages of a list.
pub(super) async fn pages(
    emulator: &Emulator,
    service: &Service,
    operation: &str,
    mut request: Value,
    list: &str,
) -> anyhow::Result<Vec<Value>> {
    let mut items = Vec::new();
    loop {
        let mut page = call(emulator, service, operation, &request).await?;
        if let Some(found) = page[list].as_array_mut() {
            items.append(found);
        }
        match page["nextToken"].as_str() {
            Some(next) => request["nextToken"] = json!(next),
            None => return Ok(items),
        }
    }
}

async fn call(emulator: &Emulator, service: &Service, operation: &str, request: &Value) -> anyhow::Result<Value> {
    let request = Request::post(emulator.url())
        .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
        .header(header::AUTHORIZATION, emulator.root_authorization(service.name))
        .header("x-amz-target", format!("{}.{operation}", service.target))
        .body(Full::new(Bytes::from(request.to_string())))?;
    let response = emulator.send(request).await;
    let (status, body) = response.context("Marquee is not running: run `make up` first")?;
    anyhow::ensure!(
        status.is_success(),
        "{operation} failed with {status}: {}",
        String::from_utf8_lossy(&body)
    );

    serde_json::from_slice(&body).with_context(|| format!("{operation} returned no JSON"))
}
