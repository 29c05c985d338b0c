//! Rows for one person: what to watch next, more of the same, what is new and what everybody watches. A title stands in
//! one row only, and each with a reason.

mod like;
mod series;
#[cfg(test)]
mod taste_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod viewer_tests;

use fnv::FnvHashSet;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::als::{single, size};
use crate::model::Model;
use crate::reason::Because;
use crate::serve::alike::cosine;
use crate::serve::diversity::diverse;
use crate::serve::explore;
use crate::serve::invocation::{PersonRequest, RowKind, RowRequest};
use crate::serve::person::{Taste, likeness};
use crate::serve::pool::Pool;
use crate::serve::rank::{Item, RankedRow, in_genre, popular_reason};
use crate::serve::{team_draft, top};

/// So many times more titles than a row has places are looked at for variety.
const CHOICE: usize = 5;
/// A title is new for so long.
const NEW_SECONDS: i64 = 30 * 86_400;
/// What a title loses that is just like one of which the person wants less, beside the span of all scores.
const LESS: f32 = 1.0;

/// All rows that were asked for, in that order. In the personal one `model` and `challenger` take turns, if there are two.
pub(super) fn rows(model: &Model, challenger: Option<&Model>, request: &PersonRequest) -> Vec<RankedRow> {
    let candidates: Vec<_> = request.candidates.iter().collect();
    let pool = Pool::of(model, &candidates);
    let taste = Taste::of(&request.person, &pool);
    let mut shelf = Shelf::new(&pool, &taste, request);
    let Some(challenger) = challenger else {
        return request.rows.iter().map(|row| shelf.fill(row)).collect();
    };

    let pool = Pool::of(challenger, &candidates);
    let taste = Taste::of(&request.person, &pool);
    let mut theirs = Shelf::new(&pool, &taste, request);
    let rows = request.rows.iter().map(|row| {
        let items = if matches!(row.kind, RowKind::Personal) {
            team_draft::draft(shelf.pick(row), theirs.pick(row), row.limit, &shelf.seed())
        } else {
            shelf.pick(row)
        };
        shelf.note(&items);
        theirs.note(&items);
        ranked(row, items)
    });
    rows.collect()
}

fn ranked(row: &RowRequest, items: Vec<Item>) -> RankedRow {
    RankedRow {
        kind: row.kind.name(),
        items,
    }
}

/// The rows so far, and what they are made from.
struct Shelf<'a> {
    pool: &'a Pool<'a>,
    taste: &'a Taste,
    request: &'a PersonRequest,
    allowed: Option<FnvHashSet<usize>>,
    shown: FnvHashSet<usize>,
}

impl<'a> Shelf<'a> {
    fn new(pool: &'a Pool<'a>, taste: &'a Taste, request: &'a PersonRequest) -> Self {
        let allowed = request.allowed.as_ref();
        Self {
            pool,
            taste,
            request,
            allowed: allowed.map(|allowed| allowed.iter().filter_map(|id| pool.find(id)).collect()),
            shown: FnvHashSet::default(),
        }
    }

    fn fill(&mut self, row: &RowRequest) -> RankedRow {
        let items = self.pick(row);
        self.note(&items);
        ranked(row, items)
    }

    fn pick(&self, row: &RowRequest) -> Vec<Item> {
        match &row.kind {
            RowKind::Personal if self.taste.liked.is_empty() => {
                self.popular(None, row.limit, |title| self.fresh(title))
            }
            RowKind::Personal => self.personal(row.limit),
            RowKind::Because { title_id } => self.like(title_id, row.limit, true),
            RowKind::Similar { title_id } => self.like(title_id, row.limit, false),
            RowKind::Series => self.series(row.limit),
            RowKind::New => self.new_titles(row.limit),
            RowKind::Popular { genre } => self.popular(genre.as_deref(), row.limit, |title| self.free(title)),
        }
    }

    /// What stands in a row stands in no other.
    fn note(&mut self, items: &[Item]) {
        self.shown
            .extend(items.iter().filter_map(|item| self.pool.find(&item.title_id)));
    }

    /// Whether a title may stand in the row that is filled.
    fn free(&self, title: usize) -> bool {
        self.pool.counts(title)
            && !self.shown.contains(&title)
            && !self.taste.hidden.contains(&title)
            && self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&title))
            && self.suits(title)
    }

    /// Whether a title is for the person's age and may be shown where they are. One without a rating is for no limit.
    fn suits(&self, title: usize) -> bool {
        let person = &self.request.person;
        let is_young_enough = |most| self.pool.maturity(title).is_some_and(|age| age <= most);
        person.max_maturity.is_none_or(is_young_enough)
            && person
                .territory
                .is_none_or(|territory| self.pool.is_shown_in(title, territory))
    }

    /// The same for rows of titles that the person did not deal with yet.
    fn fresh(&self, title: usize) -> bool {
        self.free(title) && !self.taste.known.contains(&title)
    }

    fn personal(&self, limit: usize) -> Vec<Item> {
        let ranked = self.by_taste(limit * CHOICE, |title| self.fresh(title));
        let picked = diverse(&ranked, limit, |left, right| self.alike(left, right));
        picked
            .into_iter()
            .map(|(score, title)| self.item(title, score, self.taste_reason(title)))
            .collect()
    }

    /// The titles that the person would like most, without those of which there shall be less.
    fn by_taste(&self, count: usize, wanted: impl Fn(usize) -> bool) -> Vec<(f32, usize)> {
        let mut ranked = if self.taste.factors.is_empty() {
            let titles = self.pool.titles().filter(|&title| wanted(title));
            let scored = titles.map(|title| (self.taste.score(self.pool, title), title));
            scored.filter(|(score, _)| *score > 0.0).collect()
        } else {
            let mut ranked = top::best(self.pool.model, &self.taste.factors, count, &wanted);
            for (score, title) in &mut ranked {
                *score += self.taste.alike(self.pool, *title);
            }
            let brought = self.pool.brought_titles().filter(|&title| wanted(title));
            ranked.extend(brought.map(|title| (self.taste.score(self.pool, title), title)));
            ranked
        };
        sort(&mut ranked);
        ranked.truncate(count);

        let span = ranked.first().map_or(0.0, |best| best.0) - ranked.last().map_or(0.0, |worst| worst.0);
        for (score, title) in &mut ranked {
            *score -= LESS * span * self.taste.penalty(self.pool, *title);
        }
        sort(&mut ranked);
        ranked
    }

    fn taste_reason(&self, title: usize) -> (String, Vec<Because>) {
        let because = self
            .taste
            .because(self.pool, title)
            .and_then(|liked| self.pool.document(liked));
        match because {
            Some(liked) => (
                format!("Because you watched {}", liked.name),
                vec![Because::Titles(vec![liked.title_id.clone()])],
            ),
            None => (popular_reason(self.pool, title, None), Vec::new()),
        }
    }

    /// What came lately, by taste, or the newest first where there is none. What nobody can say anything about may be new all
    /// the same. Every so many-th place is for somebody whom hardly anybody has seen yet.
    fn new_titles(&self, limit: usize) -> Vec<Item> {
        let since = self
            .request
            .day
            .to_zoned(TimeZone::UTC)
            .map_or(i64::MAX, |day| day.timestamp().as_second() - NEW_SECONDS);
        let newness = |title: usize| {
            single(size(
                usize::try_from(self.pool.published(title).saturating_sub(since)).unwrap_or_default(),
            ))
        };
        let score = |title: usize| {
            if self.taste.liked.is_empty() {
                newness(title)
            } else {
                self.taste.score(self.pool, title)
            }
        };
        let new = self.pool.published_after(since, |title| self.fresh(title));
        let mut ranked: Vec<(f32, usize)> = new.into_iter().map(|title| (score(title), title)).collect();
        sort(&mut ranked);
        let unseen = explore::unseen(self.pool, ranked.iter().map(|&(_, title)| title), &self.seed());
        let picked = explore::interleave(&ranked, &unseen, limit);
        let reasoned = picked.into_iter().map(|(score, title)| {
            let reason = if unseen.contains(&title) { "New creator" } else { "New" };
            let because = self
                .taste
                .because(self.pool, title)
                .and_then(|liked| self.pool.document(liked));
            let reason = because.map_or_else(
                || reason.to_owned(),
                |liked| format!("{reason}, because you watched {}", liked.name),
            );
            self.item(title, score, (reason, Vec::new()))
        });
        reasoned.collect()
    }

    fn seed(&self) -> String {
        let day: Date = self.request.day;
        format!("{} {day}", self.request.person.id)
    }

    /// What people watch: in the person's territory first, as far as that is known.
    fn popular(&self, genre: Option<&str>, limit: usize, wanted: impl Fn(usize) -> bool) -> Vec<Item> {
        let wanted =
            |title: usize| wanted(title) && genre.is_none_or(|genre| self.pool.content(title).is_of_genre(genre));
        let territory = self.request.person.territory;
        let there = territory.map_or_else(Vec::new, |territory| {
            self.pool.most_watched_in(territory, limit, wanted)
        });
        let elsewhere = self.pool.most_watched(limit - there.len(), |title| {
            wanted(title) && there.iter().all(|&(_, other)| other != title)
        });
        let there = there.iter().map(|&(popularity, title)| {
            let reason = format!("Popular{} in your country", in_genre(genre));
            self.item(title, popularity, (reason, Vec::new()))
        });
        let elsewhere = elsewhere.into_iter().map(|title| {
            let popularity = self.pool.popularity(title);
            self.item(title, popularity, (popular_reason(self.pool, title, genre), Vec::new()))
        });
        there.chain(elsewhere).collect()
    }

    /// For variety: what is said about two titles and what their people say, whichever is more alike.
    fn alike(&self, left: usize, right: usize) -> f32 {
        likeness(self.pool, left, right).max(cosine(self.pool.factors(left), self.pool.factors(right)))
    }

    fn item(&self, title: usize, score: f32, (reason, because): (String, Vec<Because>)) -> Item {
        Item {
            title_id: self.pool.id(title).to_owned(),
            score: f64::from(score),
            reason,
            because,
            variant: None,
        }
    }
}

/// Best first; of equals the one with the lower number, so that the order is always the same.
fn sort(ranked: &mut [(f32, usize)]) {
    ranked.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
}
