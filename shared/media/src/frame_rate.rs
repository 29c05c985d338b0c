//! The constant frame rate of the renditions, from the rate that a file states.
//!
//! Files state three kinds of rates: true rates (24, 30000/1001), which are kept exactly; averages of variable rates
//! (12600/1703 from a phone), which become the nearest standard rate so that no frame is lost by rounding; and clock rates
//! (600, 1000, 90000), which are not frame rates.

use crate::rational::Rational;

/// The highest output rate: screens and HLS players support 60 frames a second.
const MAX_RATE: Rational = Rational::whole(60);
/// The highest rate of a camera. Higher rates are clock rates.
const MAX_CAMERA_RATE: Rational = Rational::whole(240);
/// The rate for files that state none.
const DEFAULT: Rational = Rational::whole(30);
/// Lower averages are of clips that show single pictures for a long time.
const MIN_AVERAGE: Rational = Rational::whole(20);

/// The constant frame rate of the output, between 1 and 60.
#[must_use]
pub fn output_rate(stated: Option<Rational>) -> Rational {
    let Some(rate) = stated.filter(|rate| *rate <= MAX_CAMERA_RATE && *rate >= Rational::ONE) else {
        return DEFAULT;
    };

    let rate = snap(rate);
    if is_true_rate(rate) {
        return at_most_sixty(rate);
    }
    if rate < MIN_AVERAGE {
        return DEFAULT;
    }
    nearest_standard(rate)
}

/// Replaces imprecise rates (2997/100, 90000/3749) by the rate that is meant. The families 24 and 24000/1001 are 0.1 % apart, so the
/// tolerance is half of that.
fn snap(rate: Rational) -> Rational {
    let candidates = [24, 25, 30, 48, 50, 60, 100, 120, 240];
    candidates
        .into_iter()
        .flat_map(|whole| [Rational::new(whole * 1000, 1001), Some(Rational::whole(whole))])
        .flatten()
        .find(|candidate| rate.near(*candidate, 50))
        .unwrap_or(rate)
}

/// Whether the rate is a whole or half number, or of the NTSC family.
fn is_true_rate(rate: Rational) -> bool {
    rate.den() <= 2 || (rate.den() == 1001 && rate.num().is_multiple_of(1000))
}

/// Keeps every n-th frame of a fast source, so that motion stays even.
fn at_most_sixty(rate: Rational) -> Rational {
    (1..=4)
        .map(|n| rate.over(n))
        .find(|divided| *divided <= MAX_RATE)
        .unwrap_or(MAX_RATE)
}

fn nearest_standard(rate: Rational) -> Rational {
    let distance = |standard: u32| rate.milli().abs_diff(u64::from(standard) * 1000);
    let nearest = [60, 50, 48, 30, 25, 24]
        .into_iter()
        .min_by_key(|standard| distance(*standard));
    nearest.map_or(DEFAULT, Rational::whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(num: u32, den: u32) -> (u32, u32) {
        output_rate(Rational::new(num, den)).into()
    }

    #[test]
    fn true_rates_are_kept_exactly() {
        for rate in [
            (24, 1),
            (25, 1),
            (30, 1),
            (50, 1),
            (60, 1),
            (25, 2),
            (10, 1),
            (1, 1),
            (30000, 1001),
            (24000, 1001),
        ] {
            assert_eq!(out(rate.0, rate.1), rate);
        }
    }

    #[test]
    fn imprecise_rates_become_the_rate_that_is_meant() {
        assert_eq!(out(2997, 100), (30000, 1001));
        assert_eq!(out(2997, 125), (24000, 1001));
        assert_eq!(out(90000, 3749), (24, 1));
        assert_eq!(out(90000, 1501), (60000, 1001));
        assert_eq!(out(90000, 3001), (30, 1));
    }

    #[test]
    fn averages_of_variable_rates_become_the_nearest_standard_rate() {
        assert_eq!(out(810_000, 13487), (60, 1));
        assert_eq!(out(140_000, 5087), (30, 1), "a tie goes up");
        assert_eq!(out(359, 12), (30, 1));
        assert_eq!(out(500, 21), (24, 1));
        assert_eq!(out(12600, 1703), (30, 1), "7.4 frames a second of a phone");
    }

    #[test]
    fn fast_cameras_are_thinned_evenly() {
        assert_eq!(out(120, 1), (60, 1));
        assert_eq!(out(120_000, 1001), (60000, 1001));
        assert_eq!(out(240, 1), (60, 1));
        assert_eq!(out(100, 1), (50, 1));
        assert_eq!(out(90, 1), (45, 1));
        assert_eq!(out(144, 1), (48, 1));
    }

    #[test]
    fn clock_rates_and_missing_rates_become_thirty() {
        for rate in [(600, 1), (1000, 1), (90000, 1), (1, 3)] {
            assert_eq!(out(rate.0, rate.1), (30, 1));
        }
        assert_eq!(output_rate(None), Rational::whole(30));
    }
}
