//! The content of a KeyValueStore.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A copy of a store's pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Store {
    pub(crate) pairs: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub(crate) created: i64,
    /// Seconds since 1970.
    pub(crate) last_modified: i64,
}

impl Store {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs.get(key).map(String::as_str)
    }

    /// The result of `kvs.meta()`.
    pub(super) fn meta(&self) -> Value {
        json!({
            "creationDateTime": rfc3339(self.created),
            "lastUpdatedDateTime": rfc3339(self.last_modified),
            "keyCount": self.pairs.len(),
        })
    }
}

fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}
