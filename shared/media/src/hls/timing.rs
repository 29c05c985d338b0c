//! Timing: the renditions must agree with one another, and the title with its source.

use super::rendition::Playlist;
use super::{Expected, Fault};
use crate::job::SEGMENT_SECONDS;
use crate::rational::Rational;
use crate::source::{Converted, DurationTrust};

/// Tolerance between audio and picture: audio frames do not end exactly with a picture.
const AUDIO_TOLERANCE_MICROS: u64 = 100_000;
/// Tolerance between a song and its cover, which need no synchronization: lengths in tags count samples that players skip.
const COVER_TOLERANCE_MICROS: u64 = 500_000;
/// Tolerance between the title and its source; one frame if that is longer.
const TITLE_TOLERANCE_MICROS: u64 = 100_000;

/// Checks all durations. Returns the title's length, if it has a rendition.
pub(super) fn check(
    expected: &Expected,
    frame_rate: Rational,
    video: &[&Playlist],
    audio: &[&Playlist],
    faults: &mut Vec<Fault>,
) -> Option<u64> {
    let frame = frame_rate.period_micros();
    let reference = video.first()?;
    let picture = reference.micros();

    for playlist in video {
        if playlist.micros().abs_diff(picture) > frame {
            faults.push(differ(playlist, picture));
        } else if !aligned(reference, playlist, frame) {
            faults.push(Fault::Misaligned {
                key: playlist.key.clone(),
            });
        }
        check_segment_lengths(playlist, frame, faults);
    }
    let audio_tolerance = match expected.plan.made {
        Converted::Cover => COVER_TOLERANCE_MICROS,
        Converted::Nothing | Converted::Film => AUDIO_TOLERANCE_MICROS,
    };
    for playlist in audio {
        if playlist.micros().abs_diff(picture) > audio_tolerance {
            faults.push(differ(playlist, picture));
        }
        check_segment_lengths(playlist, frame, faults);
    }
    check_title(expected, picture, frame.max(TITLE_TOLERANCE_MICROS), faults);
    Some(millis(picture))
}

/// Whether each segment starts within a frame of the same segment of the other rendition.
fn aligned(one: &Playlist, other: &Playlist, frame: u64) -> bool {
    one.starts().count() == other.starts().count()
        && one
            .starts()
            .zip(other.starts())
            .all(|(one, other)| one.abs_diff(other) <= frame)
}

/// Checks that every segment but the last has the requested length: a short one is a gap that the sum might hide.
fn check_segment_lengths(playlist: &Playlist, frame: u64, faults: &mut Vec<Fault>) {
    let requested = u64::from(SEGMENT_SECONDS) * 1_000_000;
    let tolerance = frame.max(AUDIO_TOLERANCE_MICROS);
    // Segments are cut on a common clock, so a segment may take one frame from its neighbour.
    if playlist
        .inner_lengths()
        .any(|length| length.abs_diff(requested) > 2 * tolerance)
    {
        faults.push(Fault::PlaylistWrong {
            key: playlist.key.clone(),
            what: format!("has segments that do not last {SEGMENT_SECONDS} seconds"),
        });
    }
}

/// Compares the title's length with the length that the transcoder reports, and with the declared length of the source. If the source
/// declares none, the title must have three fifths of the length by the clock in its packets, which is an estimate. A source with a wrong
/// length fails here, and so does a transcode that stopped early: they cannot be distinguished, and half a film must never be published.
fn check_title(expected: &Expected, picture: u64, tolerance: u64, faults: &mut Vec<Fault>) {
    let plan = expected.plan;
    let mut within = |min_ms: u64, max_ms: u64| {
        let min = (min_ms.saturating_mul(1000)).saturating_sub(tolerance);
        let max = (max_ms.saturating_mul(1000)).saturating_add(tolerance);
        if picture < min || picture > max {
            faults.push(Fault::DurationWrong {
                plays_ms: millis(picture),
                min_ms,
                max_ms,
            });
        }
    };
    if let Some(transcoded) = expected.transcoded_ms {
        within(transcoded, transcoded);
    }
    if plan.duration_trust == DurationTrust::Declared {
        within(plan.duration_ms, plan.duration_max_ms);
        return;
    }
    // If a clock restarts, the transcoder may lose half of the film and report the other half as its whole length.
    let max_output_ms = plan.clipping().max_output_ms;
    if let Some(clock_ms) = plan.clock_ms {
        within(clock_ms / 5 * 3, max_output_ms);
    }
    if expected.transcoded_ms.is_none() {
        faults.push(Fault::DurationUnknown);
    }
    // The estimate was too short if the output ends at the clipping. Jobs of plans without a rate had no clipping.
    let is_clipped = plan.source_rate.is_some();
    if is_clipped && picture.saturating_add(2 * tolerance) >= max_output_ms.saturating_mul(1000) {
        faults.push(Fault::CutShort { max_output_ms });
    }
}

fn differ(playlist: &Playlist, picture: u64) -> Fault {
    Fault::DurationsDiffer {
        key: playlist.key.clone(),
        duration_ms: millis(playlist.micros()),
        picture_ms: millis(picture),
    }
}

const fn millis(micros: u64) -> u64 {
    (micros + 500) / 1000
}
