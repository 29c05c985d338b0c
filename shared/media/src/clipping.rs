//! The input clipping of a job, so that no job transcodes more of a source than was quoted.
//!
//! A file may state a wrong length, and MediaConvert bills what it writes. So every job has an input clipping that ends a little after the
//! planned length, and the quote is for the longest output that the clipping allows.
//!
//! A timecode counts frames: a second of timecode is as long as its frames. NTSC rates count as the nearest whole number. For other
//! fractional rates it is unknown how many frames MediaConvert counts as a second: the clipping then ends late enough for the smaller number,
//! and the quote is for the larger one.

use crate::rational::Rational;
use crate::source::DurationTrust;

/// How much later than the planned length a clipping ends: more than the output check tolerates.
const SLACK_MS: u64 = 500;
/// The slack for an estimated length, in addition to a quarter of it.
const ESTIMATE_SLACK_MS: u64 = 5_000;
/// The end of the latest clipping: a day. The largest timecode is `24:59:59`.
const MAX_SECONDS: u64 = 86_400;
/// The longest film that can be clipped.
pub const MAX_MS: u64 = (MAX_SECONDS - 3_600) * 1_000;
/// Rates are thousandths of frames.
const MILLI: u64 = 1_000;
/// The rate of a source that states none, or a clock rate instead.
pub(crate) const DEFAULT_RATE: Rational = Rational::whole(30);

/// The end of a job's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clipping {
    seconds: u64,
    frame: u64,
    /// Length of the longest output that the job can write.
    pub max_output_ms: u64,
}

impl Clipping {
    /// The clipping for a source of this length.
    #[must_use]
    pub fn new(length_ms: u64, trust: DurationTrust, rate: Option<Rational>) -> Self {
        let slack = match trust {
            DurationTrust::Declared => SLACK_MS,
            DurationTrust::Estimated => length_ms / 4 + ESTIMATE_SLACK_MS,
        };
        let end_ms = length_ms.saturating_add(slack).min(MAX_SECONDS * 1_000);
        let rate = rate.filter(|rate| *rate >= Rational::ONE && *rate <= Rational::whole(240));
        let milli = rate.unwrap_or(DEFAULT_RATE).milli();
        let nearest = (milli + MILLI / 2) / MILLI;
        let frames = (end_ms * milli).div_ceil(MILLI * MILLI);

        if milli.abs_diff(nearest * MILLI) * 200 <= milli {
            // The frame of the end timecode is part of the clip. Frame numbers have two digits.
            let frame = if nearest > 100 { 0 } else { frames % nearest };
            let seconds = if nearest > 100 {
                frames.div_ceil(nearest)
            } else {
                frames / nearest
            };
            return Self {
                seconds,
                frame,
                max_output_ms: duration_ms(seconds * nearest + frame + 1, milli),
            };
        }
        let (fewer, more) = (milli / MILLI, milli.div_ceil(MILLI));
        let seconds = frames.div_ceil(fewer).min(MAX_SECONDS);
        Self {
            seconds,
            frame: 0,
            max_output_ms: duration_ms(seconds * more + 1, milli),
        }
    }

    /// The timecode `HH:MM:SS:FF` of the last frame of the clip, counted from the source's first frame.
    #[must_use]
    pub fn end_timecode(&self) -> String {
        let Self { seconds, frame, .. } = self;
        format!(
            "{:02}:{:02}:{:02}:{frame:02}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// The duration of a number of frames, in milliseconds, rounded up.
const fn duration_ms(frames: u64, milli_rate: u64) -> u64 {
    (frames * MILLI * MILLI).div_ceil(milli_rate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clipping(length_ms: u64, rate: Option<Rational>) -> Clipping {
        Clipping::new(length_ms, DurationTrust::Declared, rate)
    }

    #[test]
    fn the_end_is_a_little_after_the_planned_length() {
        let film = clipping(20_000, Some(Rational::whole(25)));
        assert_eq!(
            (film.end_timecode().as_str(), film.max_output_ms),
            ("00:00:20:13", 20_560)
        );
        let long = clipping(3_600_000 * 2, Some(Rational::whole(24)));
        assert_eq!(long.end_timecode(), "02:00:00:12");
        // At 29.97 frames a second a second of timecode lasts 1.001 seconds.
        let ntsc = clipping(60_000, Rational::new(30_000, 1001));
        assert_eq!(
            (ntsc.end_timecode().as_str(), ntsc.max_output_ms),
            ("00:01:00:14", 60_561)
        );
    }

    #[test]
    fn an_estimated_length_has_more_slack() {
        let estimated = Clipping::new(20_000, DurationTrust::Estimated, None);
        assert_eq!(estimated.end_timecode(), "00:00:30:00");
    }

    #[test]
    fn a_fractional_rate_is_clipped_for_both_ways_of_counting() {
        let phone = clipping(10_000, Rational::new(74, 10));
        // 78 frames are 11.2 seconds of 7 frames, and 12 seconds of 8 last 13.1 s.
        assert_eq!(
            (phone.end_timecode().as_str(), phone.max_output_ms),
            ("00:00:12:00", 13_109)
        );
    }

    proptest! {
        #[test]
        fn the_clip_holds_the_whole_film_and_its_timecode_is_valid(
            length in 1u64..MAX_MS, num in 1u32..100_000, den in 1u32..4000,
        ) {
            let rate = Rational::new(num, den);
            let clipping = clipping(length, rate);
            prop_assert!(clipping.max_output_ms >= length + SLACK_MS, "{clipping:?}");
            let parts: Vec<u64> = clipping.end_timecode().split(':').map(|part| part.parse().unwrap()).collect();
            prop_assert!(parts[0] <= 24 && parts[1] < 60 && parts[2] < 60 && parts[3] < 100, "{clipping:?}");
            prop_assert_eq!(clipping.end_timecode().len(), 11);
        }
    }
}
