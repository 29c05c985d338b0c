//! Exact fractions for frame rates and pixel aspect ratios.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A positive fraction in lowest terms, such as 30000/1001 frames a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct Rational {
    num: u32,
    den: u32,
}

impl Rational {
    /// The number 1.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// The fraction in lowest terms; `None` if the numerator or denominator is zero.
    #[must_use]
    pub fn new(num: u32, den: u32) -> Option<Self> {
        if num == 0 || den == 0 {
            return None;
        }
        let divisor = gcd(num, den);
        Some(Self {
            num: num / divisor,
            den: den / divisor,
        })
    }

    /// A whole number; zero becomes one.
    #[must_use]
    pub const fn whole(num: u32) -> Self {
        Self {
            num: if num == 0 { 1 } else { num },
            den: 1,
        }
    }

    /// The numerator.
    #[must_use]
    pub const fn num(self) -> u32 {
        self.num
    }

    /// The denominator.
    #[must_use]
    pub const fn den(self) -> u32 {
        self.den
    }

    /// The fraction in thousandths, rounded: 29970 for 30000/1001.
    #[must_use]
    pub fn milli(self) -> u64 {
        (u64::from(self.num) * 1000 + u64::from(self.den) / 2) / u64::from(self.den)
    }

    /// The duration of a frame at this rate, in microseconds, rounded up.
    #[must_use]
    pub fn period_micros(self) -> u64 {
        (u64::from(self.den) * 1_000_000).div_ceil(u64::from(self.num))
    }

    /// The fraction divided by a whole number; zero counts as one.
    #[must_use]
    pub fn over(self, divisor: u32) -> Self {
        let divisor = divisor.max(1);
        match self.den.checked_mul(divisor) {
            Some(den) => Self::new(self.num, den).unwrap_or(self),
            None => Self::new(self.num / divisor, self.den).unwrap_or(self),
        }
    }

    /// Whether the two rates differ by less than `parts` in 100,000 of `other`.
    #[must_use]
    pub fn near(self, other: Self, parts: u64) -> bool {
        let left = u128::from(self.num) * u128::from(other.den);
        let right = u128::from(other.num) * u128::from(self.den);
        left.abs_diff(right) * 100_000 < right * u128::from(parts)
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u64::from(self.num) * u64::from(other.den);
        let right = u64::from(other.num) * u64::from(self.den);
        left.cmp(&right)
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Rational {
    /// Writes a decimal number as for frame rates: `25`, `29.97`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milli = self.milli();
        let text = format!("{}.{:03}", milli / 1000, milli % 1000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl TryFrom<(u32, u32)> for Rational {
    type Error = &'static str;

    fn try_from((num, den): (u32, u32)) -> Result<Self, Self::Error> {
        Self::new(num, den).ok_or("a fraction needs two parts above zero")
    }
}

impl From<Rational> for (u32, u32) {
    fn from(value: Rational) -> Self {
        (value.num, value.den)
    }
}

fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_reduced_ordered_and_readable() {
        let ntsc = Rational::new(60000, 2002).unwrap();
        assert_eq!((ntsc.num(), ntsc.den()), (30000, 1001));
        assert!(ntsc < Rational::whole(30));
        assert_eq!(ntsc.to_string(), "29.97");
        assert_eq!(Rational::whole(25).to_string(), "25");
        assert_eq!(Rational::new(25, 2).unwrap().to_string(), "12.5");
        assert_eq!(Rational::new(0, 1), None);
        assert_eq!(Rational::new(1, 0), None);
    }

    #[test]
    fn dividing_keeps_the_fraction_exact() {
        assert_eq!(
            Rational::new(120_000, 1001).unwrap().over(2),
            Rational::new(60_000, 1001).unwrap()
        );
        assert_eq!(
            Rational::new(7, u32::MAX).unwrap().over(2),
            Rational::new(3, u32::MAX).unwrap()
        );
    }
}
