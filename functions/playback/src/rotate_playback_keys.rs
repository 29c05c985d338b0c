//! Makes the playback keys, and lets them take turns. On a schedule, and once after every deployment, so that there are
//! keys from the start; runs that come too early change nothing.

use adapters::{
    aws,
    playback_keys::{VerificationKeys, SigningKeys},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::playback_keys::{KeyRing, KeyRotation};
use runtime::{clock, config};
use serde::Deserialize;

/// What the function works with.
#[derive(Clone, Debug)]
pub struct Context {
    signing: SigningKeys,
    checking: VerificationKeys,
}

impl Context {
    /// Reads the environment: `PLAYBACK_KEYS_PARAMETER`, `KEY_VALUE_STORE_ARN`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;

        Ok(Self {
            signing: SigningKeys::new(&aws, config::text("PLAYBACK_KEYS_PARAMETER")?),
            checking: VerificationKeys::new(&aws, config::text("KEY_VALUE_STORE_ARN")?),
        })
    }
}

/// Any event: what is in it does not matter.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct AnyEvent {}

/// Takes the next step of the keys' turn. Those who check learn a key before anybody signs with it.
pub async fn handle(cx: Context, _event: AnyEvent) -> Result<(), runtime::Error> {
    let now = clock::now();
    let ring = match cx.signing.find().await? {
        None => KeyRing::new(new_key(), new_key(), new_key(), now),
        Some(mut ring) => {
            let named = ring.add_viewers_key(new_key);
            if ring.rotate(new_key(), now) == KeyRotation::Wait && !named {
                // The edge may have missed an earlier run's keys, or be a new one; telling it again changes nothing else.
                return Ok(cx.checking.put(&ring).await?);
            }
            ring
        }
    };

    cx.checking.put(&ring).await?;
    cx.signing.put(&ring).await?;
    tracing::info!(
        current = ring.current().as_str(),
        "playback keys took a turn, {} signs",
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
