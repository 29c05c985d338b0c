//! Co-watching: which titles the people of a title watched too.

use rayon::prelude::*;

use crate::als::{Interactions, size};
use crate::artefact::NEIGHBOURS;

/// Two titles belong together when at least so many people watched both.
const TOGETHER: u32 = 2;
/// So many people of a title are asked: more change nothing in what comes first.
const ASKED: usize = 500;

/// For each title at most [`NEIGHBOURS`], filled up with the highest number: by the cosine of their audiences,
/// `n_ij / √(n_i n_j)`, so that what everybody watches is not everybody's neighbour.
pub(super) fn of(by_person: &Interactions<f32>) -> Vec<u32> {
    let by_title = by_person.transposed();
    let fill = || (vec![0u32; by_title.rows()], Vec::new());
    let lists =
        (0..by_title.rows())
            .into_par_iter()
            .map_init(fill, |(counts, met): &mut (Vec<u32>, Vec<u32>), title| {
                let people = by_title.row(title).indices;
                for &person in people.iter().step_by(people.len().div_ceil(ASKED).max(1)) {
                    for &other in by_person.row(person as usize).indices {
                        if counts[other as usize] == 0 {
                            met.push(other);
                        }
                        counts[other as usize] += 1;
                    }
                }
                let alike =
                    |other: u32| f64::from(counts[other as usize]) / size(by_title.row(other as usize).len()).sqrt();
                let mut list: Vec<(u32, f64)> = met
                    .iter()
                    .filter(|&&other| other as usize != title && counts[other as usize] >= TOGETHER)
                    .map(|&other| (other, alike(other)))
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
    fn what_is_watched_together_belongs_together() {
        // Everybody watches 0; 1 and 2 go together; 3 stands alone.
        let rows = [
            vec![0, 1, 2],
            vec![0, 1, 2],
            vec![0, 1, 2],
            vec![0, 3],
            vec![0],
            vec![0],
        ];
        let lists = of(&Interactions::of_rows(4, &rows));
        let list = |title: usize| &lists[title * NEIGHBOURS..][..3];
        assert_eq!(list(1), [2, 0, u32::MAX]);
        assert_eq!(list(3), [u32::MAX; 3], "one person is an accident");
    }
}
