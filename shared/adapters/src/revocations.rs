//! What the edge refuses although the link to it is signed: taken down, or its viewer's account is closed (ADR 23).
//!
//! `edge/media-token.js` and `edge/poster.js` read these keys:
//!
//! - `a:<asset>`, `v:<viewer>`: tokens for this asset, or of this viewer, that were issued before this time (epoch
//!   milliseconds) are refused. Once no such token can be alive the entry says nothing, and is forgotten.
//! - `t:<title>`: nothing below `/images/<title>/` is shown. Stays as long as the title is hidden.

use aws_config::SdkConfig;
use domain::playback::{MAX_TOKEN_LIFETIME, token::ViewerTag};
use kernel::{
    Timestamp,
    id::{AssetId, TitleId},
};

use crate::{aws::CallError, key_value_store::KeyValueStore};

/// What is refused at the edge.
#[derive(Clone, Debug)]
pub struct Revocations(KeyValueStore);

impl Revocations {
    /// Those in the key value store with the ARN `store`.
    #[must_use]
    pub fn new(config: &SdkConfig, store: impl Into<String>) -> Self {
        Self(KeyValueStore::new(config, store))
    }

    /// A title is not to be seen any more: its posters are refused, and so is every token for its asset that was issued
    /// before `at`. Doing it twice changes nothing.
    pub async fn revoke(&self, title: TitleId, asset: Option<AssetId>, at: Timestamp) -> Result<(), CallError> {
        let mut pairs = vec![(title_key(title), at.as_millisecond().to_string())];
        pairs.extend(asset.map(|asset| (asset_key(asset), at.as_millisecond().to_string())));

        self.0.put(&pairs).await
    }

    /// A title may be seen again.
    pub async fn lift(&self, title: TitleId, asset: Option<AssetId>) -> Result<(), CallError> {
        let mut keys = vec![title_key(title)];
        keys.extend(asset.map(asset_key));

        self.0.remove(&keys).await
    }

    /// Every token of a viewer that was issued before `at` is refused.
    pub async fn revoke_viewer(&self, viewer: &ViewerTag, at: Timestamp) -> Result<(), CallError> {
        self.0
            .put(&[(format!("v:{viewer}"), at.as_millisecond().to_string())])
            .await
    }

    /// Forgets entries about tokens of which none can be alive any more.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<(), CallError> {
        let outlived: Vec<String> = self
            .0
            .all()
            .await?
            .into_iter()
            .filter(|(key, value)| outlived(key, value, now))
            .map(|(key, _)| key)
            .collect();
        for some in outlived.chunks(KEYS_AT_ONCE) {
            self.0.remove(some).await?;
        }

        Ok(())
    }
}

/// What one update of a store takes.
const KEYS_AT_ONCE: usize = 50;

fn asset_key(asset: AssetId) -> String {
    format!("a:{asset}")
}

fn title_key(title: TitleId) -> String {
    format!("t:{title}")
}

fn outlived(key: &str, value: &str, now: Timestamp) -> bool {
    let about_tokens = key.starts_with("a:") || key.starts_with("v:");
    let since = value.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());

    about_tokens && since.is_some_and(|since| since + MAX_TOKEN_LIFETIME < now)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_entry_about_tokens_is_kept_while_one_can_be_alive() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let since = |ago: Duration| (now - ago).as_millisecond().to_string();
        let fresh = since(MAX_TOKEN_LIFETIME);
        let old = since(MAX_TOKEN_LIFETIME + Duration::from_secs(1));

        for key in ["a:x", "v:x"] {
            assert!(!outlived(key, &fresh, now), "{key}");
            assert!(outlived(key, &old, now), "{key}");
        }
        // Of hidden posters there is no token that could end, and keys of the ring are no revocations.
        assert!(!outlived("t:x", &old, now));
        assert!(!outlived("k0", &old, now));
    }
}
