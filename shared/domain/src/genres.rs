//! The genres that titles of an installation may have: those that every installation offers, and those that its admins coined.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::title::Genre;

/// What every installation offers.
pub const OFFERED: [&str; 20] = [
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
pub const MAX_COINED: usize = 500;

/// The genres that admins coined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coined(BTreeSet<Genre>);

/// No more genres can be coined.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("there are {MAX_COINED} genres of this service's own, which is all that there may be: choose one that exists")]
pub struct TooManyGenres;

/// Whether every installation offers a genre.
#[must_use]
pub fn is_offered(genre: &Genre) -> bool {
    OFFERED.contains(&genre.as_str())
}

impl Coined {
    /// Whether titles may have a genre.
    #[must_use]
    pub fn or_offered(&self, genre: &Genre) -> bool {
        is_offered(genre) || self.0.contains(genre)
    }

    /// All genres that titles may have, in the order of the alphabet.
    #[must_use]
    pub fn with_offered(&self) -> Vec<String> {
        let coined = self.0.iter().map(Genre::as_str);
        let all: BTreeSet<&str> = OFFERED.into_iter().chain(coined).collect();

        all.into_iter().map(str::to_owned).collect()
    }

    /// A genre becomes one of the list, for everybody. Says whether that is new.
    pub fn coin(&mut self, genre: &Genre) -> Result<bool, TooManyGenres> {
        if self.or_offered(genre) {
            return Ok(false);
        }
        if self.0.len() >= MAX_COINED {
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
        assert!(OFFERED.is_sorted());
        assert!(OFFERED.iter().all(|word| is_offered(&genre(*word))));
    }

    #[test]
    fn what_an_admin_coins_becomes_one_of_the_list_once() {
        let mut coined = Coined::default();
        assert!(!coined.or_offered(&genre("film-noir")));

        assert_eq!(coined.coin(&genre("film-noir")), Ok(true));
        assert_eq!(coined.coin(&genre("film-noir")), Ok(false));
        assert_eq!(coined.coin(&genre("drama")), Ok(false), "it is offered already");
        assert!(coined.or_offered(&genre("film-noir")));
        assert_eq!(coined.with_offered().len(), OFFERED.len() + 1);
        assert!(coined.with_offered().is_sorted());
    }

    #[test]
    fn the_list_has_an_end() {
        let mut coined = Coined::default();
        for number in 0..MAX_COINED {
            coined.coin(&genre(format!("number-{number}"))).unwrap();
        }

        assert_eq!(coined.coin(&genre("one-more")), Err(TooManyGenres));
        assert_eq!(coined.coin(&genre("number-0")), Ok(false));
        assert_eq!(coined.coin(&genre("western")), Ok(false));
    }
}
