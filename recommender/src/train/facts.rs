//! Catalogue facts of titles, stored for the filters and orders of `serve`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use recommender_protocol::Territory;

use crate::als::to_f32;
use crate::artefact::Tensors;
use crate::document::{self, Document};
use crate::model::{UNKNOWN, UNRATED};

/// Fills in all arrays that depend on the titles only, and the order by `popularity`.
pub(super) fn add(tensors: &mut Tensors, titles: &[Document]) {
    tensors.published = titles.iter().map(published).collect();
    tensors.creators = titles
        .iter()
        .map(|title| document::creator(title).unwrap_or_default())
        .collect();
    let mut makers: BTreeMap<u64, f64> = BTreeMap::new();
    for (&creator, &popularity) in tensors.creators.iter().zip(&tensors.popularity) {
        if creator != 0 {
            *makers.entry(creator).or_default() += f64::from(popularity);
        }
    }
    (tensors.makers, tensors.maker_popularity) = makers
        .into_iter()
        .map(|(creator, popularity)| (creator, to_f32(popularity)))
        .unzip();
    tensors.maturity = titles.iter().map(|title| title.maturity.unwrap_or(UNRATED)).collect();
    tensors.territory_starts = vec![0];
    for title in titles {
        let territories = title.territories.iter().flatten().copied().map(Territory::to_number);
        tensors.territories.extend(territories);
        tensors.territory_starts.push(tensors.territories.len() as u64);
    }
    let episodes = titles
        .iter()
        .map(|title| document::in_series(title).unwrap_or_default());
    (tensors.series, tensors.episodes) = episodes.unzip();
    order(tensors, titles.len());
}

fn published(title: &Document) -> i64 {
    title.published_at.map_or(UNKNOWN, Timestamp::as_second)
}

fn order(tensors: &mut Tensors, titles: usize) {
    let Tensors {
        popularity,
        published,
        series,
        episodes,
        ..
    } = &*tensors;
    let newer = |left: usize, right: usize| published[right].cmp(&published[left]);
    let more_watched = |left: usize, right: usize| popularity[right].total_cmp(&popularity[left]);
    let earlier = |left: usize, right: usize| (series[left], episodes[left]).cmp(&(series[right], episodes[right]));

    let by_popularity = ordered(0..titles, |left, right| {
        more_watched(left, right).then_with(|| newer(left, right))
    });
    let by_age = ordered(0..titles, newer);
    let by_series = ordered((0..titles).filter(|&title| series[title] != 0), earlier);
    (tensors.by_popularity, tensors.by_age, tensors.by_series) = (by_popularity, by_age, by_series);
}

/// Titles' indices in an order; of equal titles the lower index first.
#[expect(
    clippy::cast_possible_truncation,
    reason = "an index of titles has 32 bits everywhere"
)]
fn ordered(titles: impl Iterator<Item = usize>, order: impl Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut numbers: Vec<usize> = titles.collect();
    numbers.sort_by(|&left, &right| order(left, right));
    numbers.into_iter().map(|number| number as u32).collect()
}
