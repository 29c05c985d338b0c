//! Co-watching: the titles that the viewers of a title watched too.

use rayon::prelude::*;

use crate::als::{Interactions, to_f64};
use crate::artefact::NEIGHBOURS;

/// Two titles are co-watched if at least this number of people watched both.
const MIN_COMMON_PEOPLE: u32 = 2;
/// Viewers of a title that are sampled: more do not change the first places.
const MAX_SAMPLED_PEOPLE: usize = 500;

/// For each title at most [`NEIGHBOURS`] titles, padded with the highest number, by the cosine of their audiences
/// `n_ij / √(n_i n_j)`, so that the most popular titles are not the neighbours of all.
pub(super) fn find(by_person: &Interactions<f32>) -> Vec<u32> {
    let by_title = by_person.transposed();
    let fill = || (vec![0u32; by_title.rows()], Vec::new());
    let lists =
        (0..by_title.rows())
            .into_par_iter()
            .map_init(fill, |(counts, met): &mut (Vec<u32>, Vec<u32>), title| {
                let people = by_title.row(title).indices;
                for &person in people.iter().step_by(people.len().div_ceil(MAX_SAMPLED_PEOPLE).max(1)) {
                    for &other in by_person.row(person as usize).indices {
                        if counts[other as usize] == 0 {
                            met.push(other);
                        }
                        counts[other as usize] += 1;
                    }
                }
                let similarity =
                    |other: u32| f64::from(counts[other as usize]) / to_f64(by_title.row(other as usize).len()).sqrt();
                let mut list: Vec<(u32, f64)> = met
                    .iter()
                    .filter(|&&other| other as usize != title && counts[other as usize] >= MIN_COMMON_PEOPLE)
                    .map(|&other| (other, similarity(other)))
                    .collect();
                list.sort_unstable_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
                for other in met.drain(..) {
                    counts[other as usize] = 0;
                }
                let mut closest = [u32::MAX; NEIGHBOURS];
                for (place, (other, _)) in closest.iter_mut().zip(list) {
                    *place = other;
                }
                closest
            });
    lists.collect::<Vec<_>>().into_flattened()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn co_watched_titles_are_neighbours() {
        // All watch title 0; titles 1 and 2 have the same viewers; title 3 has one.
        let rows = [
            vec![0, 1, 2],
            vec![0, 1, 2],
            vec![0, 1, 2],
            vec![0, 3],
            vec![0],
            vec![0],
        ];
        let lists = find(&Interactions::from_rows(4, &rows));
        let list = |title: usize| &lists[title * NEIGHBOURS..][..3];
        assert_eq!(list(1), [2, 0, u32::MAX]);
        assert_eq!(list(3), [u32::MAX; 3], "one person is not enough");
    }
}
