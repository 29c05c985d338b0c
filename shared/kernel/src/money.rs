//! Money: integers in millionths of a currency, never a float.

use std::{fmt, iter::Sum, ops::Add};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Millionths of a US dollar. A second of transcoding costs a fraction of a cent, so cents are too coarse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct MicroDollars(pub i64);

impl MicroDollars {
    /// No money.
    pub const ZERO: Self = Self(0);
}

impl Add for MicroDollars {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for MicroDollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for MicroDollars {
    /// Dollars with as many of the six digits as needed, at least two: `$0.15`, `$0.001275`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let digits = format!("{:06}", micros % 1_000_000);
        let fraction = digits.trim_end_matches('0');

        write!(f, "{sign}${}.{fraction:0<2}", micros / 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_formatted_as_dollars() {
        let texts = [0, 150_000, 1_275, -2_000_000, 12_345_678].map(|micros| MicroDollars(micros).to_string());

        assert_eq!(texts, ["$0.00", "$0.15", "$0.001275", "-$2.00", "$12.345678"]);
    }
}
