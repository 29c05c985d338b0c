//! A quote: what transcoding will cost, told before it is paid. How it is reckoned is in `media::quote`.

use kernel::money::MicroDollars;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What transcoding a source will cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// The whole.
    pub amount_micros: MicroDollars,
    /// ISO 4217; prices are in US dollars.
    #[schema(examples("USD"))]
    pub currency: String,
    /// Whether some price in the table was not taken from AWS's own list.
    pub unverified: bool,
    /// The parts, an output each.
    pub lines: Vec<QuoteLine>,
}

/// One output's part of a quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteLine {
    /// The output.
    #[schema(examples("video 1280x720 at 24 frames/s"))]
    pub what: String,
    /// Billed thousandths of a minute.
    pub minutes_milli: u64,
    /// How many normalised minutes a minute of this output counts for, in thousandths.
    pub multiplier_milli: u64,
    /// The price.
    pub amount_micros: MicroDollars,
}
