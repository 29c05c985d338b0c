//! The innermost loops: what interactions add to the equations of a block, and solving them. Everything has a fixed size
//! and is inlined into [`pulp::Arch::dispatch`], which picks the widest registers that the processor has.

#![expect(
    clippy::inline_always,
    reason = "the processor's instructions are chosen where the kernel is entered"
)]

use pulp::Simd;

use super::Real;

/// How many dimensions are solved for together: as many `f32` as the widest register holds.
pub(super) const BLOCK: usize = 16;

/// Numbers of one block, in whole registers.
pub(super) type Vector<T> = [T; BLOCK];

/// A block of a row.
#[inline(always)]
pub(super) fn block<T>(row: &[T], number: usize) -> &Vector<T> {
    &row.as_chunks().0[number]
}

/// A block of a row.
#[inline(always)]
pub(super) fn block_mut<T>(row: &mut [T], number: usize) -> &mut Vector<T> {
    &mut row.as_chunks_mut().0[number]
}

/// `sum + left · right`, lane by lane.
#[inline(always)]
pub(super) fn multiply<T: Real, S: Simd>(
    simd: S,
    left: &Vector<T>,
    right: &Vector<T>,
    sum: T::Lanes<S>,
) -> T::Lanes<S> {
    let pairs = T::lanes::<S>(left).iter().zip(T::lanes::<S>(right));
    pairs.fold(sum, |sum, (&left, &right)| T::mul_add(simd, left, right, sum))
}

/// The product of two blocks.
#[inline(always)]
pub(super) fn dot<T: Real, S: Simd>(simd: S, left: &Vector<T>, right: &Vector<T>) -> T {
    T::sum(simd, multiply(simd, left, right, T::splat(simd, T::default())))
}

/// The equations of one block, `hessian · step = −gradient`.
pub(super) struct Equations<T> {
    pub(super) hessian: [Vector<T>; BLOCK],
    pub(super) gradient: Vector<T>,
}

impl<T: Real> Equations<T> {
    /// Adds interactions `(h, weight, residual)`: `weight · h hᵀ` to the hessian, `weight · residual · h` to the gradient.
    #[inline(always)]
    pub(super) fn add<'a, S: Simd>(
        &mut self,
        simd: S,
        interactions: &(impl Iterator<Item = (&'a Vector<T>, T, T)> + Clone),
    ) where
        T: 'a,
    {
        // As many rows of the hessian at a time as registers hold.
        match BLOCK / lanes::<T, S>() {
            1 => self.add_rows::<S, 16, 1>(simd, interactions),
            2 => self.add_rows::<S, 4, 2>(simd, interactions),
            4 => self.add_rows::<S, 4, 4>(simd, interactions),
            8 => self.add_rows::<S, 2, 8>(simd, interactions),
            _ => self.add_rows::<S, 1, 16>(simd, interactions),
        }
    }

    #[inline(always)]
    fn add_rows<'a, S: Simd, const ROWS: usize, const WIDTH: usize>(
        &mut self,
        simd: S,
        interactions: &(impl Iterator<Item = (&'a Vector<T>, T, T)> + Clone),
    ) where
        T: 'a,
    {
        let zero = T::splat(simd, T::default());
        let mut gradient = [zero; WIDTH];
        for (part, rows) in self.hessian.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
            let mut sums = [[zero; WIDTH]; ROWS];
            for (h, weight, residual) in interactions.clone() {
                let mut lanes: [T::Lanes<S>; WIDTH] = T::lanes::<S>(h).as_chunks().0[0];
                for lane in &mut lanes {
                    *lane = T::mul_add(simd, *lane, T::splat(simd, weight), zero);
                }
                for row in 0..ROWS {
                    let number = T::splat(simd, h[part * ROWS + row]);
                    for lane in 0..WIDTH {
                        sums[row][lane] = T::mul_add(simd, number, lanes[lane], sums[row][lane]);
                    }
                }
                if part == 0 {
                    let residual = T::splat(simd, residual);
                    for lane in 0..WIDTH {
                        gradient[lane] = T::mul_add(simd, residual, lanes[lane], gradient[lane]);
                    }
                }
            }
            for (row, sums) in rows.iter_mut().zip(sums) {
                plus(simd, row, T::of(1.0), sums.as_slice());
            }
        }
        plus(simd, &mut self.gradient, T::of(1.0), &gradient);
    }

    /// The step that solves them, by Gaussian elimination (`L D Lᵀ`: the hessian is symmetric and positive definite).
    #[inline(always)]
    pub(super) fn solve<S: Simd>(&mut self, simd: S) -> Vector<T> {
        let minus = |number: T| T::default() - number;
        // factors[row][pivot]: how often the pivot's row was taken from the row.
        let mut factors = [[T::default(); BLOCK]; BLOCK];
        let mut step = [T::default(); BLOCK];
        for pivot in 0..BLOCK {
            let eliminating = self.hessian[pivot];
            let reciprocal = T::of(1.0) / eliminating[pivot];
            step[pivot] = minus(self.gradient[pivot]) * reciprocal;
            plus(simd, &mut self.gradient, step[pivot], T::lanes::<S>(&eliminating));
            for row in pivot + 1..BLOCK {
                let factor = eliminating[row] * reciprocal;
                factors[row][pivot] = factor;
                plus(simd, &mut self.hessian[row], minus(factor), T::lanes::<S>(&eliminating));
            }
        }
        for pivot in (1..BLOCK).rev() {
            let solved = minus(step[pivot]);
            plus(simd, &mut step, solved, T::lanes::<S>(&factors[pivot]));
        }
        step
    }
}

/// `to + factor · summand`.
#[inline(always)]
pub(super) fn plus<T: Real, S: Simd>(simd: S, to: &mut Vector<T>, factor: T, summand: &[T::Lanes<S>]) {
    let factor = T::splat(simd, factor);
    for (to, &summand) in T::lanes_mut::<S>(to).iter_mut().zip(summand) {
        *to = T::mul_add(simd, factor, summand, *to);
    }
}

/// `to + Σ factor · row`.
#[inline(always)]
pub(super) fn combine<T: Real, S: Simd>(simd: S, to: &mut Vector<T>, rows: &[Vector<T>], factors: &[T]) {
    // Several sums at a time: each addition waits for the one before it.
    const SUMS: usize = 4;
    let zero = T::splat(simd, T::default());
    for (lane, to) in T::lanes_mut::<S>(to).iter_mut().enumerate() {
        let mut sums = [zero; SUMS];
        for (rows, factors) in rows.as_chunks::<SUMS>().0.iter().zip(factors.as_chunks::<SUMS>().0) {
            for sum in 0..SUMS {
                let row = T::lanes::<S>(&rows[sum])[lane];
                sums[sum] = T::mul_add(simd, T::splat(simd, factors[sum]), row, sums[sum]);
            }
        }
        let one = T::splat(simd, T::of(1.0));
        for sum in sums {
            *to = T::mul_add(simd, one, sum, *to);
        }
    }
}

/// How many numbers a register holds.
#[inline(always)]
fn lanes<T: Real, S: Simd>() -> usize {
    size_of::<T::Lanes<S>>() / size_of::<T>()
}
