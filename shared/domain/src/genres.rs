//! The genres that titles may have: the built-in ones of every installation, and those that its admins added.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::title::Genre;

/// The genres of every installation.
pub const BUILT_IN: [&str; 20] = [
    "action",
    "animation",
    "comedy",
    "crime",
    "documentary",
    "drama",
    "family",
    "fantasy",
    "history",
    "horror",
    "music",
    "mystery",
    "nature",
    "romance",
    "science-fiction",
    "short",
    "sport",
    "thriller",
    "travel",
    "western",
];

/// How many genres admins may add: people choose from the list, and it is stored in one item.
pub const MAX_CUSTOM: usize = 500;

/// The genres that admins added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomGenres(BTreeSet<Genre>);

/// No more genres can be added.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("there are {MAX_CUSTOM} added genres, which is the limit: choose one that exists")]
pub struct TooManyGenres;

/// Whether a genre is built in.
#[must_use]
pub fn is_built_in(genre: &Genre) -> bool {
    BUILT_IN.contains(&genre.as_str())
}

impl CustomGenres {
    /// Whether titles may have a genre.
    #[must_use]
    pub fn allows(&self, genre: &Genre) -> bool {
        is_built_in(genre) || self.0.contains(genre)
    }

    /// The names of all genres that titles may have, in alphabetical order.
    #[must_use]
    pub fn all_names(&self) -> Vec<String> {
        let custom = self.0.iter().map(Genre::as_str);
        let all: BTreeSet<&str> = BUILT_IN.into_iter().chain(custom).collect();

        all.into_iter().map(str::to_owned).collect()
    }

    /// Adds a genre to the list. Returns whether it is new.
    pub fn add(&mut self, genre: &Genre) -> Result<bool, TooManyGenres> {
        if self.allows(genre) {
            return Ok(false);
        }
        if self.0.len() >= MAX_CUSTOM {
            return Err(TooManyGenres);
        }

        Ok(self.0.insert(genre.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genre(word: impl Into<String>) -> Genre {
        Genre::try_from(word.into()).unwrap()
    }

    #[test]
    fn built_in_genres_are_valid_and_sorted() {
        assert!(BUILT_IN.is_sorted());
        assert!(BUILT_IN.iter().all(|word| is_built_in(&genre(*word))));
    }

    #[test]
    fn a_genre_is_added_once() {
        let mut custom = CustomGenres::default();
        assert!(!custom.allows(&genre("film-noir")));

        assert_eq!(custom.add(&genre("film-noir")), Ok(true));
        assert_eq!(custom.add(&genre("film-noir")), Ok(false));
        assert_eq!(custom.add(&genre("drama")), Ok(false), "it is built in");
        assert!(custom.allows(&genre("film-noir")));
        assert_eq!(custom.all_names().len(), BUILT_IN.len() + 1);
        assert!(custom.all_names().is_sorted());
    }

    #[test]
    fn the_number_of_added_genres_is_limited() {
        let mut custom = CustomGenres::default();
        for number in 0..MAX_CUSTOM {
            custom.add(&genre(format!("number-{number}"))).unwrap();
        }

        assert_eq!(custom.add(&genre("one-more")), Err(TooManyGenres));
        assert_eq!(custom.add(&genre("number-0")), Ok(false));
        assert_eq!(custom.add(&genre("western")), Ok(false));
    }
}
