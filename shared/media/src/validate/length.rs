//! The length of a source: the stated and measured lengths, and whether they are plausible.

use domain::ingest::{IngestError, Reason};

use super::sentences::{length, refuse};
use super::{Limits, of_type};
use crate::file::{FileFacts, whole_millis};
use crate::probe::{Container, Track};
use crate::source::DurationTrust;

/// Minimum length of a film: the output check compares lengths to a tenth of a second.
pub const MIN_DURATION_MS: u64 = 100;

/// Minimum bit rate of a plausible length, in bits a second.
const MIN_BITS_A_SECOND: u64 = 100;

/// Assumed bit rate of a file without any length, for the plan and the quote.
const ASSUMED_BITS_A_SECOND: u64 = 500_000;

/// The length of a film.
pub(super) struct Length {
    pub(super) min_ms: u64,
    pub(super) max_ms: u64,
    pub(super) trust: DurationTrust,
    /// The length by the clock in the packets.
    pub(super) clock_ms: Option<u64>,
}

/// The length of a film. The minimum is the length of its longest track, but not more than that of the container. The maximum is the longest
/// of the container, which also counts late starts and subtitles, and the measured media. Implausible lengths are ignored.
pub(super) fn length_of(
    size_bytes: u64,
    file: &FileFacts,
    container: &Container,
    video: Option<&Track>,
    audio: &[&Track],
) -> Length {
    let plausible = |millis: &u64| size_bytes.saturating_mul(8000) / MIN_BITS_A_SECOND >= *millis;
    let millis = |seconds: Option<f64>| seconds.and_then(|it| whole_millis(it * 1000.0)).filter(plausible);
    let tracks = audio
        .iter()
        .copied()
        .chain(video)
        .filter_map(|track| millis(track.duration))
        .max();
    let whole = millis(container.duration);
    let media = media_ms(file, container, audio).filter(plausible);
    let clock_ms = file.media.clock_ms.filter(plausible);
    let stated_ms = match (tracks, whole) {
        (Some(tracks), Some(whole)) => Some(tracks.min(whole)),
        (one, other) => one.or(other),
    };
    let known = stated_ms.or(file.duration_ms.filter(plausible)).or(media).or(clock_ms);
    let Some(min_ms) = known else {
        let estimate = (size_bytes.saturating_mul(8000) / ASSUMED_BITS_A_SECOND).max(1);
        return Length {
            min_ms: estimate,
            max_ms: estimate,
            trust: DurationTrust::Estimated,
            clock_ms: None,
        };
    };

    let format = container.format.as_deref().unwrap_or_default();
    let stated = match format {
        "mp4" | "quicktime" | "three_gp" | "three_g2" => !file.fragmented,
        // If the tracks have no lengths of their own, the length of a Matroska file includes subtitles, which may end long after the picture.
        "matroska" | "webm" => {
            let subtitled = of_type(&container.tracks, "data").next().is_some();
            !(subtitled && video.is_some_and(|video| video.duration == container.duration))
        }
        "avi" | "asf" | "mxf" => true,
        _ => false,
    };
    Length {
        min_ms,
        max_ms: [whole, media, clock_ms].into_iter().flatten().fold(min_ms, u64::max),
        trust: if stated {
            DurationTrust::Declared
        } else {
            DurationTrust::Estimated
        },
        clock_ms: clock_ms.filter(|_| !stated),
    }
}

/// The measured length of the file's video and of the offered sound tracks.
fn media_ms(file: &FileFacts, container: &Container, audio: &[&Track]) -> Option<u64> {
    let sounds = of_type(&container.tracks, "audio").zip(&file.media.sounds_ms);
    let offered = sounds.filter(|(track, _)| audio.iter().any(|offered| std::ptr::eq(*offered, *track)));
    let sounds = offered.filter_map(|(_, millis)| *millis);
    sounds.chain(file.media.picture_ms).chain(file.media.whole_ms).max()
}

pub(super) fn check_length(film: &Length, limits: &Limits) -> Result<(), Reason> {
    let max_ms = limits.max_duration_ms.min(crate::clipping::MAX_MS);
    if film.max_ms > max_ms {
        let (long, max) = (length(film.max_ms), length(max_ms));
        let sentence = format!("The film lasts {long}, and the limit is {max}. Cut it into parts and upload those.");
        return refuse(IngestError::TooLong, sentence);
    }
    if film.max_ms < MIN_DURATION_MS && film.trust == DurationTrust::Declared {
        let sentence = format!(
            "The film lasts {} milliseconds, which is too short to be cut into segments: it must last at least \
             {MIN_DURATION_MS} milliseconds. Upload a longer one.",
            film.max_ms
        );
        return refuse(IngestError::TooShort, sentence);
    }
    Ok(())
}
