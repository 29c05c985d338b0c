//! Validates animations. They have neither sound nor an index; all facts are from their blocks.

use domain::ingest::{IngestError, Reason};

use super::Limits;
use super::length::{Length, check_length};
use super::picture::check_picture;
use super::sentences::{count, refuse, size};
use crate::animation::{Animation, AnimationKind};
use crate::rational::Rational;
use crate::source::{Converted, DurationTrust, DynamicRange, Rotation, ScanType, SourceFacts, VideoFacts};

/// Maximum size of an animation, 256 MiB: it is read to its end, which has to take seconds.
pub const MAX_ANIMATION_BYTES: u64 = 256 << 20;

/// Checks that an animation is small enough to be read to its end.
///
/// # Errors
/// If it is too large.
pub(super) fn admit_animation(size_bytes: u64, kind: AnimationKind) -> Result<(), Reason> {
    if size_bytes <= MAX_ANIMATION_BYTES {
        return Ok(());
    }
    let sentence = format!(
        "This is {kind} of {}, and the limit for those is {}. Save it as a video (MP4, MOV or WebM) and upload that.",
        size(size_bytes),
        size(MAX_ANIMATION_BYTES)
    );
    refuse(IngestError::TooLarge, sentence)
}

/// Validates a GIF. MediaConvert's Probe does not support GIF, so it is not used.
///
/// # Errors
/// The reason for a refusal.
pub fn validate_gif(size_bytes: u64, gif: &Animation, limits: &Limits) -> Result<SourceFacts, Reason> {
    if gif.cut_off {
        return refuse(
            IngestError::UnsupportedFormat,
            "The GIF is incomplete: it ends in the middle of a picture. Upload it again from the original.",
        );
    }
    check_is_animated(gif)?;
    let trust = if gif.has_short_delays {
        DurationTrust::Estimated
    } else {
        DurationTrust::Declared
    };

    facts(JobInput::Gif, size_bytes, gif, trust, limits)
}

/// Validates an animation that was converted into a film of the same length.
///
/// # Errors
/// The reason for a refusal.
pub fn validate_converted(size_bytes: u64, film: &Animation, limits: &Limits) -> Result<SourceFacts, Reason> {
    check_is_animated(film)?;
    facts(JobInput::Film, size_bytes, film, DurationTrust::Declared, limits)
}

/// The file that MediaConvert reads.
#[derive(Clone, Copy)]
enum JobInput {
    /// The GIF itself.
    Gif,
    /// A QuickTime film of its pictures.
    Film,
}

/// Refuses a single picture.
fn check_is_animated(animation: &Animation) -> Result<(), Reason> {
    if animation.pictures > 1 {
        return Ok(());
    }
    refuse(
        IngestError::NoVideoStream,
        "This is a picture, not a video. Upload a video.",
    )
}

fn facts(
    input: JobInput,
    size_bytes: u64,
    animation: &Animation,
    trust: DurationTrust,
    limits: &Limits,
) -> Result<SourceFacts, Reason> {
    let (container, codec, made) = match input {
        JobInput::Gif => ("gif", "GIF", Converted::Nothing),
        JobInput::Film => ("quicktime", "MJPEG", Converted::Film),
    };
    let video = VideoFacts {
        codec: codec.to_owned(),
        width: animation.width,
        height: animation.height,
        rotation: Rotation::None,
        mirrored: false,
        pixel_aspect: Rational::ONE,
        frame_rate: mean_rate(animation),
        scan_type: ScanType::Progressive,
        dynamic_range: DynamicRange::Standard,
        bitrate: None,
    };
    check_picture(&video, limits)?;
    let length = Length {
        min_ms: animation.duration_ms,
        max_ms: animation.duration_ms,
        trust,
        clock_ms: None,
    };
    check_length(&length, limits)?;
    let mut notes = vec!["The animation is played once.".to_owned()];
    if animation.has_short_delays {
        notes.push(format!(
            "Some of its {} pictures state less than 20 milliseconds, or nothing. Players differ in how long they show those.",
            count(animation.pictures.into())
        ));
    }

    Ok(SourceFacts {
        container: container.to_owned(),
        size_bytes,
        duration_ms: animation.duration_ms,
        duration_max_ms: animation.duration_ms,
        duration_trust: trust,
        clock_ms: None,
        made,
        video,
        audio: Vec::new(),
        notes,
    })
}

/// The average number of pictures a second.
fn mean_rate(animation: &Animation) -> Option<Rational> {
    let millis = u32::try_from(animation.duration_ms).ok()?;
    // Exact: 10 pictures of 40 ms are 25 a second.
    Rational::new(animation.pictures.checked_mul(1000)?, millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_rate::output_rate;

    const LIMITS: Limits = Limits {
        max_size_bytes: 1_000_000_000,
        max_duration_ms: 3_600_000,
        max_pixels: 8192 * 4320,
    };

    fn animation(pictures: u32, duration_ms: u64) -> Animation {
        Animation {
            width: 161,
            height: 121,
            pictures,
            duration_ms,
            has_short_delays: false,
            cut_off: false,
        }
    }

    #[track_caller]
    fn refused(animation: &Animation, error: IngestError, words: &str) {
        let reason = validate_gif(1000, animation, &LIMITS).unwrap_err();
        assert_eq!(reason.error, error, "{}", reason.sentence);
        assert!(reason.sentence.contains(words), "{}", reason.sentence);
    }

    #[test]
    fn a_gif_is_a_silent_film_of_its_pictures() {
        let facts = validate_gif(73_053, &animation(30, 3_000), &LIMITS).unwrap();
        assert_eq!(
            (facts.duration_ms, facts.duration_trust),
            (3_000, DurationTrust::Declared)
        );
        assert_eq!((facts.video.width, facts.video.height), (161, 121));
        assert_eq!(facts.video.frame_rate, Some(Rational::whole(10)));
        assert!(facts.audio.is_empty());
    }

    #[test]
    fn a_converted_animation_is_a_film() {
        let facts = validate_converted(9_000, &animation(30, 3_000), &LIMITS).unwrap();
        assert_eq!((facts.made, facts.container.as_str()), (Converted::Film, "quicktime"));
        assert!(validate_converted(9_000, &animation(1, 3_000), &LIMITS).is_err());
    }

    #[test]
    fn short_delays_make_the_length_an_estimate() {
        let short_delays = Animation {
            has_short_delays: true,
            ..animation(30, 3_000)
        };
        let facts = validate_gif(73_053, &short_delays, &LIMITS).unwrap();
        assert_eq!(facts.duration_trust, DurationTrust::Estimated);
        assert!(facts.notes[1].contains("Players differ"), "{:?}", facts.notes);
    }

    #[test]
    fn uneven_delays_are_shown_at_a_standard_rate() {
        assert_eq!(output_rate(mean_rate(&animation(10, 400))), Rational::whole(25));
        assert_eq!(output_rate(mean_rate(&animation(100, 7_030))), Rational::whole(30));
        assert_eq!(output_rate(mean_rate(&animation(2, 60_000))), Rational::whole(30));
        assert_eq!(output_rate(mean_rate(&animation(u32::MAX, 1))), Rational::whole(30));
    }

    #[test]
    fn an_invalid_animation_is_refused_with_a_reason() {
        refused(&animation(1, 100), IngestError::NoVideoStream, "This is a picture");
        refused(&animation(2, 7_200_000), IngestError::TooLong, "lasts 2 h 00 min");
        refused(&animation(2, 60), IngestError::TooShort, "60 milliseconds");
        let small = Animation {
            width: 31,
            ..animation(2, 1_000)
        };
        refused(&small, IngestError::UnsupportedFormat, "The picture is 31x121");
        let cut = Animation {
            cut_off: true,
            ..animation(2, 1_000)
        };
        refused(&cut, IngestError::UnsupportedFormat, "in the middle of a picture");
    }

    #[test]
    fn a_large_animation_is_refused() {
        assert!(admit_animation(MAX_ANIMATION_BYTES, AnimationKind::Gif).is_ok());
        let reason = admit_animation(300_000_000, AnimationKind::Gif).unwrap_err();
        assert!(
            reason.sentence.contains("an animated GIF of 300 MB"),
            "{}",
            reason.sentence
        );
    }
}
