//! Titles for tests.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "tests fail by panicking")]

use kernel::{
    Timestamp,
    id::{AccountId, AssetId, Attempt},
};

use super::{Details, Owner, Publication, Visibility};

/// Public details with this name and these genres, and without a description.
#[must_use]
pub fn details(name: &str, genres: &[&str]) -> Details {
    let genres = genres
        .iter()
        .map(|genre| (*genre).to_owned().try_into().expect("a genre"));

    Details {
        name: name.to_owned().try_into().expect("a name"),
        description: String::new().try_into().expect("a description"),
        genres: genres.collect(),
        language: None,
        visibility: Visibility::Public,
    }
}

/// The owner with this account: Ada Lovelace.
#[must_use]
pub fn owner(account_id: AccountId) -> Owner {
    Owner {
        account_id,
        display_name: "Ada Lovelace".to_owned().try_into().expect("a name"),
    }
}

/// The publication of a film of one minute.
#[must_use]
pub fn publication(asset_id: AssetId, published_at: Timestamp) -> Publication {
    Publication {
        asset_id,
        attempt: Attempt::FIRST,
        manifest: "hls/master.m3u8".to_owned(),
        poster: None,
        duration_ms: 60_000,
        renditions: vec![],
        sounds: vec![],
        published_at,
    }
}
