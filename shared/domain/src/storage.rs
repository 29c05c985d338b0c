//! Storage of an account's sources. Each source is counted once and released once.

use std::fmt;

use kernel::id::AccountId;
use serde::{Deserialize, Serialize};

use crate::quota::QuotaExceeded;

/// The storage that an account's sources use, stored ones and open uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// The sum of their sizes.
    pub bytes: u64,
}

/// Whether a source is counted. It is written in one transaction with the account's storage, so that a retry does not count twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Counting {
    /// Not counted: an earlier release stored it.
    #[default]
    NotYet,
    /// It counts in an account's storage.
    Counted {
        /// The account.
        account_id: AccountId,
        /// The source's size.
        bytes: u64,
    },
    /// It does not count any more.
    GivenBack,
}

impl Counting {
    /// The account in whose storage it counts.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Counted { account_id, .. } => Some(*account_id),
            Self::NotYet | Self::GivenBack => None,
        }
    }
}

impl Storage {
    /// Counts a source that is about to be uploaded, if it fits within `limit`.
    pub fn reserve(&mut self, account_id: AccountId, bytes: u64, limit: u64) -> Result<Counting, QuotaExceeded> {
        let total = self.bytes.saturating_add(bytes);
        if total > limit {
            return Err(QuotaExceeded::StoredBytes {
                stored: Bytes(self.bytes),
                limit: Bytes(limit),
                file: Bytes(bytes),
            });
        }
        self.bytes = total;

        Ok(Counting::Counted { account_id, bytes })
    }

    /// Counts a source that an earlier release stored, even beyond the limit. Returns whether it was not counted yet.
    pub fn count_existing(&mut self, counting: &mut Counting, account_id: AccountId, bytes: u64) -> bool {
        if *counting != Counting::NotYet {
            return false;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        *counting = Counting::Counted { account_id, bytes };

        true
    }

    /// Releases a source that is deleted or will never be uploaded. Returns whether it was not released yet.
    pub fn release(&mut self, counting: &mut Counting) -> bool {
        let before = std::mem::replace(counting, Counting::GivenBack);
        if let Counting::Counted { bytes, .. } = before {
            self.bytes = self.bytes.saturating_sub(bytes);
        }

        before != Counting::GivenBack
    }
}

/// A number of bytes as people read it: `1.5 GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 4] = [
            (1_000_000_000_000, "TB"),
            (1_000_000_000, "GB"),
            (1_000_000, "MB"),
            (1_000, "kB"),
        ];
        let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| self.0 >= *unit) else {
            return write!(f, "{} bytes", self.0);
        };
        // One decimal, rounded down.
        let tenths = self.0 / (unit / 10);

        match tenths % 10 {
            0 => write!(f, "{} {name}", tenths / 10),
            tenth => write!(f, "{}.{tenth} {name}", tenths / 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const LIMIT: u64 = 100;

    fn account() -> AccountId {
        AccountId::mint(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_file_that_fits_exactly_is_accepted_and_one_byte_more_is_not() {
        let mut stored = Storage { bytes: 60 };

        assert!({ stored }.reserve(account(), 41, LIMIT).is_err());
        assert!(stored.reserve(account(), 40, LIMIT).is_ok());
        let refused = stored.reserve(account(), 2, LIMIT).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "this account stores 100 bytes of the 100 bytes that it may, and this file has 2 bytes: abort an upload or delete \
             titles first (a deleted title's space is free once its files are deleted)"
        );
        assert!(!refused.is_daily());
        assert_eq!(stored.bytes, 100);
    }

    #[test]
    fn an_existing_source_is_counted_once_even_beyond_the_limit() {
        let (mut stored, mut counting) = (Storage { bytes: 90 }, Counting::default());

        assert!(stored.count_existing(&mut counting, account(), 60));
        assert!(!stored.count_existing(&mut counting, account(), 60));
        assert_eq!(stored.bytes, 150);
        assert!(stored.reserve(account(), 1, LIMIT).is_err());
        assert!(stored.release(&mut counting) && !stored.release(&mut counting));
        assert!(!stored.count_existing(&mut counting, account(), 60), "it is released");
        assert_eq!(stored.bytes, 90);
    }

    #[test]
    fn sizes_are_written_as_people_read_them() {
        let written = [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (53_687_091_200, "53.6 GB"),
            (1_000_000_000_000, "1 TB"),
            (999_999_999_999, "999.9 GB"),
            (u64::MAX, "18446744 TB"),
        ];

        for (bytes, text) in written {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    proptest! {
        /// Sources are reserved, counted late and released, in any order and repeatedly.
        #[test]
        fn storage_is_the_sum_of_the_counted_sources(steps in prop::collection::vec((0u8..4, 0u8..8, 1u64..60), 0..80)) {
            let mut stored = Storage::default();
            let mut sources: BTreeMap<u8, Counting> = BTreeMap::new();
            for (step, source, bytes) in steps {
                let before = stored;
                match (step, sources.get_mut(&source)) {
                    (0, None) => if let Ok(counting) = stored.reserve(account(), bytes, LIMIT) {
                        prop_assert!(stored.bytes <= LIMIT && counting != Counting::NotYet);
                        sources.insert(source, counting);
                    },
                    (1, None) => drop(sources.insert(source, Counting::NotYet)),
                    (2, Some(counting)) => drop(stored.count_existing(counting, account(), bytes)),
                    (3, Some(counting)) => {
                        stored.release(counting);
                        prop_assert!(stored.bytes <= before.bytes);
                    }
                    _ => {}
                }
                let kept: u64 = sources.values().map(|counting| match counting {
                    Counting::Counted { bytes, .. } => *bytes,
                    Counting::NotYet | Counting::GivenBack => 0,
                }).sum();

                prop_assert_eq!(stored.bytes, kept);
            }
        }
    }
}
