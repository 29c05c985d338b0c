//! The genres that titles of an installation may have: those that every installation offers, and those that its admins coined.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::title::Genre;

/// What every installation offers.
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

/// How many genres admins may coin: a list that people choose from, and an item of the table, has an end.
pub const MAX_CUSTOM: usize = 500;

/// The genres that admins coined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomGenres(BTreeSet<Genre>);

/// No more genres can be coined.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("there are {MAX_CUSTOM} genres of this service's own, which is all that there may be: choose one that exists")]
pub struct TooManyGenres;

/// Whether every installation offers a genre.
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

    /// All genres that titles may have, in the order of the alphabet.
    #[must_use]
    pub fn all_names(&self) -> Vec<String> {
        let coined = self.0.iter().map(Genre::as_str);
        let all: BTreeSet<&str> = BUILT_IN.into_iter().chain(coined).collect();

        all.into_iter().map(str::to_owned).collect()
    }

    /// A genre becomes one of the list, for everybody. Says whether that is new.
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
    fn what_is_offered_is_sorted_and_made_of_genres() {
        assert!(BUILT_IN.is_sorted());
        assert!(BUILT_IN.iter().all(|word| is_built_in(&genre(*word))));
    }

    #[test]
    fn what_an_admin_coins_becomes_one_of_the_list_once() {
        let mut coined = CustomGenres::default();
        assert!(!coined.allows(&genre("film-noir")));

        assert_eq!(coined.add(&genre("film-noir")), Ok(true));
        assert_eq!(coined.add(&genre("film-noir")), Ok(false));
        assert_eq!(coined.add(&genre("drama")), Ok(false), "it is offered already");
        assert!(coined.allows(&genre("film-noir")));
        assert_eq!(coined.all_names().len(), BUILT_IN.len() + 1);
        assert!(coined.all_names().is_sorted());
    }

    #[test]
    fn the_list_has_an_end() {
        let mut coined = CustomGenres::default();
        for number in 0..MAX_CUSTOM {
            coined.add(&genre(format!("number-{number}"))).unwrap();
        }

        assert_eq!(coined.add(&genre("one-more")), Err(TooManyGenres));
        assert_eq!(coined.add(&genre("number-0")), Ok(false));
        assert_eq!(coined.add(&genre("western")), Ok(false));
    }
}
