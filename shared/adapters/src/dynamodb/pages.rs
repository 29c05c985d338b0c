//! Lists, newest first, merged from several buckets and paged by cursor.

mod round;

use std::cmp::Reverse;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use kernel::cursor::{self, InvalidCursor};

use self::round::{Mark, Next, Round};
use super::{
    StoreError, Table,
    item::{Item, Stored, text},
    keys::Index,
};

/// The most queries of a partition for one page of a list with a filter. DynamoDB charges for filtered items too, and without a limit a
/// rare value would be searched for in the whole list. A page may end early; its cursor continues the list.
const MAX_QUERIES: usize = 3;

/// A request for a page of a list.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The most items.
    pub limit: u8,
    /// Only items after this place, in the list that the cursor names.
    after: Option<(String, Mark)>,
}

impl PageRequest {
    /// The first `limit` items.
    #[must_use]
    pub const fn first(limit: u8) -> Self {
        Self { limit, after: None }
    }

    /// The first `limit` items, or those after `cursor`.
    pub fn new(limit: u8, cursor: Option<&str>) -> Result<Self, InvalidCursor> {
        Ok(Self {
            limit,
            after: cursor.map(cursor::decode).transpose()?,
        })
    }
}

impl PageRequest {
    /// The place after which `list` is read. A cursor of another list, or an invalid one, is refused.
    fn place_in(&self, list: &str) -> Result<Option<&str>, InvalidCursor> {
        match &self.after {
            None => Ok(None),
            Some((of, Mark::Place(place))) if of == list && !place.is_empty() => Ok(Some(place)),
            Some(_) => Err(InvalidCursor),
        }
    }

    /// The round that continues `list`, whose items move.
    fn round_in(&self, list: &str) -> Result<Round, InvalidCursor> {
        match &self.after {
            None => Ok(Round::default()),
            Some((of, Mark::Round(round))) if of == list && round.is_valid() => Ok(round.clone()),
            Some(_) => Err(InvalidCursor),
        }
    }
}

/// The name of a list in cursors: its index and first partition.
fn name(index: Index, partitions: &[String]) -> String {
    format!("{}/{}", index.name, partitions.first().map_or("", String::as_str))
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A condition on the listed items.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// The attribute, which is `#filter` in the expression, because many names are reserved.
    pub(crate) attribute: &'static str,
    /// The condition on `#filter` and `:filter`.
    pub(crate) expression: &'static str,
    /// The value of `:filter`.
    pub(crate) value: AttributeValue,
}

/// The places of a list that are read: those below `below` and above `above`.
#[derive(Clone, Debug, Default)]
struct Between {
    below: Option<String>,
    above: Option<String>,
}

/// The items that were read of a partition.
struct Read {
    items: Vec<Item>,
    /// The place at which reading stopped although there may be more.
    left_at: Option<String>,
}

impl Table {
    /// A page of the newest items of `partitions`, merged.
    pub(crate) async fn page<T: Stored>(
        &self,
        index: Index,
        partitions: Vec<String>,
        filter: Option<Filter>,
        request: &PageRequest,
    ) -> Result<Page<T>, StoreError> {
        let list = name(index, &partitions);
        let places = Between {
            below: request.place_in(&list)?.map(str::to_owned),
            above: None,
        };
        let (items, end) = self
            .merged(index, partitions, filter, &places, usize::from(request.limit))
            .await?;

        page_of(items, end.map(|place| cursor::encode(&list, &Mark::Place(place))))
    }

    /// A page of a list whose items move to its beginning when they change, last change first. Items that moved while the list was read
    /// are listed again after its end. So every item that stays in the list is on a page, and one that changes may be on two.
    pub(crate) async fn page_by_change<T: Stored>(
        &self,
        index: Index,
        partitions: Vec<String>,
        request: &PageRequest,
    ) -> Result<Page<T>, StoreError> {
        let list = name(index, &partitions);
        let round = request.round_in(&list)?;
        let (items, end) = self
            .merged(
                index,
                partitions.clone(),
                None,
                &round.places(),
                usize::from(request.limit),
            )
            .await?;
        let first = items.first().map(|item| place(item, index));

        let next = match round.next(first, end) {
            Next::Page(round) => Some(round),
            Next::IfMoved(round) => {
                let (moved, _) = self.merged(index, partitions, None, &round.places(), 1).await?;
                (!moved.is_empty()).then_some(round)
            }
            Next::End => None,
        };

        page_of(items, next.map(|round| cursor::encode(&list, &Mark::Round(round))))
    }

    /// At most `limit` items of `partitions`, newest first, and the place after which there is more.
    async fn merged(
        &self,
        index: Index,
        partitions: Vec<String>,
        filter: Option<Filter>,
        places: &Between,
        limit: usize,
    ) -> Result<(Vec<Item>, Option<String>), StoreError> {
        let buckets = partitions.into_iter().map(|partition| {
            // One item more than requested shows whether the list continues.
            self.newest(index, partition, filter.clone(), places.clone(), limit + 1)
        });
        let found = try_join_all(buckets).await?;
        // Below the place where reading one partition stopped, items of others may precede its next item.
        let left_at = found.iter().filter_map(|read| read.left_at.clone()).max();
        let mut items: Vec<Item> = found.into_iter().flat_map(|read| read.items).collect();

        items.sort_by_key(|item| Reverse(place(item, index)));
        if let Some(left_at) = &left_at {
            items.retain(|item| place(item, index) >= *left_at);
        }
        let end = if items.len() > limit {
            items.truncate(limit);
            items.last().map(|item| place(item, index))
        } else {
            left_at
        };

        Ok((items, end))
    }

    async fn newest(
        &self,
        index: Index,
        partition: String,
        filter: Option<Filter>,
        places: Between,
        limit: usize,
    ) -> Result<Read, StoreError> {
        // `BETWEEN` includes both ends, which are removed below.
        let requested = limit + 2;
        let mut found = Vec::new();
        let mut start: Option<Item> = None;
        let mut queries = 0;

        while found.len() < limit {
            if filter.is_some() && queries == MAX_QUERIES {
                let left_at = start.as_ref().map(|key| place(key, index));
                return Ok(Read { items: found, left_at });
            }
            queries += 1;
            let mut query = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(index.name)
                .scan_index_forward(false)
                .expression_attribute_names("#pk", index.partition)
                .expression_attribute_values(":pk", text(&partition))
                .set_exclusive_start_key(start);
            let condition = match (&places.below, &places.above) {
                (None, None) => "#pk = :pk",
                (Some(_), None) => "#pk = :pk AND #sk < :below",
                (None, Some(_)) => "#pk = :pk AND #sk > :above",
                (Some(_), Some(_)) => "#pk = :pk AND #sk BETWEEN :above AND :below",
            };
            query = query.key_condition_expression(condition);
            for (name, place) in [(":below", &places.below), (":above", &places.above)] {
                if let Some(place) = place {
                    query = query
                        .expression_attribute_names("#sk", index.sort)
                        .expression_attribute_values(name, text(place));
                }
            }
            query = match &filter {
                // A filter drops items after they are read: a limit would only cause more round trips.
                Some(filter) => query
                    .filter_expression(filter.expression)
                    .expression_attribute_names("#filter", filter.attribute)
                    .expression_attribute_values(":filter", filter.value.clone()),
                None => query.limit(i32::try_from(requested).unwrap_or(i32::MAX)),
            };
            let answer = query.send().await?;

            let items = answer.items.unwrap_or_default().into_iter();
            found.extend(items.filter(|item| !places.ends_at(&place(item, index))));
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }

        found.truncate(limit);
        Ok(Read {
            items: found,
            left_at: None,
        })
    }
}

impl Between {
    fn ends_at(&self, place: &str) -> bool {
        [&self.below, &self.above].into_iter().flatten().any(|end| end == place)
    }
}

fn page_of<T: Stored>(items: Vec<Item>, next_cursor: Option<String>) -> Result<Page<T>, StoreError> {
    let items = items.into_iter().map(T::from_item).collect::<Result<_, _>>()?;

    Ok(Page { items, next_cursor })
}

fn place(item: &Item, index: Index) -> String {
    item.get(index.sort)
        .and_then(|value| value.as_s().ok())
        .cloned()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_valid_for_its_own_list_only() {
        let cursor = cursor::encode("lists/PUBLISHED#0", &"2026-11-20T00:00:00.000Z#a");
        let request = PageRequest::new(20, Some(&cursor)).unwrap();

        assert_eq!(
            request.place_in("lists/PUBLISHED#0"),
            Ok(Some("2026-11-20T00:00:00.000Z#a"))
        );
        assert_eq!(request.place_in("owned/OWNER#a"), Err(InvalidCursor));
        assert_eq!(request.round_in("lists/PUBLISHED#0"), Err(InvalidCursor));
    }

    #[test]
    fn a_cursor_of_a_list_whose_items_move_is_read_as_it_was_written() {
        let round = Round::default().next(Some("b".to_owned()), Some("a".to_owned()));
        let Next::Page(round) = round else {
            panic!("there is a next page")
        };
        let cursor = cursor::encode("work/STATE#failed#0", &Mark::Round(round.clone()));
        let request = PageRequest::new(20, Some(&cursor)).unwrap();

        assert_eq!(request.round_in("work/STATE#failed#0"), Ok(round));
        assert_eq!(request.round_in("work/STATE#draft#0"), Err(InvalidCursor));
        assert_eq!(request.place_in("work/STATE#failed#0"), Err(InvalidCursor));
        assert_eq!(PageRequest::first(20).round_in("anything"), Ok(Round::default()));
    }

    #[test]
    fn a_cursor_without_a_place_is_refused() {
        let cursor = cursor::encode("lists/PUBLISHED#0", &"");
        let request = PageRequest::new(20, Some(&cursor)).unwrap();

        assert_eq!(request.place_in("lists/PUBLISHED#0"), Err(InvalidCursor));
        // An empty text in JSON, as base64, which earlier releases accepted.
        assert!(PageRequest::new(20, Some("IiI")).is_err());
        assert!(PageRequest::new(20, Some("")).is_err());
        assert_eq!(PageRequest::first(20).place_in("anything"), Ok(None));
    }
}
