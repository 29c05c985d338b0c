//! The length: what is stated, and how far it can be believed.

use domain::ingest::{IngestError, Reason};

use super::sentences::{length, refuse};
use super::{Limits, of_type};
use crate::file::{FileFacts, whole_millis};
use crate::probe::{Container, Track};
use crate::source::DurationTrust;

/// Nothing shorter can be proved playable: renditions are compared to within a tenth of a second.
pub const MIN_DURATION_MS: u64 = 100;

/// Fewer bits a second than this do not make a picture: the duration is a lie.
const MIN_BITS_A_SECOND: u64 = 100;

/// A file that does not say how long it is, is planned and quoted as if it had this many bits a second.
const ASSUMED_BITS_A_SECOND: u64 = 500_000;

/// How long a film is, at least and at most.
pub(super) struct Length {
    pub(super) least_ms: u64,
    pub(super) most_ms: u64,
    pub(super) trust: DurationTrust,
    /// By the clock in the packets.
    pub(super) clock_ms: Option<u64>,
}

/// How long the film is: at least as long as the longest of its picture and its sound, but no longer than the container; at most
/// as long as the container says, which counts late starts and subtitles, or as long as the media is that the file holds,
/// whatever its header states. What cannot be is not believed.
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
    let Some(least_ms) = known else {
        let guess = (size_bytes.saturating_mul(8000) / ASSUMED_BITS_A_SECOND).max(1);
        return Length {
            least_ms: guess,
            most_ms: guess,
            trust: DurationTrust::Estimated,
            clock_ms: None,
        };
    };

    let format = container.format.as_deref().unwrap_or_default();
    let stated = match format {
        "mp4" | "quicktime" | "three_gp" | "three_g2" => !file.fragmented,
        // Without lengths of its own tracks, Matroska's includes subtitles, which may stand long after the last picture.
        "matroska" | "webm" => {
            let subtitled = of_type(&container.tracks, "data").next().is_some();
            !(subtitled && video.is_some_and(|video| video.duration == container.duration))
        }
        "avi" | "asf" | "mxf" => true,
        _ => false,
    };
    Length {
        least_ms,
        most_ms: [whole, media, clock_ms].into_iter().flatten().fold(least_ms, u64::max),
        trust: if stated {
            DurationTrust::Declared
        } else {
            DurationTrust::Estimated
        },
        clock_ms: clock_ms.filter(|_| !stated),
    }
}

/// How long the media is that the file holds: its pictures and those sound tracks that are asked for.
fn media_ms(file: &FileFacts, container: &Container, audio: &[&Track]) -> Option<u64> {
    let sounds = of_type(&container.tracks, "audio").zip(&file.media.sounds_ms);
    let offered = sounds.filter(|(track, _)| audio.iter().any(|offered| std::ptr::eq(*offered, *track)));
    let sounds = offered.filter_map(|(_, millis)| *millis);
    sounds.chain(file.media.picture_ms).chain(file.media.whole_ms).max()
}

pub(super) fn check_length(film: &Length, limits: &Limits) -> Result<(), Reason> {
    let max_ms = limits.max_duration_ms.min(crate::clipping::MAX_MS);
    if film.most_ms > max_ms {
        let (long, max) = (length(film.most_ms), length(max_ms));
        let sentence = format!("The film lasts {long}, and the limit is {max}. Cut it into parts and upload those.");
        return refuse(IngestError::TooLong, sentence);
    }
    if film.most_ms < MIN_DURATION_MS && film.trust == DurationTrust::Declared {
        let sentence = format!(
            "The film lasts {} milliseconds, which is too short to be cut into segments: it must last at least \
             {MIN_DURATION_MS} milliseconds. Upload a longer one.",
            film.most_ms
        );
        return refuse(IngestError::TooShort, sentence);
    }
    Ok(())
}
