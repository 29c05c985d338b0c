//! Time: do the renditions agree with one another, and the whole with its source?

use super::rendition::Playlist;
use super::{Expected, Fault};
use crate::job::SEGMENT_SECONDS;
use crate::rational::Rational;
use crate::source::{Converted, DurationTrust};

/// Sound is coded in frames of its own, so it never ends exactly with a picture.
const AUDIO_TOLERANCE_MICROS: u64 = 100_000;
/// Below a cover nothing has to be in step, and lengths that tags state count samples that players leave out.
const SONG_TOLERANCE_MICROS: u64 = 500_000;
/// The whole may differ from its source by this, or by one frame if that is longer.
const WHOLE_TOLERANCE_MICROS: u64 = 100_000;

/// Checks all durations; the title's own, if there is any rendition.
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
        check_cadence(playlist, frame, faults);
    }
    let sound_tolerance = match expected.plan.made {
        Converted::Cover => SONG_TOLERANCE_MICROS,
        Converted::Nothing | Converted::Film => AUDIO_TOLERANCE_MICROS,
    };
    for playlist in audio {
        if playlist.micros().abs_diff(picture) > sound_tolerance {
            faults.push(differ(playlist, picture));
        }
        check_cadence(playlist, frame, faults);
    }
    check_whole(expected, picture, frame.max(WHOLE_TOLERANCE_MICROS), faults);
    Some(millis(picture))
}

/// Every segment of one begins within a frame of the same segment of the other.
fn aligned(one: &Playlist, other: &Playlist, frame: u64) -> bool {
    one.starts().count() == other.starts().count()
        && one
            .starts()
            .zip(other.starts())
            .all(|(one, other)| one.abs_diff(other) <= frame)
}

/// Every segment but the last is as long as asked for: a short one inside is a hole that a sum might hide.
fn check_cadence(playlist: &Playlist, frame: u64, faults: &mut Vec<Fault>) {
    let asked = u64::from(SEGMENT_SECONDS) * 1_000_000;
    let tolerance = frame.max(AUDIO_TOLERANCE_MICROS);
    // Segments are cut on a common clock, so one may borrow a frame from its neighbour; not more.
    if playlist
        .inner_lengths()
        .any(|length| length.abs_diff(asked) > 2 * tolerance)
    {
        faults.push(Fault::PlaylistWrong {
            key: playlist.key.clone(),
            what: format!("has segments that do not last {SEGMENT_SECONDS} seconds"),
        });
    }
}

/// Against what the transcoder says it made, always; against what the source says, where that can be believed; else against the
/// clock in the source's packets, of which three fifths must be there: it is near the truth, and half is not. A source that
/// lies about its length fails here, and so does a transcode that stopped early: from outside they look the same, and
/// half a film must never be published.
fn check_whole(expected: &Expected, picture: u64, tolerance: u64, faults: &mut Vec<Fault>) {
    let plan = expected.plan;
    let mut within = |least_ms: u64, most_ms: u64| {
        let least = (least_ms.saturating_mul(1000)).saturating_sub(tolerance);
        let most = (most_ms.saturating_mul(1000)).saturating_add(tolerance);
        if picture < least || picture > most {
            faults.push(Fault::DurationWrong {
                plays_ms: millis(picture),
                least_ms,
                most_ms,
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
    // The transcoder may have lost half of a film whose clock begins again, and says so of itself as if that were all.
    let max_output_ms = plan.clipping().max_output_ms;
    if let Some(clock_ms) = plan.clock_ms {
        within(clock_ms / 5 * 3, max_output_ms);
    }
    if expected.transcoded_ms.is_none() {
        faults.push(Fault::DurationUnknown);
    }
    // A guess that was too short: what came out reaches to where the job had to end. Jobs of plans without a rate had no end.
    let is_fenced = plan.source_rate.is_some();
    if is_fenced && picture.saturating_add(2 * tolerance) >= max_output_ms.saturating_mul(1000) {
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
