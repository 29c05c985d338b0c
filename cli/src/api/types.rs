//! The fields of the service's answers that this program reads. `--json` prints whole documents.

#![expect(clippy::struct_field_names, reason = "the names are the API's")]

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    #[serde(default)]
    pub(crate) refresh_token: Option<String>,
    pub(crate) expires_in: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Me {
    pub(crate) account_id: String,
    pub(crate) email: String,
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Title {
    pub(crate) title_id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) genres: Vec<String>,
    #[serde(default)]
    pub(crate) language: Option<String>,
    pub(crate) visibility: String,
    pub(crate) state: String,
    /// The open upload, if the caller may see it.
    #[serde(default)]
    pub(crate) upload_id: Option<String>,
    pub(crate) owner: Owner,
    #[serde(default)]
    pub(crate) duration_ms: Option<u64>,
    #[serde(default)]
    pub(crate) renditions: Vec<Rendition>,
    #[serde(default)]
    pub(crate) failure: Option<Reason>,
    #[serde(default)]
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) version: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Owner {
    pub(crate) display_name: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Rendition {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Why something failed: a name of the service's closed list, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Reason {
    pub(crate) error: String,
    pub(crate) sentence: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Page {
    pub(crate) items: Vec<serde_json::Value>,
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Upload {
    pub(crate) upload_id: String,
    pub(crate) asset_id: String,
    pub(crate) state: String,
    pub(crate) size_bytes: u64,
    pub(crate) part_size: u64,
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
}

impl Upload {
    /// Whether all parts have arrived.
    pub(crate) fn has_all_parts(&self) -> bool {
        self.parts.len() as u64 == self.size_bytes.div_ceil(self.part_size.max(1))
    }
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) part_number: u32,
    pub(crate) etag: String,
    pub(crate) checksum_sha256: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SignedParts {
    pub(crate) parts: Vec<SignedPart>,
}

/// The address to which a part is sent, with the signed headers.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SignedPart {
    pub(crate) part_number: u32,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) headers: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Timeline {
    pub(crate) title_id: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) attempt: Option<u32>,
    #[serde(default)]
    pub(crate) quote: Option<Quote>,
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    #[serde(default)]
    pub(crate) failure: Option<Reason>,
    #[serde(default)]
    pub(crate) redrivable: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Quote {
    pub(crate) amount_micros: i64,
    #[serde(default)]
    pub(crate) unverified: bool,
    #[serde(default)]
    pub(crate) budget_micros: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Step {
    pub(crate) step: String,
    pub(crate) state: StepState,
    #[serde(default)]
    pub(crate) started_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) finished_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) progress_percent: Option<f64>,
    #[serde(default)]
    pub(crate) phase: Option<String>,
    #[serde(default)]
    pub(crate) cost_micros: Option<i64>,
    #[serde(default)]
    pub(crate) reason: Option<Reason>,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepState {
    Waiting,
    Running,
    Done,
    Failed,
    Skipped,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Playback {
    pub(crate) manifest_url: String,
    pub(crate) expires_at: Timestamp,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Similar {
    pub(crate) items: Vec<SimilarTitle>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SimilarTitle {
    pub(crate) title: Title,
    pub(crate) reason: String,
}
