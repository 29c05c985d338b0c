//! A job: its request, its progress and its undelivered events, in one JSON file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use marquee_standin::outbox::Event;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The status of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Submitted,
    Progressing,
    Complete,
    Canceled,
    Error,
}

impl Status {
    /// Whether no other status can follow.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Complete | Self::Canceled | Self::Error)
    }

    /// The value in the API.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Progressing => "PROGRESSING",
            Self::Complete => "COMPLETE",
            Self::Canceled => "CANCELED",
            Self::Error => "ERROR",
        }
    }
}

/// The phase of a running job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Phase {
    Probing,
    Transcoding,
    Uploading,
}

/// A job as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) status: Status,
    pub(super) role: String,
    /// The queue's ARN.
    pub(super) queue: String,
    pub(super) priority: i64,
    /// The settings with template and presets merged, as the API returns them.
    pub(super) settings: Value,
    /// The other members of the request, which the API returns unchanged.
    pub(super) echoed: Map<String, Value>,
    pub(super) user_metadata: BTreeMap<String, String>,
    pub(super) client_request_token: Option<String>,
    pub(super) status_update_seconds: u32,
    pub(super) submitted_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) phase: Option<Phase>,
    pub(super) percent: Option<u8>,
    pub(super) error: Option<JobError>,
    pub(super) warnings: Vec<Warning>,
    /// In the shape of events, which has more members than the API's.
    pub(super) output_group_details: Vec<Value>,
    /// Events that EventBridge has not accepted yet, oldest first.
    pub(super) outbox: Vec<Event>,
}

/// Why a job ended in ERROR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub(super) struct JobError {
    pub(super) code: u32,
    pub(super) message: String,
}

impl JobError {
    pub(super) fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// A warning about a completed job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Warning {
    pub(super) code: u32,
    pub(super) count: u32,
}

impl Job {
    /// The job as the API returns it.
    pub(super) fn view(&self) -> Value {
        let mut view = self.echoed.clone();
        let mut set = |name: &str, value: Value| {
            if !value.is_null() {
                view.insert(name.to_owned(), value);
            }
        };
        set("id", json!(self.id));
        set("arn", json!(self.arn));
        set("status", json!(self.status));
        set("role", json!(self.role));
        set("queue", json!(self.queue));
        set("priority", json!(self.priority));
        set("settings", self.settings.clone());
        set("userMetadata", json!(self.user_metadata));
        set("clientRequestToken", json!(self.client_request_token));
        set("createdAt", json!(self.submitted_at.as_second()));
        set("currentPhase", json!(self.phase));
        set("jobPercentComplete", json!(self.percent));
        set("retryCount", json!(0));
        set("accelerationStatus", json!("NOT_APPLICABLE"));
        set(
            "statusUpdateInterval",
            json!(format!("SECONDS_{}", self.status_update_seconds)),
        );
        set("errorCode", json!(self.error.as_ref().map(|error| error.code)));
        set(
            "errorMessage",
            json!(self.error.as_ref().map(|error| error.message.as_str())),
        );
        set("timing", self.timing());
        set("messages", json!({ "info": [], "warning": [] }));
        if !self.warnings.is_empty() {
            set("warnings", json!(self.warnings));
        }
        if !self.output_group_details.is_empty() {
            set("outputGroupDetails", self.output_details());
        }
        Value::Object(view)
    }

    fn timing(&self) -> Value {
        let mut timing = Map::new();
        timing.insert("submitTime".to_owned(), json!(self.submitted_at.as_second()));
        for (name, time) in [("startTime", self.started_at), ("finishTime", self.finished_at)] {
            if let Some(time) = time {
                timing.insert(name.to_owned(), json!(time.as_second()));
            }
        }
        Value::Object(timing)
    }

    /// The API returns durations and sizes only; paths are in events.
    fn output_details(&self) -> Value {
        let outputs = |group: &Value| -> Vec<Value> {
            let outputs = group["outputDetails"].as_array().map(Vec::as_slice).unwrap_or_default();
            outputs
                .iter()
                .map(|output| {
                    let mut shown = Map::new();
                    for name in ["durationInMs", "videoDetails"] {
                        if !output[name].is_null() {
                            shown.insert(name.to_owned(), output[name].clone());
                        }
                    }
                    Value::Object(shown)
                })
                .collect()
        };
        self.output_group_details
            .iter()
            .map(|group| json!({ "outputDetails": outputs(group) }))
            .collect()
    }
}
