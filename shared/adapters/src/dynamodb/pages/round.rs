//! Rounds, in which a list is read whose items move to its beginning when they change. The first round reads the whole list; each later
//! one reads the items that have moved since the previous round began.

use serde::{Deserialize, Serialize};

use super::Between;

/// The content of a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Mark {
    /// A list that keeps its order continues after this place.
    Place(String),
    /// A list whose items move continues this round.
    Round(Round),
}

/// A round and its progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Round {
    /// The items above this place were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    below: Option<String>,
    /// The round ends at this place, where the previous round began.
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<String>,
    /// The round began at this place. Items above it have moved since.
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<String>,
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The next page of the round.
    Page(Round),
    /// Another round, if items have moved.
    IfMoved(Round),
    /// Nothing: the list was read.
    End,
}

impl Round {
    /// Whether the list can be read so. A client may have changed the cursor, and DynamoDB refuses empty keys and an interval whose ends
    /// are exchanged.
    pub(super) fn is_valid(&self) -> bool {
        let places = [&self.below, &self.above, &self.began];
        let in_order = match (&self.above, &self.below) {
            (Some(above), Some(below)) => above <= below,
            _ => true,
        };

        in_order && places.into_iter().flatten().all(|place| !place.is_empty())
    }

    /// The places that are left to read.
    pub(super) fn places(&self) -> Between {
        Between {
            below: self.below.clone(),
            above: self.above.clone(),
        }
    }

    /// What follows a page that begins with `first`, and that ends at `end` if the round has more.
    pub(super) fn next(self, first: Option<String>, end: Option<String>) -> Next {
        let began = self.began.or(first);

        match (end, began) {
            (Some(end), began) => Next::Page(Self {
                below: Some(end),
                above: self.above,
                began,
            }),
            (None, Some(began)) => Next::IfMoved(Self {
                above: Some(began),
                ..Self::default()
            }),
            (None, None) => Next::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// The table: items by their places.
    struct List {
        places: BTreeMap<String, u8>,
        changes: u32,
    }

    impl List {
        fn change(&mut self, item: u8) {
            self.places.retain(|_, at| *at != item);
            self.changes += 1;
            self.places.insert(format!("{:05}", self.changes), item);
        }

        fn read(&self, places: &Between, limit: usize) -> (Vec<(String, u8)>, Option<String>) {
            let inside = |place: &&String| {
                places.below.as_ref().is_none_or(|below| *place < below)
                    && places.above.as_ref().is_none_or(|above| *place > above)
            };
            let mut found: Vec<_> = self.places.iter().rev().filter(|(place, _)| inside(place)).collect();
            let more = found.len() > limit;
            found.truncate(limit);
            let found: Vec<_> = found.into_iter().map(|(place, item)| (place.clone(), *item)).collect();
            let end = found.last().filter(|_| more).map(|(place, _)| place.clone());

            (found, end)
        }
    }

    #[test]
    fn a_round_that_was_changed_is_not_valid() {
        let round = |below: &str, above: &str| Round {
            below: Some(below.to_owned()),
            above: Some(above.to_owned()),
            began: None,
        };

        assert!(round("b", "a").is_valid() && Round::default().is_valid());
        assert!(!round("a", "b").is_valid());
        assert!(!round("a", "").is_valid());
    }

    proptest! {
        #[test]
        fn no_item_is_missed_if_others_change_while_the_list_is_read(
            changes in prop::collection::vec(prop::collection::vec(0u8..12, 0..4), 0..20),
            limit in 1usize..6,
        ) {
            let mut list = List { places: BTreeMap::new(), changes: 0 };
            (0..12).for_each(|item| list.change(item));
            let (mut seen, mut pages) = (Vec::new(), 0);
            let (mut round, mut changes) = (Some(Round::default()), changes.into_iter());
            while let Some(current) = round {
                let (found, end) = list.read(&current.places(), limit);
                let first = found.first().map(|(place, _)| place.clone());
                seen.extend(found.into_iter().map(|(_, item)| item));
                for item in changes.next().unwrap_or_default() {
                    list.change(item);
                }
                round = match current.next(first, end) {
                    Next::Page(round) => Some(round),
                    Next::IfMoved(round) => Some(round).filter(|round| !list.read(&round.places(), 1).0.is_empty()),
                    Next::End => None,
                };
                pages += 1;
                prop_assert!(pages < 100, "it ends");
            }

            prop_assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), (0..12).collect());
            prop_assert!(list.changes > 12 || seen.len() == 12, "what does not change is seen once: {:?}", seen);
        }
    }
}
