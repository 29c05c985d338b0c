//! Catalogue facts and popularity of the model's titles, by which rows are filtered and ordered.

use recommender_protocol::Territory;

use super::{Model, UNKNOWN, UNRATED, between};
use crate::artefact::MappedTensors;

impl Model {
    pub(crate) fn popularity(&self, title: usize) -> f32 {
        self.get(|trained| trained.artefact.tensors.popularity().get(title).copied())
            .unwrap_or_default()
    }

    /// When it was published, in seconds of Unix time, or [`UNKNOWN`].
    pub(crate) fn published(&self, title: usize) -> i64 {
        self.get(|trained| trained.artefact.tensors.published().get(title).copied())
            .unwrap_or(UNKNOWN)
    }

    /// The titles, the most watched first; of equal titles the newer, then the one with the lower index.
    pub(crate) fn by_popularity(&self) -> impl Iterator<Item = usize> {
        self.ordered(MappedTensors::by_popularity)
    }

    /// The titles, the newest first; of equal titles the one with the lower index.
    pub(crate) fn by_age(&self) -> impl Iterator<Item = usize> {
        self.ordered(MappedTensors::by_age)
    }

    fn ordered<'a>(&'a self, order: fn(&'a MappedTensors) -> &'a [u32]) -> impl Iterator<Item = usize> {
        let order = self.get(|trained| Some(order(&trained.artefact.tensors)));
        order.unwrap_or_default().iter().map(|&title| title as usize)
    }

    /// The hash of the creator of a title, if it is known.
    pub(crate) fn creator(&self, title: usize) -> Option<u64> {
        self.get(|trained| trained.artefact.tensors.creators().get(title).copied())
            .filter(|&creator| creator != 0)
    }

    /// The summed popularity of a creator's titles.
    pub(crate) fn creator_popularity(&self, creator: u64) -> f32 {
        self.get(|trained| {
            let tensors = &trained.artefact.tensors;
            let place = tensors.makers().binary_search(&creator).ok()?;
            tensors.maker_popularity().get(place).copied()
        })
        .unwrap_or_default()
    }

    /// The minimum age of a title's viewers, if it has a rating.
    pub(crate) fn maturity(&self, title: usize) -> Option<u8> {
        self.get(|trained| trained.artefact.tensors.maturity().get(title).copied())
            .filter(|&age| age != UNRATED)
    }

    /// Whether a title may be shown in a territory.
    pub(crate) fn is_shown_in(&self, title: usize, territory: Territory) -> bool {
        let territories = self.get(|trained| {
            let tensors = &trained.artefact.tensors;
            between(tensors.territories(), tensors.territory_starts(), title)
        });
        territories.is_some_and(|all| all.is_empty() || all.contains(&territory.to_number()))
    }

    /// The hash of an episode's series, and its place in the series.
    pub(crate) fn series(&self, title: usize) -> Option<(u64, u32)> {
        self.get(|trained| {
            let tensors = &trained.artefact.tensors;
            Some((*tensors.series().get(title)?, *tensors.episodes().get(title)?))
        })
        .filter(|&(series, _)| series != 0)
    }

    /// The episodes of a series: their places and titles, in that order.
    pub(crate) fn episodes(&self, series: u64) -> impl Iterator<Item = (u32, usize)> {
        let all = self.get(|trained| Some(trained.artefact.tensors.by_series()));
        let all = all.unwrap_or_default();
        let series_of = move |title: &u32| self.series(*title as usize);
        let first = all.partition_point(move |title| series_of(title).is_some_and(|(other, _)| other < series));
        all[first..].iter().map_while(move |title| match series_of(title) {
            Some((other, episode)) if other == series => Some((episode, *title as usize)),
            _ => None,
        })
    }

    /// The titles that are watched in a territory, with their popularity there, the most watched first.
    pub(crate) fn watched_in(&self, territory: Territory) -> impl Iterator<Item = (f32, usize)> {
        let watched = self.get(|trained| {
            let tensors = &trained.artefact.tensors;
            let place = tensors.audiences().binary_search(&territory.to_number()).ok()?;
            let starts = tensors.audience_starts();
            let titles = between(tensors.audience_titles(), starts, place)?;
            Some((between(tensors.audience_popularity(), starts, place)?, titles))
        });
        let (popularity, titles) = watched.unwrap_or_default();
        popularity
            .iter()
            .copied()
            .zip(titles.iter().map(|&title| title as usize))
    }
}
