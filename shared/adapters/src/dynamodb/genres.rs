//! The genres that admins added: one item; the rule is in `domain::genres`.

use domain::{
    genres::{CustomGenres, TooManyGenres},
    title::Genre,
};
use serde::{Deserialize, Serialize};

use super::{StoreError, Table, item::Stored, keys, retry_on_conflict};

/// The table's genres.
#[derive(Clone, Debug)]
pub struct Genres(pub(super) Table);

/// Why a genre was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddGenreError {
    /// There are too many.
    #[error(transparent)]
    TooMany(#[from] TooManyGenres),
    /// An error of the table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize, Deserialize)]
struct GenresItem {
    #[serde(rename = "coined")]
    custom: CustomGenres,
    version: u64,
}

impl Stored for GenresItem {
    const KIND: &'static str = "genres";
}

impl Genres {
    /// The genres that admins added.
    pub async fn custom(&self) -> Result<CustomGenres, StoreError> {
        Ok(self.read().await?.0)
    }

    /// Adds genres to the list, except those that it has.
    pub async fn add(&self, genres: &[Genre]) -> Result<(), AddGenreError> {
        retry_on_conflict(|| async {
            let (mut custom, version) = self.read().await?;
            let mut is_changed = false;
            for genre in genres {
                is_changed |= custom.add(genre)?;
            }
            if is_changed {
                let item = GenresItem {
                    custom,
                    version: version + 1,
                };
                self.0.save(item.to_item(keys::genres())?, version).await?;
            }

            Ok(())
        })
        .await
    }

    async fn read(&self) -> Result<(CustomGenres, u64), StoreError> {
        let found: Option<GenresItem> = self.0.get(keys::genres()).await?;

        Ok(found.map_or_else(|| (CustomGenres::default(), 0), |item| (item.custom, item.version)))
    }
}
