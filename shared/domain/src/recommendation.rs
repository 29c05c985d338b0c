//! Rows of titles for a person: their titles, their headings, and the reason for each title.

mod fallback;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use kernel::id::TitleId;
use serde::Serialize;
use utoipa::ToSchema;

pub use self::fallback::FallbackSources;
use crate::engagement::{Engagement, Feedback};

/// The kind of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// Titles that this person started and did not finish.
    ContinueWatching,
    /// Recommendations for this person.
    Personal,
    /// Titles similar to one that this person watched or liked.
    Because,
    /// New titles.
    New,
    /// The most watched titles.
    Popular,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its kind.
    pub kind: RowKind,
    /// The text above it.
    pub heading: String,
    /// Its titles, best first.
    pub picks: Vec<Pick>,
}

/// A title in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The title.
    pub title_id: TitleId,
    /// The reason for it: a few words for people.
    pub reason: String,
}

/// A title from a person's history that a row of similar titles is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedTitle {
    /// The title.
    pub title_id: TitleId,
    /// What the person did with it.
    pub action: Action,
}

/// What a person did with a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Watched most of it.
    Watched,
    /// Liked it.
    Liked,
}

impl RowKind {
    /// How many titles a row of this kind has at most.
    #[must_use]
    pub const fn max_titles(self) -> usize {
        match self {
            Self::Personal => 20,
            Self::ContinueWatching | Self::Because | Self::New | Self::Popular => 12,
        }
    }

    /// The reason for a title that has none of its own.
    #[must_use]
    pub const fn default_reason(self) -> &'static str {
        match self {
            Self::ContinueWatching => "You began to watch this",
            Self::Personal => "Like what you watched",
            Self::Because => "Like it",
            Self::New => "New here",
            Self::Popular => "Popular now",
        }
    }
}

impl Row {
    /// A row of `picks`, with the heading of its kind.
    #[must_use]
    pub fn new(kind: RowKind, picks: Vec<Pick>) -> Self {
        let heading = match kind {
            RowKind::ContinueWatching => "Continue watching",
            RowKind::Personal | RowKind::Because => "For you",
            RowKind::New => "New for you",
            RowKind::Popular => "Popular now",
        };

        Self {
            kind,
            heading: heading.to_owned(),
            picks,
        }
    }

    /// A row of titles similar to the one called `name`.
    #[must_use]
    pub fn because(action: Action, name: &str, picks: Vec<Pick>) -> Self {
        let did = match action {
            Action::Watched => "watched",
            Action::Liked => "liked",
        };

        Self {
            kind: RowKind::Because,
            heading: format!("Because you {did} {name}"),
            picks,
        }
    }

    /// Drops titles that `keep` rejects, titles that an earlier row `shown` has, and titles beyond the limit of the row. Picks without
    /// a reason get the default one. `None` if no title is left.
    #[must_use]
    pub fn dedupe_and_filter(mut self, shown: &mut HashSet<TitleId>, keep: impl Fn(TitleId) -> bool) -> Option<Self> {
        self.picks.retain(|pick| keep(pick.title_id));
        let mut room = self.kind.max_titles();
        self.picks.retain(|pick| {
            let fits = room > 0 && shown.insert(pick.title_id);
            room -= usize::from(fits);
            fits
        });
        for pick in &mut self.picks {
            if pick.reason.trim().is_empty() {
                self.kind.default_reason().clone_into(&mut pick.reason);
            }
        }

        (!self.picks.is_empty()).then_some(self)
    }
}

/// A person's engagements with titles, last changed first.
#[derive(Clone, Debug, Default)]
pub struct WatchHistory(Vec<Engagement>);

impl WatchHistory {
    /// Seed titles are chosen among this number of the newest engagements.
    const RECENT: usize = 20;
    /// How many seed titles there are at most.
    const MAX_SEEDS: usize = 2;
    /// A title counts as watched from this share of its length.
    const MIN_WATCHED_SHARE: f64 = 0.5;

    /// The history of these `engagements`, last changed first. Empty ones are dropped: everything in them was taken back.
    #[must_use]
    pub fn new(engagements: Vec<Engagement>) -> Self {
        let left = engagements.into_iter().filter(|each| !each.is_empty());

        Self(left.collect())
    }

    /// All, last changed first.
    #[must_use]
    pub fn all(&self) -> &[Engagement] {
        &self.0
    }

    /// The engagement with a title.
    #[must_use]
    pub fn engagement(&self, title: TitleId) -> Option<&Engagement> {
        self.0.iter().find(|each| each.title_id == title)
    }

    /// Whether the person dismissed this title.
    #[must_use]
    pub fn hides(&self, title: TitleId) -> bool {
        self.engagement(title)
            .is_some_and(|each| each.feedback == Some(Feedback::NotInterested))
    }

    /// Titles that were started and not finished, last watched first, each with the time left.
    #[must_use]
    pub fn continue_watching(&self) -> Vec<Pick> {
        let wanted = self.0.iter().filter(|each| each.feedback.is_none());

        wanted
            .filter_map(|each| {
                let left_ms = each.duration_ms.saturating_sub(each.resume_ms()?);

                Some(Pick {
                    title_id: each.title_id,
                    reason: time_left(left_ms),
                })
            })
            .collect()
    }

    /// The recent titles that mattered most to the person: the seeds of rows of similar titles.
    #[must_use]
    pub fn seeds(&self) -> Vec<SeedTitle> {
        let recent = self.0.iter().take(Self::RECENT).filter(|each| each.feedback.is_none());
        let mut weighed: Vec<(f64, SeedTitle)> = recent
            .filter_map(|each| {
                let (share, liked) = (each.watched_share(each.duration_ms), each.liked_at.is_some());
                let action = if share >= Self::MIN_WATCHED_SHARE {
                    Action::Watched
                } else {
                    Action::Liked
                };
                let seed = SeedTitle {
                    title_id: each.title_id,
                    action,
                };

                (liked || action == Action::Watched).then_some((share + f64::from(u8::from(liked)), seed))
            })
            .collect();
        // The sort is stable: of two titles with the same weight the one that changed later comes first.
        weighed.sort_by(|(a, _), (b, _)| b.total_cmp(a));

        weighed
            .into_iter()
            .take(Self::MAX_SEEDS)
            .map(|(_, seed)| seed)
            .collect()
    }
}

/// `1 h 5 min left`, rounded to the nearest minute like the length of a film: a film of 2:15 is "2 min" long and never has more left.
fn time_left(ms: u64) -> String {
    let minutes = (ms + 30_000) / 60_000;
    match (minutes / 60, minutes % 60) {
        (0, _) if ms < 60_000 => "Less than a minute left".to_owned(),
        (0, minutes) => format!("{minutes} min left"),
        (hours, 0) => format!("{hours} h left"),
        (hours, minutes) => format!("{hours} h {minutes} min left"),
    }
}
