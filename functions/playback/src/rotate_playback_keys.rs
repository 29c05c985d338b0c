//! Creates and rotates the playback keys. It runs on a schedule, and once after every deployment so that a new stack has keys;
//! a run before the next rotation is due changes nothing.

use adapters::{
    aws,
    playback_keys::{SigningKeys, VerificationKeys},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::playback_keys::{KeyRing, KeyRotation};
use runtime::{clock, config};
use serde::Deserialize;

/// What the function needs.
#[derive(Clone, Debug)]
pub struct Context {
    signing: SigningKeys,
    verification: VerificationKeys,
}

impl Context {
    /// Reads the environment: `PLAYBACK_KEYS_PARAMETER`, `KEY_VALUE_STORE_ARN`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;

        Ok(Self {
            signing: SigningKeys::new(&aws, config::text("PLAYBACK_KEYS_PARAMETER")?),
            verification: VerificationKeys::new(&aws, config::text("KEY_VALUE_STORE_ARN")?),
        })
    }
}

/// Any event: its content is ignored.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct AnyEvent {}

/// Takes the next step of the rotation. The edge gets a key for verification before it signs.
pub async fn handle(cx: Context, _event: AnyEvent) -> Result<(), runtime::Error> {
    let now = clock::now();
    let ring = match cx.signing.find().await? {
        None => KeyRing::new(new_key(), new_key(), new_key(), now),
        Some(mut ring) => {
            let added = ring.add_viewers_key(new_key);
            if ring.rotate(new_key(), now) == KeyRotation::Wait && !added {
                // The edge may have missed the keys of an earlier run, or its store may be new. Writing them again is harmless.
                return Ok(cx.verification.put(&ring).await?);
            }
            ring
        }
    };

    cx.verification.put(&ring).await?;
    cx.signing.put(&ring).await?;
    tracing::info!(
        current = ring.current().as_str(),
        "playback keys rotated, {} signs",
        ring.current().as_str()
    );

    Ok(())
}

/// 256 random bits, 43 characters.
fn new_key() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use runtime::event;

    use super::*;

    #[test]
    fn keys_are_long_and_never_the_same() {
        let key = new_key();

        assert_eq!(key.len(), 43);
        assert_ne!(key, new_key());
    }

    #[test]
    fn the_sample_is_an_event_of_this_function() {
        let sample = include_str!("../../../events/schedule/rotate-playback-keys.json");

        event::parse::<AnyEvent>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}
