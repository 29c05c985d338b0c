//! Rows without the recommender: by genres, by what is popular, by what is new. Less good, and there at once.

use std::collections::HashMap;

use kernel::{Timestamp, id::TitleId};

use super::{Dealings, Pick, Row, RowKind};
use crate::{
    engagement::{Engagement, Feedback},
    title::{Genre, Title},
};

/// A month: dealings count half as much after it.
const HALF_LIFE_MS: f64 = 30.0 * 24.0 * 3_600_000.0;

/// What rows can be made of.
#[derive(Clone, Debug)]
pub struct AtHand<'a> {
    /// What the person has to do with titles.
    pub dealings: &'a Dealings,
    /// All titles that are known of here.
    pub titles: &'a HashMap<TitleId, Title>,
    /// The newest that are listed, newest first.
    pub newest: &'a [TitleId],
    /// The most popular, most popular first.
    pub popular: &'a [TitleId],
    /// When this is.
    pub now: Timestamp,
}

impl<'a> AtHand<'a> {
    /// Titles of the genres that the person watches and likes: the dearest genre first, in it what is popular, then what is new.
    #[must_use]
    pub fn personal(&self) -> Row {
        let taste = self.taste();
        let mut picks: Vec<(f64, Pick)> = self
            .candidates()
            .filter_map(|title| {
                let (weight, genre) = dearest(title, &taste)?;

                Some((weight, self.pick(title, Some(genre))))
            })
            .collect();
        // Stable: the order of the candidates within a genre.
        picks.sort_by(|(a, _), (b, _)| b.total_cmp(a));

        Row::new(RowKind::Personal, picks.into_iter().map(|(_, pick)| pick).collect())
    }

    /// The same, and behind it all else that may be shown, so that there is something for who has just come.
    #[must_use]
    pub fn personal_for_anybody(&self) -> Row {
        let mut row = self.personal();
        row.picks.extend(self.candidates().map(|title| self.pick(title, None)));

        row
    }

    /// Titles that share a genre with `cause`, for when nothing better is known.
    #[must_use]
    pub fn alike(&self, cause: &Title) -> Vec<Pick> {
        let shared = self.candidates().filter_map(|title| {
            let mut genres = cause.details.genres.iter();
            let genre = genres.find(|genre| title.details.genres.contains(genre))?;

            Some(Pick {
                title_id: title.id,
                reason: format!("Also {}", words(genre)),
            })
        });

        shared.collect()
    }

    /// The newest.
    #[must_use]
    pub fn new_here(&self) -> Row {
        let fresh = self.newest.iter().filter_map(|id| self.unknown(*id));
        let picks = fresh.map(|title| Pick {
            title_id: title.id,
            reason: RowKind::New.plain_reason().to_owned(),
        });

        Row::new(RowKind::New, picks.collect())
    }

    /// What most people watch, seen or not.
    #[must_use]
    pub fn popular_now(&self) -> Row {
        let listed = self.popular.iter().filter_map(|id| self.titles.get(id));
        let picks = listed.filter(|title| title.is_listed()).map(|title| Pick {
            title_id: title.id,
            reason: RowKind::Popular.plain_reason().to_owned(),
        });

        Row::new(RowKind::Popular, picks.collect())
    }

    /// Listed titles that the person has nothing to do with yet: the popular ones, then the new ones.
    fn candidates(&self) -> impl Iterator<Item = &'a Title> {
        let new = self.newest.iter().filter(|id| !self.popular.contains(id));

        self.popular.iter().chain(new).filter_map(|id| self.unknown(*id))
    }

    fn unknown(&self, id: TitleId) -> Option<&'a Title> {
        let title = self.titles.get(&id)?;

        (title.is_listed() && self.dealings.with(id).is_none()).then_some(title)
    }

    fn pick(&self, title: &Title, genre: Option<&Genre>) -> Pick {
        let popular = self.popular.contains(&title.id);
        let reason = match (genre, popular) {
            (Some(genre), true) => format!("Popular in {}", words(genre)),
            (Some(genre), false) => format!("New in {}", words(genre)),
            (None, true) => RowKind::Popular.plain_reason().to_owned(),
            (None, false) => RowKind::New.plain_reason().to_owned(),
        };

        Pick {
            title_id: title.id,
            reason,
        }
    }

    /// How dear each genre is to the person.
    fn taste(&self) -> HashMap<&'a Genre, f64> {
        let mut taste = HashMap::new();
        for dealing in self.dealings.all() {
            let genres = self.titles.get(&dealing.title_id).map(|title| &title.details.genres);
            for genre in genres.into_iter().flatten() {
                *taste.entry(genre).or_insert(0.0) += self.weight(dealing);
            }
        }

        taste
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of some thousand years")]
    fn weight(&self, dealing: &Engagement) -> f64 {
        let age_ms = (self.now.as_millisecond() - dealing.updated_at.as_millisecond()).max(0) as f64;
        let liked = f64::from(u8::from(dealing.liked_at.is_some()));
        let said = match dealing.feedback {
            Some(Feedback::LessOfThis) => -2.0,
            Some(Feedback::NotInterested) => -1.0,
            None => 0.0,
        };

        (dealing.watched_share(dealing.duration_ms) + liked + said) * (-age_ms / HALF_LIFE_MS).exp2()
    }
}

/// The dearest of a title's genres, if it has one that is dear at all.
fn dearest<'t>(title: &'t Title, taste: &HashMap<&Genre, f64>) -> Option<(f64, &'t Genre)> {
    let known = title
        .details
        .genres
        .iter()
        .filter_map(|genre| Some((*taste.get(genre)?, genre)));

    known
        .filter(|(weight, _)| *weight > 0.0)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
}

/// A genre as it is read.
fn words(genre: &Genre) -> String {
    genre.as_str().replace('-', " ")
}
