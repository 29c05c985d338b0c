//! Exact top-k: the titles whose factors have the largest product with a person's. It reads coarse codes of one byte a factor
//! for all titles; their error is bounded (Cauchy–Schwarz), so that exact products are needed only for titles that could be
//! among the best.

#![expect(
    clippy::inline_always,
    reason = "the processor's instructions are chosen where the loops are entered"
)]

use pulp::{Simd, WithSimd};

use crate::model::{Codes, Model};

/// Steps of the quantised person's factors: with them, sums of products with bytes fit into 32 bits up to 8,000 dimensions.
const STEPS: f32 = 2047.0;
/// Titles whose bounds are computed at a time: they fit into the processor's cache.
const BLOCK: usize = 256;

/// The wanted titles of the model with the highest scores, best first; of equal scores the lower index first.
pub(super) fn best(model: &Model, person: &[f32], count: usize, wanted: impl Fn(usize) -> bool) -> Vec<(f32, usize)> {
    if count == 0 || model.dimensions() == 0 {
        return Vec::new();
    }
    let coarse = Coarse::new(model, person);
    let mut floor = Floor::new(count);
    let mut possible = Vec::new();
    coarse.each(|title, low, high| {
        if high >= floor.value && wanted(title) {
            possible.push((high, title));
            floor.raise(low);
        }
    });

    let mut exact: Vec<(f32, usize)> = possible
        .into_iter()
        .filter(|&(high, _)| high >= floor.value)
        .map(|(_, title)| (dot(person, model.factors(title)), title))
        .collect();
    exact.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    exact.truncate(count);
    exact
}

/// The product of two rows of factors. It has sixteen partial sums, because a single one makes each addition wait for the
/// previous one.
pub(super) fn dot(left: &[f32], right: &[f32]) -> f32 {
    const LANES: usize = 16;
    let (lefts, left) = left.as_chunks::<LANES>();
    let (rights, right) = right.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (left, right) in lefts.iter().zip(rights) {
        for lane in 0..LANES {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let rest = left.iter().zip(right).map(|(left, right)| left * right);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}

/// The quantised person, to be compared with the coarse codes.
struct Coarse<'a> {
    /// The person's factors are `steps · step`, with an error of `error`; their length is `length`.
    steps: Vec<i16>,
    step: f32,
    length: f32,
    error: f32,
    codes: Codes<'a>,
}

impl<'a> Coarse<'a> {
    fn new(model: &'a Model, person: &[f32]) -> Self {
        let largest = person.iter().fold(0.0, |max: f32, factor| max.max(factor.abs()));
        let step = if largest > 0.0 { largest / STEPS } else { 1.0 };
        let steps: Vec<i16> = person.iter().map(|factor| whole(factor / step)).collect();
        let rounded = person
            .iter()
            .zip(&steps)
            .map(|(factor, &steps)| (factor - f32::from(steps) * step).powi(2));
        Self {
            step,
            length: dot(person, person).sqrt(),
            error: rounded.sum::<f32>().sqrt(),
            steps,
            codes: model.codes(),
        }
    }

    /// Calls `take` with every title and the bounds of its score.
    fn each(&self, mut take: impl FnMut(usize, f32, f32)) {
        let mut bounds = [(0.0, 0.0); BLOCK];
        let processor = pulp::Arch::new();
        for first in (0..self.codes.scales.len()).step_by(BLOCK) {
            let titles = first..(first + BLOCK).min(self.codes.scales.len());
            let bounds = &mut bounds[..titles.len()];
            processor.dispatch(Block {
                coarse: self,
                first,
                bounds,
            });
            for (title, &(low, high)) in titles.zip(&*bounds) {
                take(title, low, high);
            }
        }
    }
}

/// A block of consecutive titles.
struct Block<'a> {
    coarse: &'a Coarse<'a>,
    first: usize,
    bounds: &'a mut [(f32, f32)],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Coarse {
            ref steps,
            step,
            length,
            error,
            codes,
        } = *self.coarse;
        let codes = codes.from(self.first);
        let titles = codes.bytes.chunks_exact(steps.len()).zip(codes.scales);
        let off = codes.errors.iter().zip(codes.lengths);
        for (bound, ((bytes, scale), (off, long))) in self.bounds.iter_mut().zip(titles.zip(off)) {
            let products = bytes
                .iter()
                .zip(steps)
                .map(|(&byte, &steps)| i32::from(byte) * i32::from(steps));
            let middle = float(products.sum()) * scale * step;
            // |p·h − p̂·ĥ| ≤ |p| |h − ĥ| + |p − p̂| |ĥ|, and a margin for the rounding of this sum.
            let off = (length * off + error * long) * 1.001 + middle.abs() * 1e-5;
            *bound = (middle - off, middle + off);
        }
    }
}

/// The lowest of the `count` highest numbers so far.
struct Floor {
    value: f32,
    count: usize,
    highest: Vec<f32>,
}

impl Floor {
    fn new(count: usize) -> Self {
        Self {
            value: f32::NEG_INFINITY,
            count,
            highest: Vec::with_capacity(count * 2),
        }
    }

    /// Collects numbers and drops the lower half when full, which is cheaper than keeping them sorted.
    fn raise(&mut self, number: f32) {
        if number <= self.value {
            return;
        }
        self.highest.push(number);
        if self.highest.len() == self.count * 2 {
            self.highest
                .select_nth_unstable_by(self.count - 1, |left, right| right.total_cmp(left));
            self.highest.truncate(self.count);
            self.value = self.highest[self.count - 1];
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is at most STEPS, or saturates")]
fn whole(number: f32) -> i16 {
    number.round() as i16
}

#[expect(clippy::cast_precision_loss, reason = "the bound includes the error")]
#[inline(always)]
fn float(number: i32) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::tests::document;
    use crate::model::tests::model;

    /// Two blocks and a part of a third.
    const TITLES: u32 = 600;

    fn trained() -> Model {
        let titles = (0..TITLES)
            .map(|number| (document(&format!("{number:03}"), "A", "", ""), 0.0))
            .collect();
        let people: Vec<Vec<u32>> = (0..150u32)
            .map(|person| (0..TITLES).filter(|title| (title * person) % 17 < 3).collect())
            .collect();
        model(titles, &people)
    }

    #[test]
    fn of_equal_scores_the_first_title_comes_first() {
        let found = best(&trained(), &[0.0; 8], 3, |_| true);
        assert_eq!(found, [(0.0, 0), (0.0, 1), (0.0, 2)]);
    }

    #[test]
    fn every_score_lies_between_its_bounds() {
        let model = trained();
        proptest!(|(person in prop::collection::vec(-1f32..1.0, 8))| {
            let mut bounds = Vec::new();
            Coarse::new(&model, &person).each(|title, low, high| bounds.push((title, low, high)));
            prop_assert_eq!(bounds.len(), model.titles());
            for (title, low, high) in bounds {
                let score = dot(&person, model.factors(title));
                prop_assert!(low <= score && score <= high, "{score} is not between {low} and {high}");
            }
        });
    }

    #[test]
    fn the_best_are_those_of_a_full_search() {
        let model = trained();
        proptest!(|(person in prop::collection::vec(-1f32..1.0, 8), count in 1usize..40, every in 1usize..4)| {
            let wanted = |title: usize| title.is_multiple_of(every);
            let found = best(&model, &person, count, wanted);
            let mut all: Vec<_> =
                (0..TITLES as usize).filter(|&title| wanted(title)).map(|title| (dot(&person, model.factors(title)), title)).collect();
            all.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
            all.truncate(count);
            prop_assert_eq!(found, all);
        });
    }
}
