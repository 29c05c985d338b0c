//! Signs playback tokens, which `edge/media-token.js` checks: a token in a path gives one viewer access to one asset's files for a while.
//!
//! `<kid>.<expiry>.<viewer>.<lease>.<signature>`; the signature is HMAC-SHA256 over a version, the key's id, the files'
//! prefix, the expiry, the viewer and the lease, a line each. Vectors for both sides: `edge/vectors/media-token.json`.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use kernel::id::AccountId;
use sha2::Sha256;

use super::Claims;
use crate::playback_keys::KeyRing;

/// The path of one of the asset's files, with its token.
#[must_use]
pub fn path(claims: &Claims, ring: &KeyRing, file: &str) -> String {
    let token = sign(claims, ring);

    format!("/media/{token}/{}/{}/{file}", claims.asset_id, claims.attempt)
}

/// A viewer's pseudonym in tokens. It is always the same, and cannot be computed without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerTag(String);

impl ViewerTag {
    /// The pseudonym of an account.
    #[must_use]
    pub fn new(account: AccountId, ring: &KeyRing) -> Self {
        let tag = hex::encode(authenticated(ring.viewers_key(), &format!("viewer\n{account}")));

        Self(tag.chars().take(16).collect())
    }
}

impl fmt::Display for ViewerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn sign(claims: &Claims, ring: &KeyRing) -> String {
    let slot = ring.current();
    let viewer = ViewerTag::new(claims.account_id, ring);
    let lease = claims.playback_id.simple();
    let prefix = format!("/media/{}/{}/", claims.asset_id, claims.attempt);

    token(
        slot.as_str(),
        ring.key(slot),
        &prefix,
        claims.expires_at.as_second(),
        &viewer.to_string(),
        &lease,
    )
}

fn token(kid: &str, key: &str, prefix: &str, expiry: i64, viewer: &str, lease: &str) -> String {
    let message = format!("v1\n{kid}\n{prefix}\n{expiry}\n{viewer}\n{lease}");
    let signature = URL_SAFE_NO_PAD.encode(authenticated(key, &message));

    format!("{kid}.{expiry}.{viewer}.{lease}.{signature}")
}

/// HMAC accepts keys of any length, so this never fails; the edge refuses a token without a signature.
fn authenticated(key: &str, message: &str) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use kernel::{
        Timestamp,
        id::{AccountId, AssetId, Attempt, PlaybackId},
    };
    use serde_json::Value;

    use super::*;

    #[test]
    fn tokens_match_the_vectors_of_the_edge() {
        let vectors: Value = serde_json::from_str(include_str!("../../../../edge/vectors/media-token.json")).unwrap();
        let vectors = vectors["signing"].as_array().unwrap();

        assert!(!vectors.is_empty());
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let prefix = format!("/media/{}/{}/", text("asset_id"), vector["attempt"]);
            let expiry = vector["expires_at"].as_i64().unwrap();

            let token = token(text("kid"), text("key"), &prefix, expiry, text("viewer"), text("lease"));
            assert_eq!(token, text("token"));
        }
    }

    #[test]
    fn a_path_has_the_form_that_the_edge_reads() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let claims = Claims {
            asset_id: AssetId::mint(now),
            attempt: Attempt(2),
            expires_at: now,
            account_id: AccountId::mint(now),
            playback_id: PlaybackId::mint(now),
        };
        let ring = KeyRing::new("a".into(), "b".into(), "v".into(), now);
        let path = path(&claims, &ring, "hls/master.m3u8");

        let parts: Vec<&str> = path.split('/').collect();
        let [_, "media", token, asset, "2", "hls", "master.m3u8"] = parts.as_slice() else {
            panic!("{path}")
        };
        assert_eq!(*asset, claims.asset_id.to_string());
        let lengths: Vec<usize> = token.split('.').map(str::len).collect();
        assert_eq!(lengths, [2, 10, 16, 32, 43], "{token}");
    }

    #[test]
    fn a_viewer_tag_is_stable_and_depends_on_the_key() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let account = AccountId::mint(now);
        let tag = |key: &str| ViewerTag::new(account, &KeyRing::new("a".into(), "b".into(), key.into(), now));

        assert_eq!(tag("v"), tag("v"));
        assert_ne!(tag("v"), tag("w"));
        // A plain hash could be computed from the account id alone.
        let plain = hex::encode(<Sha256 as sha2::Digest>::digest(account.to_string()));
        assert!(!plain.starts_with(&tag("v").to_string()));
    }

    /// The edge reads from the lease when a token was issued.
    #[test]
    fn a_lease_begins_with_its_issue_time() {
        let now = Timestamp::from_millisecond(1_800_000_000_123).unwrap();
        let lease = PlaybackId::mint(now).simple();

        assert_eq!(i64::from_str_radix(&lease[..12], 16).unwrap(), now.as_millisecond());
    }
}
