//! Rows of titles for a person: what is in them, what stands above them, and why each title is there.

mod fallback;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use kernel::id::TitleId;
use serde::Serialize;
use utoipa::ToSchema;

pub use self::fallback::AtHand;
use crate::engagement::{Engagement, Feedback};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// Begun and not seen to the end.
    ContinueWatching,
    /// What this person may like best.
    Personal,
    /// Like a title that this person watched or liked.
    Because,
    /// Not long here.
    New,
    /// What most people watch.
    Popular,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// What stands above it.
    pub heading: String,
    /// What is in it, best first.
    pub picks: Vec<Pick>,
}

/// A title in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The title.
    pub title_id: TitleId,
    /// Why it is there: a few words for people.
    pub reason: String,
}

/// A title that something is recommended because of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Which.
    pub title_id: TitleId,
    /// What the person did.
    pub deed: Deed,
}

/// What a person did with a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Watched most of it.
    Watched,
    /// Liked it.
    Liked,
}

impl RowKind {
    /// The longest row of this kind.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Personal => 20,
            Self::ContinueWatching | Self::Because | Self::New | Self::Popular => 12,
        }
    }

    /// What to say of a title in it that nobody gave a reason for.
    #[must_use]
    pub const fn plain_reason(self) -> &'static str {
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
    /// A row of `picks`, under its kind's heading.
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

    /// A row of what is like the title called `name`.
    #[must_use]
    pub fn because(deed: Deed, name: &str, picks: Vec<Pick>) -> Self {
        let did = match deed {
            Deed::Watched => "watched",
            Deed::Liked => "liked",
        };

        Self {
            kind: RowKind::Because,
            heading: format!("Because you {did} {name}"),
            picks,
        }
    }

    /// Leaves out what `keep` does not want, what an earlier row has, and what is too much; a pick without a reason gets
    /// the plain one. Returns nothing if nothing is left.
    #[must_use]
    pub fn tidy(mut self, shown: &mut HashSet<TitleId>, keep: impl Fn(TitleId) -> bool) -> Option<Self> {
        let most = self.kind.most();
        self.picks.retain(|pick| keep(pick.title_id));
        let mut room = most;
        self.picks.retain(|pick| {
            let fits = room > 0 && shown.insert(pick.title_id);
            room -= usize::from(fits);
            fits
        });
        for pick in &mut self.picks {
            if pick.reason.trim().is_empty() {
                self.kind.plain_reason().clone_into(&mut pick.reason);
            }
        }

        (!self.picks.is_empty()).then_some(self)
    }
}

/// What a person has to do with titles, last changed first.
#[derive(Clone, Debug, Default)]
pub struct Dealings(Vec<Engagement>);

impl Dealings {
    /// Among so many of the newest the causes of rows are looked for.
    const RECENT: usize = 20;
    /// How many rows have a cause.
    const CAUSES: usize = 2;
    /// Who watched so much of a title may be asked to watch another one because of it.
    const WATCHED: f64 = 0.5;

    /// Those of `engagements`, last changed first, of which something is left.
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

    /// What the person has to do with a title.
    #[must_use]
    pub fn with(&self, title: TitleId) -> Option<&Engagement> {
        self.0.iter().find(|each| each.title_id == title)
    }

    /// Whether the person never wants to see this title.
    #[must_use]
    pub fn hide(&self, title: TitleId) -> bool {
        self.with(title)
            .is_some_and(|each| each.feedback == Some(Feedback::NotInterested))
    }

    /// What was begun and not seen to its end, last watched first, each with what is left of it.
    #[must_use]
    pub fn begun(&self) -> Vec<Pick> {
        let wanted = self.0.iter().filter(|each| each.feedback.is_none());

        wanted
            .filter_map(|each| {
                let left_ms = each.duration_ms.saturating_sub(each.resume_ms()?);

                Some(Pick {
                    title_id: each.title_id,
                    reason: left(left_ms),
                })
            })
            .collect()
    }

    /// The recent titles that mattered most to the person.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let recent = self.0.iter().take(Self::RECENT).filter(|each| each.feedback.is_none());
        let mut weighed: Vec<(f64, Cause)> = recent
            .filter_map(|each| {
                let (share, liked) = (each.watched_share(each.duration_ms), each.liked_at.is_some());
                let deed = if share >= Self::WATCHED {
                    Deed::Watched
                } else {
                    Deed::Liked
                };
                let cause = Cause {
                    title_id: each.title_id,
                    deed,
                };

                (liked || deed == Deed::Watched).then_some((share + f64::from(u8::from(liked)), cause))
            })
            .collect();
        // Stable: of two that mattered alike the later one comes first.
        weighed.sort_by(|(a, _), (b, _)| b.total_cmp(a));

        weighed.into_iter().take(Self::CAUSES).map(|(_, cause)| cause).collect()
    }
}

/// `1 h 5 min left`, rounded to the nearest minute as lengths are: a film of 2:15 is "2 min" and has no more than that left.
fn left(ms: u64) -> String {
    let minutes = (ms + 30_000) / 60_000;
    match (minutes / 60, minutes % 60) {
        (0, _) if ms < 60_000 => "Less than a minute left".to_owned(),
        (0, minutes) => format!("{minutes} min left"),
        (hours, 0) => format!("{hours} h left"),
        (hours, minutes) => format!("{hours} h {minutes} min left"),
    }
}
