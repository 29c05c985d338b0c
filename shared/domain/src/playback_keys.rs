//! The two keys that sign playback tokens, and their rotation.
//!
//! A rotation takes two runs of the schedule. The first puts a new key into the idle slot, so that it reaches every edge location. The
//! second makes that slot the current one. The key of the other slot stays valid for the tokens that it signed.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// One of the two slots for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// `k0`.
    K0,
    /// `k1`.
    K1,
}

impl Slot {
    /// The key's id in tokens and in the key-value store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::K0 => "k0",
            Self::K1 => "k1",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::K0 => Self::K1,
            Self::K1 => Self::K0,
        }
    }
}

/// Both keys, and which of them is current.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRing {
    current: Slot,
    k0: String,
    k1: String,
    /// The key for viewer tags. It is not rotated: the tags of deleted accounts have to stay the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    viewers: Option<String>,
    /// Whether the idle slot holds a key that has never signed.
    fresh: bool,
    changed_at: Timestamp,
}

/// What a run of the schedule did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRotation {
    /// Nothing: the last change is too recent, and tokens that the idle key signed may still be valid.
    Wait,
    /// This slot has a new key, which must be sent to the edge.
    Renewed(Slot),
    /// This slot, with its new key, is current now.
    Switched(Slot),
}

/// Minimum time between two changes: longer than tokens are valid and than functions cache the ring.
const PERIOD_SECONDS: i64 = 13 * 60 * 60;

impl KeyRing {
    /// The first ring of an installation.
    #[must_use]
    pub const fn new(k0: String, k1: String, viewers: String, now: Timestamp) -> Self {
        Self {
            current: Slot::K0,
            k0,
            k1,
            viewers: Some(viewers),
            fresh: true,
            changed_at: now,
        }
    }

    /// The slot whose key signs.
    #[must_use]
    pub const fn current(&self) -> Slot {
        self.current
    }

    /// The key in a slot.
    #[must_use]
    pub fn key(&self, slot: Slot) -> &str {
        match slot {
            Slot::K0 => &self.k0,
            Slot::K1 => &self.k1,
        }
    }

    /// The key for viewer tags.
    #[must_use]
    pub fn viewers_key(&self) -> &str {
        self.viewers.as_deref().unwrap_or_else(|| self.key(self.current))
    }

    /// Adds a key for viewer tags to a ring of an earlier release. Returns whether it was missing.
    pub fn add_viewers_key(&mut self, new_key: impl FnOnce() -> String) -> bool {
        let missing = self.viewers.is_none();
        self.viewers.get_or_insert_with(new_key);

        missing
    }

    /// Does the next half of a rotation; `new_key` is used in the first half.
    pub fn rotate(&mut self, new_key: String, now: Timestamp) -> KeyRotation {
        if now.as_second() - self.changed_at.as_second() < PERIOD_SECONDS {
            return KeyRotation::Wait;
        }
        self.changed_at = now;
        let idle = self.current.other();

        if self.fresh {
            self.current = idle;
            self.fresh = false;

            return KeyRotation::Switched(idle);
        }

        match idle {
            Slot::K0 => self.k0 = new_key,
            Slot::K1 => self.k1 = new_key,
        }
        self.fresh = true;

        KeyRotation::Renewed(idle)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing(current: {}, keys hidden)", self.current.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3_600).unwrap()
    }

    #[test]
    fn keys_are_rotated_and_the_one_that_signed_stays_valid() {
        let mut ring = KeyRing::new("a".into(), "b".into(), "v".into(), hour(0));

        assert_eq!(ring.rotate("c".into(), hour(12)), KeyRotation::Wait);
        assert_eq!(ring.rotate("c".into(), hour(24)), KeyRotation::Switched(Slot::K1));
        assert_eq!(
            (ring.current(), ring.key(Slot::K0), ring.key(Slot::K1)),
            (Slot::K1, "a", "b")
        );

        // A repeated run changes nothing: what k0 signed a moment ago is still in use.
        assert_eq!(ring.rotate("c".into(), hour(24)), KeyRotation::Wait);
        assert_eq!(ring.rotate("c".into(), hour(48)), KeyRotation::Renewed(Slot::K0));
        assert_eq!(
            (ring.current(), ring.key(Slot::K0), ring.key(Slot::K1)),
            (Slot::K1, "c", "b")
        );
        assert_eq!(ring.rotate("d".into(), hour(72)), KeyRotation::Switched(Slot::K0));
    }

    #[test]
    fn the_key_for_viewer_tags_is_not_rotated() {
        let mut old: KeyRing = serde_json::from_str(
            r#"{"current":"k0","k0":"a","k1":"b","fresh":true,"changed_at":"2026-03-05T12:00:00Z"}"#,
        )
        .unwrap();
        assert!(old.add_viewers_key(|| "v".into()));
        assert!(!old.add_viewers_key(|| "w".into()));
        assert_eq!(old.viewers_key(), "v");

        let mut ring = KeyRing::new("a".into(), "b".into(), "v".into(), hour(0));
        ring.rotate("c".into(), hour(24));
        ring.rotate("c".into(), hour(48));
        assert_eq!(ring.viewers_key(), "v");
    }

    #[test]
    fn the_stored_form_has_the_keys_and_debug_hides_them() {
        let ring = KeyRing::new("secret-a".into(), "secret-b".into(), "secret-v".into(), hour(0));
        let stored = serde_json::to_value(&ring).unwrap();

        assert_eq!((&stored["current"], &stored["k0"]), (&"k0".into(), &"secret-a".into()));
        assert!(!format!("{ring:?}").contains("secret"));
    }
}
