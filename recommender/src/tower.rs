//! The content tower computes factors from the content of a title, so that a title can be recommended as soon as it is
//! published. It is a ridge regression from hashed TF-IDF to the trained factors.

use faer::{Accum, Mat, Par, Side, linalg::matmul::matmul, linalg::solvers::Solve as _};

use crate::als::to_f32;
use crate::artefact::TOWER_BUCKETS;
use crate::content::ContentView;

/// Strength of the ridge. Chosen by hand, not measured yet.
const RIDGE: f64 = 3.0;
/// Titles that are added to the equations at a time.
const ROWS: usize = 512;

/// A title's content in few buckets, so that an exact solution is possible. The hash of a feature gives its bucket and a sign,
/// so that collisions cancel out on average (Weinberger et al. 2009).
fn features(content: ContentView<'_>) -> impl Iterator<Item = (usize, f32)> {
    content.units().into_iter().flat_map(|unit| {
        unit.features.iter().zip(unit.values).map(|(&feature, &value)| {
            // Fibonacci hashing: the features are hashes modulo 2^18 already, and their low bits alone spread less evenly.
            let mixed = feature.wrapping_mul(0x9E37_79B1);
            let bucket = (mixed >> 22) as usize % TOWER_BUCKETS;
            (bucket, if mixed & (1 << 21) == 0 { value } else { -value })
        })
    })
}

/// Learns the projection from titles with content and factors: TOWER_BUCKETS × dimensions.
pub(crate) fn train<'a>(titles: impl Iterator<Item = (ContentView<'a>, &'a [f32])>, dimensions: usize) -> Vec<f32> {
    let mut left = Mat::<f64>::identity(TOWER_BUCKETS, TOWER_BUCKETS) * faer::Scale(RIDGE);
    let mut right = Mat::<f64>::zeros(TOWER_BUCKETS, dimensions);
    let titles: Vec<_> = titles.collect();
    for titles in titles.chunks(ROWS) {
        let mut contents = Mat::<f64>::zeros(titles.len(), TOWER_BUCKETS);
        for (row, (content, _)) in titles.iter().enumerate() {
            for (bucket, value) in features(*content) {
                contents[(row, bucket)] += f64::from(value);
            }
        }
        let factors = Mat::from_fn(titles.len(), dimensions, |row, column| f64::from(titles[row].1[column]));
        let add = |to: &mut Mat<f64>, with: &Mat<f64>| {
            matmul(
                to.as_mut(),
                Accum::Add,
                contents.transpose(),
                with.as_ref(),
                1.0,
                Par::Seq,
            );
        };
        add(&mut left, &contents);
        add(&mut right, &factors);
    }
    let Ok(decomposition) = left.llt(Side::Lower) else {
        return vec![0.0; TOWER_BUCKETS * dimensions];
    };
    let solved = decomposition.solve(right);
    (0..TOWER_BUCKETS)
        .flat_map(|bucket| {
            let solved = &solved;
            (0..dimensions).map(move |column| to_f32(solved[(bucket, column)]))
        })
        .collect()
}

/// The factors that the tower computes for a title's content.
pub(crate) fn project(tower: &[f32], dimensions: usize, content: ContentView<'_>) -> Vec<f32> {
    let mut factors = vec![0.0; dimensions];
    for (bucket, value) in features(content) {
        let row = tower.get(bucket * dimensions..).and_then(|rest| rest.get(..dimensions));
        for (factor, weight) in factors.iter_mut().zip(row.unwrap_or(&[])) {
            *factor += value * weight;
        }
    }
    factors
}
