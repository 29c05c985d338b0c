//! The type of factors: `f32` in production, `f64` in tests that compare with an exact solution.

use faer::traits::{ComplexField as _, RealField};
use pulp::Simd;
use rand::Rng;
use rand_distr::{Distribution as _, StandardNormal};

/// A floating point number, and registers of them.
pub trait Scalar: RealField + bytemuck::Pod + Copy + Default + Send + Sync + PartialOrd + 'static {
    /// A register of the processor.
    type Lanes<S: Simd>: Copy;

    /// Converts, rounding to the nearest.
    fn from_f64(value: f64) -> Self;
    /// Converts without loss.
    fn as_f64(self) -> f64;
    /// Drawn from the standard normal distribution.
    fn normal(random: &mut impl Rng) -> Self;

    /// The numbers as registers; a remainder that does not fill a register is left out.
    fn lanes<S: Simd>(numbers: &[Self]) -> &[Self::Lanes<S>];
    /// The numbers as registers; a remainder that does not fill a register is left out.
    fn lanes_mut<S: Simd>(numbers: &mut [Self]) -> &mut [Self::Lanes<S>];
    /// A register with the same number in each lane.
    fn splat<S: Simd>(simd: S, number: Self) -> Self::Lanes<S>;
    /// `a · b + c`, rounded once.
    fn mul_add<S: Simd>(simd: S, a: Self::Lanes<S>, b: Self::Lanes<S>, c: Self::Lanes<S>) -> Self::Lanes<S>;
    /// The sum of a register.
    fn sum<S: Simd>(simd: S, lanes: Self::Lanes<S>) -> Self;
}

macro_rules! scalar {
    ($float:ident, $lanes:ident, $as:ident, $as_mut:ident, $splat:ident, $mul_add:ident, $sum:ident) => {
        impl Scalar for $float {
            type Lanes<S: Simd> = S::$lanes;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                Self::from_f64_impl(value)
            }

            #[inline(always)]
            fn as_f64(self) -> f64 {
                self.into()
            }

            fn normal(random: &mut impl Rng) -> Self {
                StandardNormal.sample(random)
            }

            #[inline(always)]
            fn lanes<S: Simd>(numbers: &[Self]) -> &[S::$lanes] {
                S::$as(numbers).0
            }

            #[inline(always)]
            fn lanes_mut<S: Simd>(numbers: &mut [Self]) -> &mut [S::$lanes] {
                S::$as_mut(numbers).0
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, number: Self) -> S::$lanes {
                simd.$splat(number)
            }

            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$lanes, b: S::$lanes, c: S::$lanes) -> S::$lanes {
                simd.$mul_add(a, b, c)
            }

            #[inline(always)]
            fn sum<S: Simd>(simd: S, lanes: S::$lanes) -> Self {
                simd.$sum(lanes)
            }
        }
    };
}

scalar!(
    f32,
    f32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    mul_add_f32s,
    reduce_sum_f32s
);
scalar!(
    f64,
    f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    mul_add_f64s,
    reduce_sum_f64s
);

/// A count as a floating point number.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn to_f64(count: usize) -> f64 {
    count as f64
}

/// The nearest single precision number.
#[expect(clippy::cast_possible_truncation, reason = "factors are kept in single precision")]
pub(crate) fn to_f32(number: f64) -> f32 {
    number as f32
}
