//! What people watch in each territory.

use std::collections::BTreeMap;

use super::dataset::{Decay, Deed};
use crate::als::single;
use crate::artefact::Tensors;
use crate::territory::Territory;

/// So many people of a territory have watched a title, before it is said to be popular there: what one or two people did
/// is theirs.
const LEAST_PEOPLE: u32 = 3;
/// And lately enough to count together as much as one who watched it just now.
const LEAST_POPULARITY: f64 = 1.0;

/// Fills in each territory's titles, the most watched there first. A deed is one person's with one title.
pub(super) fn add<'a>(tensors: &mut Tensors, deeds: impl IntoIterator<Item = &'a Deed>, decay: Decay) {
    let mut counted: BTreeMap<(Territory, u32), (u32, f64)> = BTreeMap::new();
    for deed in deeds {
        if let Some(territory) = deed.territory {
            let (people, popularity) = counted.entry((territory, deed.title)).or_default();
            *people += 1;
            *popularity += deed.weight * decay.at(deed.at);
        }
    }

    let mut territories: BTreeMap<Territory, Vec<(f32, u32)>> = BTreeMap::new();
    for ((territory, title), (people, popularity)) in counted {
        if people >= LEAST_PEOPLE && popularity >= LEAST_POPULARITY {
            territories
                .entry(territory)
                .or_default()
                .push((single(popularity), title));
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
    fn each_territory_has_its_own_order_of_what_enough_people_watched() {
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let decay = Decay {
            half_life_days: 30.0,
            now,
        };
        let old: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let deeds = |territory: &str, title, people, weight| {
            let territory = Territory::try_from(territory.to_owned()).ok();
            let deed = Deed {
                title,
                territory,
                weight,
                at: now,
            };
            vec![deed; people]
        };
        let mut everything = [
            deeds("FR", 0, 3, 1.0),
            deeds("FR", 1, 5, 1.0),
            deeds("DE", 1, 4, 0.5),
            deeds("DE", 0, 3, 1.0),
            deeds("DE", 2, 2, 1.0),
            deeds("DE", 3, 3, 0.3),
            deeds("nowhere", 2, 9, 1.0),
        ]
        .concat();
        let german = |deed: &&mut Deed| deed.territory.is_some() && deed.title == 1 && deed.weight < 1.0;
        everything.iter_mut().filter(german).for_each(|deed| deed.at = old);
        let mut tensors = Tensors::default();

        add(&mut tensors, &everything, decay);

        assert_eq!(
            tensors.audiences,
            ["DE", "FR"].map(|code| u16::from_be_bytes([code.as_bytes()[0], code.as_bytes()[1]]))
        );
        assert_eq!(tensors.audience_starts, [0, 2, 4]);
        assert_eq!(
            tensors.audience_titles,
            [0, 1, 1, 0],
            "neither two people are enough nor three who only looked in"
        );
        assert_eq!(
            tensors.audience_popularity,
            [3.0, 1.0, 5.0, 3.0],
            "what is old counts less"
        );
    }
}
