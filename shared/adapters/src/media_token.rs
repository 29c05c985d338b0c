//! Signs what `edge/media-token.js` checks: a token in the path that lets one viewer at one asset's files for a while.
//!
//! `<kid>.<expiry>.<viewer>.<lease>.<signature>`; the signature is HMAC-SHA256 over a version, the key's id, the files'
//! prefix, the expiry, the viewer and the lease, a line each. Vectors for both sides: `edge/vectors/media-token.json`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    playback::Claims,
    playback_keys::{KeyRing, Slot},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// The path of one of the asset's files, with a token for it.
#[must_use]
pub fn path(claims: &Claims, ring: &KeyRing, file: &str) -> String {
    let token = sign(claims, ring.current(), ring.key(ring.current()));

    format!("/media/{token}/{}/{}/{file}", claims.asset_id, claims.attempt)
}

fn sign(claims: &Claims, slot: Slot, key: &str) -> String {
    let viewer = hex::encode(Sha256::digest(claims.account_id.to_string()));
    let lease = claims.playback_id.simple();
    let prefix = format!("/media/{}/{}/", claims.asset_id, claims.attempt);

    token(
        slot.as_str(),
        key,
        &prefix,
        claims.expires_at.as_second(),
        &viewer[..16],
        &lease,
    )
}

fn token(kid: &str, key: &str, prefix: &str, expiry: i64, viewer: &str, lease: &str) -> String {
    let message = format!("v1\n{kid}\n{prefix}\n{expiry}\n{viewer}\n{lease}");
    // HMAC takes keys of any length, so that this never happens; a token without a signature is good for nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(message.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());

    format!("{kid}.{expiry}.{viewer}.{lease}.{signature}")
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
    fn tokens_are_those_that_the_edge_lets_through() {
        let vectors: Value = serde_json::from_str(include_str!("../../../edge/vectors/media-token.json")).unwrap();
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
        let path = path(&claims, &KeyRing::new("a".into(), "b".into(), now), "hls/master.m3u8");

        let parts: Vec<&str> = path.split('/').collect();
        let [_, "media", token, asset, "2", "hls", "master.m3u8"] = parts.as_slice() else {
            panic!("{path}")
        };
        assert_eq!(*asset, claims.asset_id.to_string());
        let lengths: Vec<usize> = token.split('.').map(str::len).collect();
        assert_eq!(lengths, [2, 10, 16, 32, 43], "{token}");
    }
}
