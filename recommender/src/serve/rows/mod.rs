//! Rows for one person: personal, similar, new and popular titles and next episodes. A title appears in one row only, with a
//! reason.

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
use recommender_protocol::{Because, Item, RankedRow, RowKind, RowRequest, RowsRequest};

use crate::als::{to_f32, to_f64};
use crate::model::Model;
use crate::serve::answer::{in_genre, popular_reason};
use crate::serve::candidates::CandidateSet;
use crate::serve::diversity::diverse;
use crate::serve::explore;
use crate::serve::person::{Taste, content_similarity};
use crate::serve::similarity::cosine;
use crate::serve::{interleave, top_k};

/// How many times more titles than places variety chooses from.
const VARIETY_FACTOR: usize = 5;
/// How long a title counts as new.
const NEW_SECONDS: i64 = 30 * 86_400;
/// The reason of a title that suits the person's taste; `because` has the title to which it owes most.
const TASTE_REASON: &str = "Like what you watched";
/// What a title loses that equals one of which the person wants less, as a share of the span of all scores.
const DISLIKE_PENALTY: f32 = 1.0;

/// The requested rows, in their order. With a challenger, the personal row is interleaved.
pub(super) fn rows(model: &Model, challenger: Option<&Model>, request: &RowsRequest) -> Vec<RankedRow> {
    let candidates: Vec<_> = request.candidates.iter().collect();
    let set = CandidateSet::new(model, &candidates);
    let taste = Taste::new(&request.person, &set);
    let mut builder = RowBuilder::new(&set, &taste, request);
    let Some(challenger) = challenger else {
        return request.rows.iter().map(|row| builder.fill(row)).collect();
    };

    let set = CandidateSet::new(challenger, &candidates);
    let taste = Taste::new(&request.person, &set);
    let mut challenger_builder = RowBuilder::new(&set, &taste, request);
    let rows = request.rows.iter().map(|row| {
        let items = if matches!(row.kind, RowKind::Personal) {
            interleave::team_draft(
                builder.pick(row),
                challenger_builder.pick(row),
                row.limit,
                &builder.seed(),
            )
        } else {
            builder.pick(row)
        };
        builder.mark_shown(&items);
        challenger_builder.mark_shown(&items);
        ranked(row, items)
    });
    rows.collect()
}

fn ranked(row: &RowRequest, items: Vec<Item>) -> RankedRow {
    RankedRow {
        kind: row.kind.name().to_owned(),
        items,
    }
}

/// Fills rows one after the other, so that no title appears twice.
struct RowBuilder<'a> {
    set: &'a CandidateSet<'a>,
    taste: &'a Taste,
    request: &'a RowsRequest,
    allowed: Option<FnvHashSet<usize>>,
    shown: FnvHashSet<usize>,
}

impl<'a> RowBuilder<'a> {
    fn new(set: &'a CandidateSet<'a>, taste: &'a Taste, request: &'a RowsRequest) -> Self {
        let allowed = request.allowed.as_ref();
        Self {
            set,
            taste,
            request,
            allowed: allowed.map(|allowed| allowed.iter().filter_map(|id| set.find(id)).collect()),
            shown: FnvHashSet::default(),
        }
    }

    fn fill(&mut self, row: &RowRequest) -> RankedRow {
        let items = self.pick(row);
        self.mark_shown(&items);
        ranked(row, items)
    }

    fn pick(&self, row: &RowRequest) -> Vec<Item> {
        match &row.kind {
            RowKind::Personal if self.taste.liked.is_empty() => {
                self.popular(None, row.limit, |title| self.may_suggest(title))
            }
            RowKind::Personal => self.personal(row.limit),
            RowKind::Because { title_id } => self.like(title_id, row.limit, true),
            RowKind::Similar { title_id } => self.like(title_id, row.limit, false),
            RowKind::Series => self.series(row.limit),
            RowKind::New => self.new_titles(row.limit),
            RowKind::Popular { genre } => self.popular(genre.as_deref(), row.limit, |title| self.may_show(title)),
        }
    }

    /// Keeps titles of a filled row out of the next ones.
    fn mark_shown(&mut self, items: &[Item]) {
        self.shown
            .extend(items.iter().filter_map(|item| self.set.find(&item.title_id)));
    }

    /// Whether a title may appear in the next row.
    fn may_show(&self, title: usize) -> bool {
        self.set.is_current(title)
            && !self.shown.contains(&title)
            && !self.taste.hidden.contains(&title)
            && self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&title))
            && self.suits(title)
    }

    /// Whether a title suits the person's age limit and territory. A title without a rating suits no age limit.
    fn suits(&self, title: usize) -> bool {
        let person = &self.request.person;
        let is_young_enough = |max| self.set.maturity(title).is_some_and(|age| age <= max);
        person.max_maturity.is_none_or(is_young_enough)
            && person
                .territory
                .is_none_or(|territory| self.set.is_shown_in(title, territory))
    }

    /// Whether a title may appear in the next row as a suggestion: one that the person has no action for.
    fn may_suggest(&self, title: usize) -> bool {
        self.may_show(title) && !self.taste.known.contains(&title)
    }

    fn personal(&self, limit: usize) -> Vec<Item> {
        let ranked = self.by_taste(limit * VARIETY_FACTOR, |title| self.may_suggest(title));
        let picked = diverse(&ranked, limit, |left, right| self.row_similarity(left, right));
        picked
            .into_iter()
            .map(|(score, title)| self.item(title, score, self.taste_reason(title)))
            .collect()
    }

    /// The titles that the person would like most; those similar to unwanted ones rank lower.
    fn by_taste(&self, count: usize, wanted: impl Fn(usize) -> bool) -> Vec<(f32, usize)> {
        let mut ranked = if self.taste.factors.is_empty() {
            let titles = self.set.titles().filter(|&title| wanted(title));
            let scored = titles.map(|title| (self.taste.score(self.set, title), title));
            scored.filter(|(score, _)| *score > 0.0).collect()
        } else {
            let mut ranked = top_k::best(self.set.model, &self.taste.factors, count, &wanted);
            for (score, title) in &mut ranked {
                *score += self.taste.similarity_to_unknown(self.set, *title);
            }
            let of_request = self.set.request_titles().filter(|&title| wanted(title));
            ranked.extend(of_request.map(|title| (self.taste.score(self.set, title), title)));
            ranked
        };
        sort(&mut ranked);
        ranked.truncate(count);

        let span = ranked.first().map_or(0.0, |best| best.0) - ranked.last().map_or(0.0, |worst| worst.0);
        for (score, title) in &mut ranked {
            *score -= DISLIKE_PENALTY * span * self.taste.penalty(self.set, *title);
        }
        sort(&mut ranked);
        ranked
    }

    fn taste_reason(&self, title: usize) -> (String, Vec<Because>) {
        let because = self.because(title);
        let reason = if because.is_empty() {
            popular_reason(self.set, title, None)
        } else {
            TASTE_REASON.to_owned()
        };

        (reason, because)
    }

    /// The title of the person's history to which a suggestion owes most. It is not named in reasons: the model may know a name, or a title,
    /// that the person may not see any more.
    fn because(&self, title: usize) -> Vec<Because> {
        let liked = self.taste.because(self.set, title);

        liked
            .map(|liked| Because::Titles(vec![self.set.id(liked).to_owned()]))
            .into_iter()
            .collect()
    }

    /// Titles that were published lately, by taste, or the newest first for a person without one. A title with a score of zero is
    /// new all the same. Some places are reserved for new creators.
    fn new_titles(&self, limit: usize) -> Vec<Item> {
        let since = self
            .request
            .day
            .to_zoned(TimeZone::UTC)
            .map_or(i64::MAX, |day| day.timestamp().as_second() - NEW_SECONDS);
        let newness = |title: usize| {
            to_f32(to_f64(
                usize::try_from(self.set.published(title).saturating_sub(since)).unwrap_or_default(),
            ))
        };
        let score = |title: usize| {
            if self.taste.liked.is_empty() {
                newness(title)
            } else {
                self.taste.score(self.set, title)
            }
        };
        let new = self.set.published_after(since, |title| self.may_suggest(title));
        let mut ranked: Vec<(f32, usize)> = new.into_iter().map(|title| (score(title), title)).collect();
        sort(&mut ranked);
        let unseen = explore::unseen(self.set, ranked.iter().map(|&(_, title)| title), &self.seed());
        let picked = explore::with_unseen(&ranked, &unseen, limit);
        let reasoned = picked.into_iter().map(|(score, title)| {
            let reason = if unseen.contains(&title) {
                "From a new creator"
            } else {
                "New"
            };
            self.item(title, score, (reason.to_owned(), self.because(title)))
        });
        reasoned.collect()
    }

    fn seed(&self) -> String {
        let day: Date = self.request.day;
        format!("{} {day}", self.request.person.id)
    }

    /// The most watched titles: first those of the person's territory, if it has enough viewers.
    fn popular(&self, genre: Option<&str>, limit: usize, wanted: impl Fn(usize) -> bool) -> Vec<Item> {
        let wanted =
            |title: usize| wanted(title) && genre.is_none_or(|genre| self.set.content(title).is_of_genre(genre));
        let territory = self.request.person.territory;
        let local = territory.map_or_else(Vec::new, |territory| self.set.most_watched_in(territory, limit, wanted));
        let elsewhere = self.set.most_watched(limit - local.len(), |title| {
            wanted(title) && local.iter().all(|&(_, other)| other != title)
        });
        let local = local.iter().map(|&(popularity, title)| {
            let reason = format!("Popular{} in your country", in_genre(genre));
            self.item(title, popularity, (reason, Vec::new()))
        });
        let elsewhere = elsewhere.into_iter().map(|title| {
            let popularity = self.set.popularity(title);
            self.item(title, popularity, (popular_reason(self.set, title, genre), Vec::new()))
        });
        local.chain(elsewhere).collect()
    }

    /// For variety: the similarity of content or of factors, whichever is higher.
    fn row_similarity(&self, left: usize, right: usize) -> f32 {
        content_similarity(self.set, left, right).max(cosine(self.set.factors(left), self.set.factors(right)))
    }

    fn item(&self, title: usize, score: f32, (reason, because): (String, Vec<Because>)) -> Item {
        Item {
            title_id: self.set.id(title).to_owned(),
            score: f64::from(score),
            reason,
            because,
            variant: None,
        }
    }
}

/// Best first; of equal scores the lower index first, so that the order is deterministic.
fn sort(ranked: &mut [(f32, usize)]) {
    ranked.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
}
