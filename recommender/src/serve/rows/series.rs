//! The row of next episodes of the series that a person watches.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use recommender_protocol::{Because, Item};

use super::RowBuilder;
use crate::watched::MIN_WATCHED_FRACTION;

/// The share from which on an episode counts as seen. Below, the person continues it, which is not in this row.
const MIN_SEEN_FRACTION: f64 = 0.9;

impl RowBuilder<'_> {
    /// The next episode of each series that the person watches.
    pub(super) fn series(&self, limit: usize) -> Vec<Item> {
        let next = self.next_episodes();
        let items = next.into_iter().take(limit).zip((1u16..).map(f32::from));
        let items = items.map(|(Next { title, after }, place)| {
            let name = self
                .set
                .document(after)
                .map(|after| after.name.clone())
                .unwrap_or_default();
            let because = vec![Because::Titles(vec![self.set.id(after).to_owned()])];
            self.item(title, 1.0 / place, (format!("Next after {name}"), because))
        });
        items.collect()
    }

    /// For each series of which the person has seen an episode, the next one after the furthest that is not hidden, if it may be
    /// shown: an episode that another row shows is not skipped. The series that was watched last comes first.
    fn next_episodes(&self) -> Vec<Next> {
        let mut seen: Vec<(u64, Furthest)> = self.furthest().into_iter().collect();
        seen.sort_by_key(|&(series, furthest)| (Reverse(furthest.at), series));
        let next = seen.into_iter().filter_map(|(series, furthest)| {
            let later = self
                .set
                .episodes(series)
                .filter(|&(episode, title)| episode > furthest.episode && !self.taste.hidden.contains(&title));
            let (_, title) = later.min()?;
            (self.may_show(title) && !self.is_begun(title)).then_some(Next {
                title,
                after: furthest.title,
            })
        });
        next.collect()
    }

    fn is_begun(&self, title: usize) -> bool {
        let mut actions = self.request.person.actions.iter();
        actions.any(|action| {
            action.watched_share >= MIN_WATCHED_FRACTION && self.set.find(&action.title_id) == Some(title)
        })
    }

    /// The furthest seen episode of each series, without series of which the person wants less.
    fn furthest(&self) -> HashMap<u64, Furthest> {
        let actions = self.request.person.actions.iter().filter_map(|action| {
            let title = self.set.find(&action.title_id)?;
            let (series, episode) = self.set.series(title)?;
            Some((action, series, episode, title))
        });
        let mut seen: HashMap<u64, Furthest> = HashMap::new();
        let mut unwanted = HashSet::new();
        for (action, series, episode, title) in actions {
            if action.less {
                unwanted.insert(series);
            } else if action.watched_share >= MIN_SEEN_FRACTION {
                let at = action.at;
                let this = Furthest { episode, title, at };
                let known = seen.entry(series).or_insert(this);
                let at = known.at.max(at);
                if episode > known.episode {
                    *known = this;
                }
                known.at = at;
            }
        }
        seen.retain(|series, _| !unwanted.contains(series));
        seen
    }
}

/// The next episode of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Next {
    title: usize,
    /// The furthest seen episode.
    after: usize,
}

#[derive(Clone, Copy)]
struct Furthest {
    episode: u32,
    title: usize,
    /// When the person last watched an episode of the series.
    at: Timestamp,
}
