//! EventBridge's default bus. Only AWS may put events with a source that starts with `aws.`: the source of the stand-ins' events
//! is a setting, and a parameter of the template.

use anyhow::Context as _;
use http::{Request, header};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::{emulator::Emulator, outbox::Event};

/// The bus, with the source of one service.
#[derive(Clone, Debug)]
pub struct EventBus {
    emulator: Emulator,
    source: String,
}

impl EventBus {
    /// A bus for events with this source.
    #[must_use]
    pub fn new(emulator: &Emulator, source: &str) -> Self {
        Self {
            emulator: emulator.clone(),
            source: source.to_owned(),
        }
    }

    /// Puts an event.
    pub async fn put(&self, event: &Event) -> anyhow::Result<()> {
        let input = json!({ "Entries": [{
            "Source": self.source,
            "DetailType": event.detail_type,
            "Resources": [event.resource],
            "Time": event.time.as_second(),
            "Detail": event.detail.to_string(),
        }] });
        let request = Request::post(self.emulator.url())
            .header(header::AUTHORIZATION, self.emulator.root_authorization("events"))
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", "AWSEvents.PutEvents")
            .body(Full::from(input.to_string()))?;
        let (status, body) = self.emulator.send(request).await?;
        anyhow::ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
        let answer: Value = serde_json::from_slice(&body).context("EventBridge did not answer with JSON")?;
        let refused = answer["Entries"][0]["ErrorMessage"].as_str();
        anyhow::ensure!(
            answer["FailedEntryCount"] == 0,
            "{}",
            refused.unwrap_or("no reason given")
        );
        Ok(())
    }
}
