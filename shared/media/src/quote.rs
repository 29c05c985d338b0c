//! The quote for a transcode: what it costs at most, before the job.
//!
//! MediaConvert bills every output by its length: in steps of one second, at least ten seconds, times a multiplier for resolution, frame rate
//! and codec ("normalized minutes"), times a rate. All arithmetic is on integers. Every line is rounded up to the whole micro-dollar, so a
//! quote is never below the bill for the same length.

use domain::{
    ingest::{IngestError, Reason},
    quote::{Quote, QuoteLine},
};
use kernel::money::MicroDollars;
use serde::Deserialize;

use crate::ladder::Rung;
use crate::plan::Plan;
use crate::rational::Rational;

/// The prices that ship with Marquee.
const SHIPPED: &str = include_str!("../data/mediaconvert-prices.json");

/// A dated price table, which an operator can replace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    /// The AWS region.
    pub region: String,
    /// The price tier; jobs are of the tier `basic`.
    pub tier: String,
    /// The day on which the figures were read.
    pub as_of: String,
    /// The source of the figures.
    pub source: String,
    /// A note for the operator.
    pub note: String,
    /// ISO 4217.
    pub currency: String,
    /// Price of one normalized minute.
    pub rate_micros_per_normalized_minute: Figure,
    /// How lengths are rounded.
    pub billing: Billing,
    /// Multipliers by resolution and frame rate; the first match counts.
    pub video_multipliers_milli: Vec<VideoMultiplier>,
    /// The multiplier of audio outputs.
    pub audio_multiplier_milli: Figure,
    /// The multiplier of frame captures.
    pub still_multiplier_milli: Figure,
}

/// A figure, and whether it was read from an AWS page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The value, in thousandths or micro-dollars.
    pub value: u64,
    /// Whether it was not read from an AWS page.
    pub unverified: bool,
    /// Its source, if it differs from the table's.
    #[serde(default)]
    pub source: Option<String>,
}

/// How lengths are rounded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Billing {
    /// Lengths are rounded up to a multiple of this.
    pub step_seconds: u64,
    /// Minimum billed length.
    pub minimum_seconds: u64,
    /// The source of the rule.
    pub source: String,
}

/// The multiplier of a class of video outputs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VideoMultiplier {
    /// The class of resolution.
    pub resolution: Resolution,
    /// Maximum frames a second.
    pub fps_up_to: u32,
    /// The multiplier in thousandths.
    pub value: u64,
    /// Whether it was not read from an AWS page.
    pub unverified: bool,
}

/// MediaConvert's classes of resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Resolution {
    /// Below 1280x720.
    #[serde(rename = "SD")]
    Sd,
    /// Up to 1920x1080.
    #[serde(rename = "HD")]
    Hd,
    /// Up to 4096x2160.
    #[serde(rename = "UHD")]
    Uhd,
}

impl Resolution {
    /// The class of a picture, in any orientation.
    #[must_use]
    pub fn from_size(width: u32, height: u32) -> Self {
        let (long, short) = (width.max(height), width.min(height));
        match (long, short) {
            (..1280, ..720) => Self::Sd,
            (..=1920, ..=1080) => Self::Hd,
            _ => Self::Uhd,
        }
    }
}

impl PriceTable {
    /// Parses a table.
    ///
    /// # Errors
    /// If the text is not a price table.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The table that ships with Marquee.
    ///
    /// # Errors
    /// Never for the released file, which a test parses.
    pub fn shipped() -> Result<Self, serde_json::Error> {
        Self::parse(SHIPPED)
    }

    /// The quote for a plan: the cost of the longest outputs that its job can write.
    #[must_use]
    pub fn quote(&self, plan: &Plan) -> Quote {
        let max_output_ms = plan.clipping().max_output_ms;
        let rate = &self.rate_micros_per_normalized_minute;
        let mut unverified = rate.unverified;
        let mut lines = Vec::new();
        let mut line = |what: String, multiplier_milli: u64, is_unverified: bool| {
            unverified |= is_unverified;
            lines.push(self.line(what, max_output_ms, multiplier_milli));
        };

        for rung in &plan.ladder.rungs {
            let (multiplier, is_unverified) = self.video_multiplier(rung);
            line(
                format!("video {} at {} frames/s", rung.name(), rung.frame_rate),
                multiplier,
                is_unverified,
            );
        }
        for audio in &plan.ladder.audio {
            line(
                match audio.name.as_str() {
                    "" => "sound".to_owned(),
                    name => format!("sound: {name}"),
                },
                self.audio_multiplier_milli.value,
                self.audio_multiplier_milli.unverified,
            );
        }
        line(
            "stills".into(),
            self.still_multiplier_milli.value,
            self.still_multiplier_milli.unverified,
        );

        let amount_micros = lines.iter().map(|line: &QuoteLine| line.amount_micros).sum();
        Quote {
            amount_micros,
            currency: self.currency.clone(),
            unverified,
            lines,
        }
    }

    fn line(&self, what: String, duration_ms: u64, multiplier_milli: u64) -> QuoteLine {
        let step = self.billing.step_seconds.max(1);
        let seconds = duration_ms
            .div_ceil(1000)
            .div_ceil(step)
            .saturating_mul(step)
            .max(self.billing.minimum_seconds);
        let product = u128::from(self.rate_micros_per_normalized_minute.value)
            * u128::from(multiplier_milli)
            * u128::from(seconds);
        QuoteLine {
            what,
            minutes_milli: seconds.saturating_mul(1000).div_ceil(60),
            multiplier_milli,
            amount_micros: MicroDollars(i64::try_from(product.div_ceil(60_000)).unwrap_or(i64::MAX)),
        }
    }

    /// The multiplier for a rung, and whether it is unverified. If the table has no match, its highest multiplier counts as unverified.
    fn video_multiplier(&self, rung: &Rung) -> (u64, bool) {
        let class = Resolution::from_size(rung.width, rung.height);
        let fits =
            |entry: &&VideoMultiplier| entry.resolution == class && rung.frame_rate <= Rational::whole(entry.fps_up_to);
        let highest = || {
            self.video_multipliers_milli
                .iter()
                .map(|entry| entry.value)
                .max()
                .unwrap_or(1000)
        };
        let found = self.video_multipliers_milli.iter().find(fits);
        found.map_or_else(|| (highest(), true), |entry| (entry.value, entry.unverified))
    }
}

/// Checks a quote against the budget of one title.
///
/// # Errors
/// If the quote is higher, with a sentence that has both amounts.
pub fn within_budget(quote: &Quote, budget: MicroDollars) -> Result<(), Reason> {
    if quote.amount_micros <= budget {
        return Ok(());
    }
    let sentence = format!(
        "Transcoding this film would cost {}, and the limit for one title is {budget}. Upload a shorter film. \
         An operator can raise the limit, and an admin run this title again.",
        quote.amount_micros
    );
    Err(Reason::new(IngestError::OverBudget, sentence))
}

#[cfg(test)]
#[path = "quote_tests.rs"]
mod tests;
