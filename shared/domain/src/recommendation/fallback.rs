//! Rows without the recommender: by genre, popularity and age. They are less good, and available at once.

use std::collections::HashMap;

use kernel::{Timestamp, id::TitleId};

use super::{Pick, Row, RowKind, WatchHistory};
use crate::{
    engagement::{Engagement, Feedback},
    title::{Genre, Title},
};

/// An engagement counts half as much after a month.
const HALF_LIFE_MS: f64 = 30.0 * 24.0 * 3_600_000.0;

/// The data that rows are made of.
#[derive(Clone, Debug)]
pub struct FallbackSources<'a> {
    /// The person's engagements.
    pub history: &'a WatchHistory,
    /// All titles that were read.
    pub titles: &'a HashMap<TitleId, Title>,
    /// The newest listed titles, newest first.
    pub newest: &'a [TitleId],
    /// The most popular titles, most popular first.
    pub popular: &'a [TitleId],
    /// The time of the request.
    pub now: Timestamp,
}

impl<'a> FallbackSources<'a> {
    /// Titles of the genres that the person watches and likes: the favourite genre first, and in each genre popular titles before new
    /// ones.
    #[must_use]
    pub fn personal(&self) -> Row {
        let taste = self.taste();
        let mut picks: Vec<(f64, Pick)> = self
            .candidates()
            .filter_map(|title| {
                let (weight, genre) = favourite_genre(title, &taste)?;

                Some((weight, self.pick(title, Some(genre))))
            })
            .collect();
        // The sort is stable: within a genre the order of the candidates remains.
        picks.sort_by(|(a, _), (b, _)| b.total_cmp(a));

        Row::new(RowKind::Personal, picks.into_iter().map(|(_, pick)| pick).collect())
    }

    /// The personal row, followed by all other candidates, so that new viewers get a row too.
    #[must_use]
    pub fn personal_or_any(&self) -> Row {
        let mut row = self.personal();
        row.picks.extend(self.candidates().map(|title| self.pick(title, None)));

        row
    }

    /// Titles that share a genre with `seed`.
    #[must_use]
    pub fn similar_to(&self, seed: &Title) -> Vec<Pick> {
        let shared = self.candidates().filter_map(|title| {
            let mut genres = seed.details.genres.iter();
            let genre = genres.find(|genre| title.details.genres.contains(genre))?;

            Some(Pick {
                title_id: title.id,
                reason: format!("Also {}", genre.words()),
            })
        });

        shared.collect()
    }

    /// The newest titles that are new to the person.
    #[must_use]
    pub fn new_titles(&self) -> Row {
        let new = self.newest.iter().filter_map(|id| self.unwatched(*id));
        let picks = new.map(|title| Pick {
            title_id: title.id,
            reason: RowKind::New.default_reason().to_owned(),
        });

        Row::new(RowKind::New, picks.collect())
    }

    /// The most popular titles, watched by the person or not.
    #[must_use]
    pub fn popular_titles(&self) -> Row {
        let listed = self.popular.iter().filter_map(|id| self.titles.get(id));
        let picks = listed.filter(|title| title.is_listed()).map(|title| Pick {
            title_id: title.id,
            reason: RowKind::Popular.default_reason().to_owned(),
        });

        Row::new(RowKind::Popular, picks.collect())
    }

    /// Listed titles that the person has no engagement with: popular ones, then new ones.
    fn candidates(&self) -> impl Iterator<Item = &'a Title> {
        let new = self.newest.iter().filter(|id| !self.popular.contains(id));

        self.popular.iter().chain(new).filter_map(|id| self.unwatched(*id))
    }

    fn unwatched(&self, id: TitleId) -> Option<&'a Title> {
        let title = self.titles.get(&id)?;

        (title.is_listed() && self.history.engagement(id).is_none()).then_some(title)
    }

    fn pick(&self, title: &Title, genre: Option<&Genre>) -> Pick {
        let popular = self.popular.contains(&title.id);
        let reason = match (genre, popular) {
            (Some(genre), true) => format!("Popular in {}", genre.words()),
            (Some(genre), false) => format!("New in {}", genre.words()),
            (None, true) => RowKind::Popular.default_reason().to_owned(),
            (None, false) => RowKind::New.default_reason().to_owned(),
        };

        Pick {
            title_id: title.id,
            reason,
        }
    }

    /// How much the person likes each genre.
    fn taste(&self) -> HashMap<&'a Genre, f64> {
        let mut taste = HashMap::new();
        for engagement in self.history.all() {
            let genres = self.titles.get(&engagement.title_id).map(|title| &title.details.genres);
            for genre in genres.into_iter().flatten() {
                *taste.entry(genre).or_insert(0.0) += self.weight(engagement);
            }
        }

        taste
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of some thousand years")]
    fn weight(&self, engagement: &Engagement) -> f64 {
        let age_ms = (self.now.as_millisecond() - engagement.updated_at.as_millisecond()).max(0) as f64;
        let liked = f64::from(u8::from(engagement.liked_at.is_some()));
        let feedback = match engagement.feedback {
            Some(Feedback::LessOfThis) => -2.0,
            Some(Feedback::NotInterested) => -1.0,
            None => 0.0,
        };

        (engagement.watched_share(engagement.duration_ms) + liked + feedback) * (-age_ms / HALF_LIFE_MS).exp2()
    }
}

/// The genre of a title that the person likes most, if they like one.
fn favourite_genre<'t>(title: &'t Title, taste: &HashMap<&Genre, f64>) -> Option<(f64, &'t Genre)> {
    let known = title
        .details
        .genres
        .iter()
        .filter_map(|genre| Some((*taste.get(genre)?, genre)));

    known
        .filter(|(weight, _)| *weight > 0.0)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
}
