//! Exact top-k: the titles whose factors have the largest product with somebody's. Coarse codes of a byte a factor are
//! read for all titles; their error is bounded (Cauchy–Schwarz), so that only titles that could be among the best are
//! looked at exactly.

#![expect(
    clippy::inline_always,
    reason = "the processor's instructions are chosen where the loops are entered"
)]

use pulp::{Simd, WithSimd};

use crate::model::{Codes, Model};

/// The person's factors are kept in so many steps: products with bytes add up in 32 bits for up to 8,000 dimensions.
const STEPS: f32 = 2047.0;

/// The titles of the model with the highest scores, best first, of those that are wanted; of equals the first.
pub(super) fn best(model: &Model, person: &[f32], count: usize, wanted: impl Fn(usize) -> bool) -> Vec<(f32, usize)> {
    if count == 0 || model.dimensions() == 0 {
        return Vec::new();
    }
    let coarse = coarse(model, person);
    let mut floor = Floor::new(count);
    for (title, &(low, _)) in coarse.iter().enumerate() {
        if low > floor.value && wanted(title) {
            floor.raise(low);
        }
    }

    let mut exact: Vec<(f32, usize)> = coarse
        .iter()
        .enumerate()
        .filter(|&(title, &(_, high))| high >= floor.value && wanted(title))
        .map(|(title, _)| (dot(person, model.factors(title)), title))
        .collect();
    exact.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    exact.truncate(count);
    exact
}

/// The product of two rows of factors. Sixteen sums side by side, for a single one would make each addition wait for the one
/// before it.
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

/// For every title, between which two numbers its score is.
fn coarse(model: &Model, person: &[f32]) -> Vec<(f32, f32)> {
    let largest = person.iter().fold(0.0, |most: f32, factor| most.max(factor.abs()));
    let step = if largest > 0.0 { largest / STEPS } else { 1.0 };
    let steps: Vec<i16> = person.iter().map(|factor| whole(factor / step)).collect();
    let length = dot(person, person).sqrt();
    let rounded = person
        .iter()
        .zip(&steps)
        .map(|(factor, &steps)| (factor - f32::from(steps) * step).powi(2));
    pulp::Arch::new().dispatch(Coarse {
        steps: &steps,
        step,
        length,
        error: rounded.sum::<f32>().sqrt(),
        codes: model.codes(),
    })
}

struct Coarse<'a> {
    /// The person's factors: `steps · step`, off by `error`; their `length`.
    steps: &'a [i16],
    step: f32,
    length: f32,
    error: f32,
    codes: Codes<'a>,
}

impl WithSimd for Coarse<'_> {
    type Output = Vec<(f32, f32)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let codes = self.codes;
        let titles = codes.bytes.chunks_exact(self.steps.len()).zip(codes.scales);
        let of = |((bytes, scale), (error, length)): ((&[i8], &f32), (&f32, &f32))| {
            let products = bytes
                .iter()
                .zip(self.steps)
                .map(|(&byte, &steps)| i32::from(byte) * i32::from(steps));
            let middle = float(products.sum()) * scale * self.step;
            // |p·h − p̂·ĥ| ≤ |p| |h − ĥ| + |p − p̂| |ĥ|, and a little for the rounding of this very sum.
            let off = (self.length * error + self.error * length) * 1.001 + middle.abs() * 1e-5;
            (middle - off, middle + off)
        };
        titles.zip(codes.errors.iter().zip(codes.lengths)).map(of).collect()
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

    /// Numbers are gathered and thinned out now and then, which is cheaper than keeping them in order.
    fn raise(&mut self, number: f32) {
        self.highest.push(number);
        if self.highest.len() == self.count * 2 {
            self.highest
                .select_nth_unstable_by(self.count - 1, |left, right| right.total_cmp(left));
            self.highest.truncate(self.count);
            self.value = self.highest[self.count - 1];
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is at most STEPS")]
fn whole(number: f32) -> i16 {
    number.round() as i16
}

#[expect(clippy::cast_precision_loss, reason = "the bound makes up for it")]
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

    fn trained() -> Model {
        let titles = (0..200)
            .map(|number| (document(&format!("{number:03}"), "A", "", ""), 0.0))
            .collect();
        let people: Vec<Vec<u32>> = (0..150u32)
            .map(|person| (0..200).filter(|title| (title * person) % 17 < 3).collect())
            .collect();
        model(titles, &people)
    }

    #[test]
    fn of_equals_the_first_comes_first() {
        let found = best(&trained(), &[0.0; 8], 3, |_| true);
        assert_eq!(found, [(0.0, 0), (0.0, 1), (0.0, 2)]);
    }

    #[test]
    fn every_score_lies_between_its_bounds() {
        let model = trained();
        proptest!(|(person in prop::collection::vec(-1f32..1.0, 8))| {
            for (title, (low, high)) in coarse(&model, &person).into_iter().enumerate() {
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
                (0..200).filter(|&title| wanted(title)).map(|title| (dot(&person, model.factors(title)), title)).collect();
            all.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
            all.truncate(count);
            prop_assert_eq!(found, all);
        });
    }
}
