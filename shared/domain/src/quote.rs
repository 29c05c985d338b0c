//! A quote: what transcoding will cost at most, computed before the job by `media::quote`.

use kernel::money::MicroDollars;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What transcoding a source will cost at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// The sum of the lines.
    pub amount_micros: MicroDollars,
    /// ISO 4217; prices are in US dollars.
    #[schema(examples("USD"))]
    pub currency: String,
    /// Whether any price of the table was not taken from AWS's own list.
    pub unverified: bool,
    /// One line for each output.
    pub lines: Vec<QuoteLine>,
}

/// One output's line of a quote.
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
