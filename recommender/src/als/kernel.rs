//! The innermost loops. They are inlined into [`pulp::Arch::dispatch`], which picks the widest registers of the processor.

#![expect(
    clippy::inline_always,
    reason = "the processor's instructions are chosen where the kernel is entered"
)]

use pulp::Simd;

use super::Scalar;

/// Rows are padded to a multiple of this: the number of `f32` in the widest register.
pub(super) const BLOCK: usize = 16;

/// The product of each row with another row.
#[inline(always)]
pub(super) fn products<T: Scalar, S: Simd, const ROWS: usize>(simd: S, rows: [&[T]; ROWS], other: &[T]) -> [T; ROWS] {
    let other = T::lanes::<S>(other);
    let mut lanes = [other; ROWS];
    for (lanes, row) in lanes.iter_mut().zip(rows) {
        *lanes = &T::lanes::<S>(row)[..other.len()];
    }
    // All rows in one loop: within a row, each addition waits for the previous one.
    let mut sums = [T::splat(simd, T::default()); ROWS];
    for (lane, &other) in other.iter().enumerate() {
        for (sum, row) in sums.iter_mut().zip(lanes) {
            *sum = T::mul_add(simd, row[lane], other, *sum);
        }
    }
    let mut products = [T::default(); ROWS];
    for (product, sum) in products.iter_mut().zip(sums) {
        *product = T::sum(simd, sum);
    }
    products
}

/// `to + Σ factor · row`.
#[inline(always)]
pub(super) fn combine<T: Scalar, S: Simd, const ROWS: usize>(
    simd: S,
    to: &mut [T],
    factors: [T; ROWS],
    rows: [&[T]; ROWS],
) {
    let to = T::lanes_mut::<S>(to);
    let mut lanes: [&[T::Lanes<S>]; ROWS] = [&[]; ROWS];
    let mut wide = [T::splat(simd, T::default()); ROWS];
    for row in 0..ROWS {
        lanes[row] = &T::lanes::<S>(rows[row])[..to.len()];
        wide[row] = T::splat(simd, factors[row]);
    }
    for (lane, to) in to.iter_mut().enumerate() {
        let mut sum = *to;
        for (row, factor) in lanes.iter().zip(wide) {
            sum = T::mul_add(simd, factor, row[lane], sum);
        }
        *to = sum;
    }
}

/// `to[i] + factor · left[i] · right[i]`.
#[inline(always)]
pub(super) fn multiply<T: Scalar, S: Simd>(simd: S, to: &mut [T], factor: T, left: &[T], right: &[T]) {
    let (zero, factor) = (T::splat(simd, T::default()), T::splat(simd, factor));
    let pairs = T::lanes::<S>(left).iter().zip(T::lanes::<S>(right));
    for (to, (&left, &right)) in T::lanes_mut::<S>(to).iter_mut().zip(pairs) {
        *to = T::mul_add(simd, T::mul_add(simd, factor, left, zero), right, *to);
    }
}

/// `left[i] · right[i] + factor · to[i]`.
#[inline(always)]
pub(super) fn scale_and_add<T: Scalar, S: Simd>(simd: S, to: &mut [T], factor: T, left: &[T], right: &[T]) {
    let (zero, factor) = (T::splat(simd, T::default()), T::splat(simd, factor));
    let pairs = T::lanes::<S>(left).iter().zip(T::lanes::<S>(right));
    for (to, (&left, &right)) in T::lanes_mut::<S>(to).iter_mut().zip(pairs) {
        *to = T::mul_add(simd, left, right, T::mul_add(simd, factor, *to, zero));
    }
}

/// `Σ weight[i] · row[i]²`.
#[inline(always)]
pub(super) fn squares<T: Scalar, S: Simd>(simd: S, weights: &[T], row: &[T]) -> T {
    let zero = T::splat(simd, T::default());
    let mut sum = zero;
    for (&weight, &number) in T::lanes::<S>(weights).iter().zip(T::lanes::<S>(row)) {
        sum = T::mul_add(simd, T::mul_add(simd, weight, number, zero), number, sum);
    }
    T::sum(simd, sum)
}
