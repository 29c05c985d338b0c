//! The fence: no job transcodes more of a source than was quoted.
//!
//! What a file states of its length costs nothing to change, and MediaConvert bills what comes out. So every job gets an input
//! clipping that ends a little after the planned length, and the quote is for the longest output that the clipping allows.
//!
//! A timecode counts frames, so its seconds are as long as so many frames of the source last. Where the rate is not a whole
//! number (but for NTSC's, which are counted as the whole number next to them) it is not known how many frames MediaConvert takes
//! for a second: the clipping then ends late enough for the smaller number, and the quote is for the larger one.

use crate::rational::Rational;
use crate::source::DurationTrust;

/// A clipping ends so much after the planned length: more than the proof lets an output differ.
const SLACK_MS: u64 = 500;
/// Where no length is stated, the planned one is a guess: a quarter more, and this.
const GUESS_SLACK_MS: u64 = 5_000;
/// The largest timecode is `24:59:59`; a day is enough.
const MAX_SECONDS: u64 = 86_400;
/// The longest film that can be fenced.
pub const MAX_MS: u64 = (MAX_SECONDS - 3_600) * 1_000;
/// Rates are thousandths of frames.
const MILLI: u64 = 1_000;
/// For a source that states no rate, or a clock instead of one.
pub(crate) const USUAL_RATE: Rational = Rational::whole(30);

/// The end of a job's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clipping {
    seconds: u64,
    frame: u64,
    /// The longest output that the job can make.
    pub max_output_ms: u64,
}

impl Clipping {
    /// The fence behind a source of this length.
    #[must_use]
    pub fn new(length_ms: u64, trust: DurationTrust, rate: Option<Rational>) -> Self {
        let slack = match trust {
            DurationTrust::Declared => SLACK_MS,
            DurationTrust::Estimated => length_ms / 4 + GUESS_SLACK_MS,
        };
        let end_ms = length_ms.saturating_add(slack).min(MAX_SECONDS * 1_000);
        let rate = rate.filter(|rate| *rate >= Rational::ONE && *rate <= Rational::whole(240));
        let milli = rate.unwrap_or(USUAL_RATE).milli();
        let nearest = (milli + MILLI / 2) / MILLI;
        let frames = (end_ms * milli).div_ceil(MILLI * MILLI);

        if milli.abs_diff(nearest * MILLI) * 200 <= milli {
            // The frame of the timecode belongs to the clip, and it has two digits.
            let frame = if nearest > 100 { 0 } else { frames % nearest };
            let seconds = if nearest > 100 {
                frames.div_ceil(nearest)
            } else {
                frames / nearest
            };
            return Self {
                seconds,
                frame,
                max_output_ms: lasts(seconds * nearest + frame + 1, milli),
            };
        }
        let (fewer, more) = (milli / MILLI, milli.div_ceil(MILLI));
        let seconds = frames.div_ceil(fewer).min(MAX_SECONDS);
        Self {
            seconds,
            frame: 0,
            max_output_ms: lasts(seconds * more + 1, milli),
        }
    }

    /// `HH:MM:SS:FF`: the last frame that is taken, counted from the source's first.
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

/// How long so many frames last, in milliseconds, rounded up.
const fn lasts(frames: u64, milli_rate: u64) -> u64 {
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
    fn a_guess_is_given_more_room() {
        let guess = Clipping::new(20_000, DurationTrust::Estimated, None);
        assert_eq!(guess.end_timecode(), "00:00:30:00");
    }

    #[test]
    fn an_average_rate_is_fenced_for_both_ways_of_counting() {
        let phone = clipping(10_000, Rational::new(74, 10));
        // 78 frames are 11.2 seconds of 7 frames, and 12 seconds of 8 last 13.1 s.
        assert_eq!(
            (phone.end_timecode().as_str(), phone.max_output_ms),
            ("00:00:12:00", 13_109)
        );
    }

    proptest! {
        #[test]
        fn the_whole_film_is_within_and_the_timecode_is_one(
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
