//! The popularity of titles in each territory.

use std::collections::BTreeMap;

use recommender_protocol::Territory;

use super::dataset::{Decay, Observation};
use crate::als::to_f32;
use crate::artefact::Tensors;

/// A title needs this number of viewers in a territory to be called popular there: the actions of one or two people are
/// private.
const MIN_PEOPLE: u32 = 3;
/// And a decayed popularity as high as of one person who watched it just now.
const MIN_POPULARITY: f64 = 1.0;

/// Fills in the titles of each territory, the most watched there first.
pub(super) fn add<'a>(tensors: &mut Tensors, observations: impl IntoIterator<Item = &'a Observation>, decay: Decay) {
    let mut counted: BTreeMap<(Territory, u32), (u32, f64)> = BTreeMap::new();
    for observation in observations {
        if let Some(territory) = observation.territory {
            let (people, popularity) = counted.entry((territory, observation.title)).or_default();
            *people += 1;
            *popularity += observation.weight * decay.at(observation.at);
        }
    }

    let mut territories: BTreeMap<Territory, Vec<(f32, u32)>> = BTreeMap::new();
    for ((territory, title), (people, popularity)) in counted {
        if people >= MIN_PEOPLE && popularity >= MIN_POPULARITY {
            territories
                .entry(territory)
                .or_default()
                .push((to_f32(popularity), title));
        }
    }
    tensors.audience_starts = vec![0];
    for (territory, mut titles) in territories {
        titles.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        let (popularity, titles): (Vec<f32>, Vec<u32>) = titles.into_iter().unzip();
        tensors.audiences.push(territory.to_number());
        tensors.audience_titles.extend(titles);
        tensors.audience_popularity.extend(popularity);
        tensors.audience_starts.push(tensors.audience_titles.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn each_territory_orders_titles_with_enough_viewers() {
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let decay = Decay {
            half_life_days: 30.0,
            now,
        };
        let old: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let observations = |territory: &str, title, people, weight| {
            let territory = Territory::try_from(territory.to_owned()).ok();
            let observation = Observation {
                title,
                territory,
                weight,
                at: now,
            };
            vec![observation; people]
        };
        let mut all = [
            observations("FR", 0, 3, 1.0),
            observations("FR", 1, 5, 1.0),
            observations("DE", 1, 4, 0.5),
            observations("DE", 0, 3, 1.0),
            observations("DE", 2, 2, 1.0),
            observations("DE", 3, 3, 0.3),
            observations("nowhere", 2, 9, 1.0),
        ]
        .concat();
        let german = |observation: &&mut Observation| {
            observation.territory.is_some() && observation.title == 1 && observation.weight < 1.0
        };
        all.iter_mut()
            .filter(german)
            .for_each(|observation| observation.at = old);
        let mut tensors = Tensors::default();

        add(&mut tensors, &all, decay);

        assert_eq!(
            tensors.audiences,
            ["DE", "FR"].map(|code| u16::from_be_bytes([code.as_bytes()[0], code.as_bytes()[1]]))
        );
        assert_eq!(tensors.audience_starts, [0, 2, 4]);
        assert_eq!(
            tensors.audience_titles,
            [0, 1, 1, 0],
            "neither two viewers are enough nor three who watched little"
        );
        assert_eq!(
            tensors.audience_popularity,
            [3.0, 1.0, 5.0, 3.0],
            "old observations count less"
        );
    }
}
