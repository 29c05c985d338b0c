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
pub enum CoinError {
    /// There are too many.
    #[error(transparent)]
    TooMany(#[from] TooManyGenres),
    /// An error of the table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize, Deserialize)]
struct GenresItem {
    coined: CustomGenres,
    version: u64,
}

impl Stored for GenresItem {
    const KIND: &'static str = "genres";
}

impl Genres {
    /// The genres that admins added.
    pub async fn coined(&self) -> Result<CustomGenres, StoreError> {
        Ok(self.read().await?.0)
    }

    /// Adds genres to the list, except those that it has.
    pub async fn coin(&self, genres: &[Genre]) -> Result<(), CoinError> {
        retry_on_conflict(|| async {
            let (mut coined, version) = self.read().await?;
            let mut new = false;
            for genre in genres {
                new |= coined.add(genre)?;
            }
            if new {
                let item = GenresItem {
                    coined,
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

        Ok(found.map_or_else(|| (CustomGenres::default(), 0), |item| (item.coined, item.version)))
    }
}
