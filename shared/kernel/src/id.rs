//! Ids: UUIDs of version 7, with a type for each entity, so that a title's id cannot be passed as an asset's.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::{NoContext, Uuid};

/// The text is not an id. An id has one spelling: lower case with hyphens.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an id: expected a UUID such as 0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11, in lower case with hyphens")]
pub struct InvalidId(String);

macro_rules! id {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String")]
        #[schema(value_type = String, format = "uuid", examples("0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11"))]
        pub struct $name(Uuid);

        impl $name {
            /// Mints an id that sorts by `now`; the rest is random.
            #[must_use]
            pub fn mint(now: Timestamp) -> Self {
                Self(uuid_at(now))
            }

            /// Wraps a UUID that another system issued (Cognito's `sub`, a test).
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Wraps bytes of a digest: a UUID of version 8.
            #[must_use]
            pub fn from_digest(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The 32 hexadecimal digits without hyphens.
            #[must_use]
            pub fn simple(self) -> String {
                self.0.simple().to_string()
            }

            /// Parses a text of [`Self::simple`].
            #[must_use]
            pub fn from_simple(digits: &str) -> Option<Self> {
                let id = Self(Uuid::try_parse(digits).ok()?);

                (id.simple() == digits).then_some(id)
            }

            /// When it was minted. Only ids of version 7 begin with the time.
            #[must_use]
            pub fn minted_at(self) -> Option<Timestamp> {
                if self.0.get_version_num() != 7 {
                    return None;
                }
                let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();

                Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
            }

            /// Maps the id to one of `buckets` numbers, always the same one: for partition keys that many items share.
            #[must_use]
            pub fn bucket(self, buckets: u8) -> u8 {
                // The last byte of a version 7 UUID is random.
                self.0.as_bytes()[15] % buckets.max(1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                one_spelling(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }
    };
}

id!(
    /// A title.
    TitleId
);
id!(
    /// An asset.
    AssetId
);
id!(
    /// An upload.
    UploadId
);
id!(
    /// An account; Cognito's `sub`.
    AccountId
);
id!(
    /// The public id of a creator, which does not reveal the account.
    CreatorId
);
id!(
    /// An entry of the audit log.
    AuditId
);
id!(
    /// A run of the retrain machine.
    RetrainingId
);
id!(
    /// An experiment.
    ExperimentId
);
id!(
    /// A playback session, which a token's lease names.
    PlaybackId
);

fn one_spelling(text: &str) -> Result<Uuid, InvalidId> {
    let mut spelling = Uuid::encode_buffer();

    Uuid::try_parse(text)
        .ok()
        .filter(|uuid| uuid.hyphenated().encode_lower(&mut spelling) == text)
        .ok_or_else(|| InvalidId(text.chars().take(64).collect()))
}

fn uuid_at(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds))
}

/// The number of a run of the ingest machine over an asset, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Attempt(pub u32);

impl Attempt {
    /// The first run.
    pub const FIRST: Self = Self(1);

    /// The run after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_round_trip_through_text() {
        let id = TitleId::mint(Timestamp::UNIX_EPOCH);

        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.simple().len(), 32);
        assert_eq!(TitleId::from_simple(&id.simple()), Some(id));
        assert_eq!(TitleId::from_simple(&id.to_string()), None);
    }

    #[test]
    fn ids_sort_by_time() {
        let earlier = UploadId::mint(Timestamp::from_second(1_000).unwrap());
        let later = UploadId::mint(Timestamp::from_second(2_000).unwrap());

        assert!(earlier < later);
    }

    #[test]
    fn an_id_of_version_7_has_the_time_of_its_minting() {
        let then = Timestamp::from_millisecond(1_795_000_000_123).unwrap();
        let random = Uuid::from_u128(0x0192_f7a4_6f0e_4cc2_b3a1_5a1f_0f6f_9d11);

        assert_eq!(PlaybackId::mint(then).minted_at(), Some(then));
        assert_eq!(PlaybackId::from_uuid(random).minted_at(), None);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = TitleId::from_uuid(Uuid::from_u128(0x0192_f7a4_6f0e_7cc2_b3a1_5a1f_0f6f_9d11));
        let hyphenated = id.to_string();

        for other in [
            hyphenated.to_uppercase(),
            id.simple(),
            format!("{{{hyphenated}}}"),
            format!("urn:uuid:{hyphenated}"),
            format!(" {hyphenated}"),
        ] {
            assert!(other.parse::<TitleId>().is_err(), "{other}");
            assert!(
                serde_json::from_value::<TitleId>(other.clone().into()).is_err(),
                "{other}"
            );
        }
        assert_eq!(
            serde_json::from_value::<TitleId>(hyphenated.clone().into()).unwrap(),
            id
        );
        assert_eq!(serde_json::to_value(id).unwrap(), hyphenated);
    }

    #[test]
    fn an_invalid_id_is_refused_with_an_example() {
        let error = "film.mp4".parse::<AssetId>().unwrap_err();

        assert!(error.to_string().contains("`film.mp4` is not an id"));
    }

    #[test]
    fn ids_of_the_same_moment_are_in_all_buckets() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let buckets: BTreeSet<u8> = (0..100).map(|_| TitleId::mint(now).bucket(4)).collect();

        assert_eq!(buckets.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(TitleId::mint(now).bucket(0), 0);
    }
}
