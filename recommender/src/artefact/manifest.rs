//! `manifest.json`: what a model was made from, by what, how much it knows, and how good it is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Increased when an older `serve` can no longer read a new artefact.
pub(super) const FORMAT: u32 = 4;

/// What a model was made from, by what, how much it knows, and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    /// Identifies this model: the hash of all its inputs.
    pub(crate) version: String,
    pub(crate) code_version: String,
    pub(crate) data_sha256: String,
    /// The time of the newest interaction: weights are decayed to it.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) hyperparameters: BTreeMap<String, f64>,
    pub(crate) counts: BTreeMap<String, u64>,
    /// The metrics of `evaluation.json`.
    pub(crate) metrics: BTreeMap<String, f64>,
    /// The other files of the artefact.
    pub(crate) files: BTreeMap<String, FileFacts>,
}

/// How a file is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileFacts {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// CRC-32: what `serve` compares, because a cold start cannot wait for a SHA-256.
    pub(crate) crc32: u32,
}

impl FileFacts {
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: hex::encode(Sha256::digest(bytes)),
            crc32: crc32fast::hash(bytes),
        }
    }

    /// Whether length and checksum match.
    pub(super) fn matches(&self, bytes: &[u8]) -> bool {
        self.bytes == bytes.len() as u64 && self.crc32 == crc32fast::hash(bytes)
    }
}

impl Manifest {
    pub(crate) fn new(
        data_sha256: String,
        as_of: Option<Timestamp>,
        hyperparameters: BTreeMap<String, f64>,
        counts: BTreeMap<String, u64>,
        metrics: BTreeMap<String, f64>,
    ) -> Self {
        let code_version = env!("CARGO_PKG_VERSION").to_owned();
        let mut version = Sha256::new();
        version.update(format!("{FORMAT} {code_version} {data_sha256} {hyperparameters:?}"));
        let version = hex::encode(version.finalize())[..16].to_owned();
        let files = BTreeMap::new();
        Self {
            format: FORMAT,
            version,
            code_version,
            data_sha256,
            as_of,
            hyperparameters,
            counts,
            metrics,
            files,
        }
    }
}
