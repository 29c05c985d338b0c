//! What the edge refuses although the token is valid: files of titles that were taken down, and tokens of closed accounts (ADR 23).
//!
//! `edge/media-token.js` and `edge/poster.js` read these keys:
//!
//! - `a:<asset>`, `v:<viewer>`: tokens for this asset, or of this viewer, that were issued before this time (epoch
//!   milliseconds) are refused. The entry is deleted when all these tokens have expired.
//! - `t:<title>`: files below `/images/<title>/` are refused. The entry stays as long as the title is hidden.

use aws_config::SdkConfig;
use domain::playback::{MAX_TOKEN_LIFETIME, token::ViewerTag};
use kernel::{
    Timestamp,
    id::{AssetId, TitleId},
};

use crate::{aws::CallError, key_value_store::KeyValueStore};

/// The revocations, which the edge reads.
#[derive(Clone, Debug)]
pub struct Revocations(KeyValueStore);

impl Revocations {
    /// The revocations in the key value store with the ARN `store`.
    #[must_use]
    pub fn new(config: &SdkConfig, store: impl Into<String>) -> Self {
        Self(KeyValueStore::new(config, store))
    }

    /// Hides a title: its posters are refused, and all tokens for its asset that were issued before `at`. May be repeated.
    pub async fn revoke(&self, title: TitleId, asset: Option<AssetId>, at: Timestamp) -> Result<(), CallError> {
        let mut pairs = vec![(title_key(title), at.as_millisecond().to_string())];
        pairs.extend(asset.map(|asset| (asset_key(asset), at.as_millisecond().to_string())));

        self.0.put(&pairs).await
    }

    /// Shows a title again.
    pub async fn lift(&self, title: TitleId, asset: Option<AssetId>) -> Result<(), CallError> {
        let mut keys = vec![title_key(title)];
        keys.extend(asset.map(asset_key));

        self.0.remove(&keys).await
    }

    /// Refuses all tokens of a viewer that were issued before `at`.
    pub async fn revoke_viewer(&self, viewer: &ViewerTag, at: Timestamp) -> Result<(), CallError> {
        self.0
            .put(&[(format!("v:{viewer}"), at.as_millisecond().to_string())])
            .await
    }

    /// Deletes entries about tokens that have all expired.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<(), CallError> {
        let expired: Vec<String> = self
            .0
            .all()
            .await?
            .into_iter()
            .filter(|(key, value)| is_expired(key, value, now))
            .map(|(key, _)| key)
            .collect();
        for some in expired.chunks(MAX_KEYS_PER_UPDATE) {
            // A key may have been written again since all were read.
            self.0.remove_if(some, |key, value| is_expired(key, value, now)).await?;
        }

        Ok(())
    }
}

/// The most keys of one update.
const MAX_KEYS_PER_UPDATE: usize = 50;

fn asset_key(asset: AssetId) -> String {
    format!("a:{asset}")
}

fn title_key(title: TitleId) -> String {
    format!("t:{title}")
}

fn is_expired(key: &str, value: &str, now: Timestamp) -> bool {
    let about_tokens = key.starts_with("a:") || key.starts_with("v:");
    let since = value.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());

    about_tokens && since.is_some_and(|since| since + MAX_TOKEN_LIFETIME < now)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_entry_about_tokens_is_kept_until_they_have_expired() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let since = |ago: Duration| (now - ago).as_millisecond().to_string();
        let fresh = since(MAX_TOKEN_LIFETIME);
        let old = since(MAX_TOKEN_LIFETIME + Duration::from_secs(1));

        for key in ["a:x", "v:x"] {
            assert!(!is_expired(key, &fresh, now), "{key}");
            assert!(is_expired(key, &old, now), "{key}");
        }
        // Hidden posters have no tokens that expire, and the keys of the ring are not revocations.
        assert!(!is_expired("t:x", &old, now));
        assert!(!is_expired("k0", &old, now));
    }
}
