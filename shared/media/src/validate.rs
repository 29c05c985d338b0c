//! Decides whether a file can be published, and finds its [`SourceFacts`].
//!
//! Every refusal has an error of the pipeline's closed list and a sentence about the file, with the numbers that matter and an advice for the
//! uploader.

mod animation;
mod length;
mod picture;
mod sentences;
mod sound;

use domain::ingest::{IngestError, Reason};
use serde::{Deserialize, Serialize};

use crate::file::{ContainerKind, FileFacts, FileKind, TrackKind};
use crate::probe::{Container, Fraction, Probe, Track};
use crate::rational::Rational;
use crate::source::{Converted, SoundFacts, SourceFacts, VideoFacts};
use animation::admit_animation;
pub use animation::{MAX_ANIMATION_BYTES, validate_converted, validate_gif};
pub use length::MIN_DURATION_MS;
use length::{check_length, length_of};
use picture::{check_dolby_vision, check_picture, video_facts};
use sentences::{count, refuse, size};

/// A file that lacks more than a fiftieth of its bytes is refused as incomplete. With fewer missing bytes the film may be complete, which
/// the output check finds out.
const MISSING_BYTES_DIVISOR: u64 = 50;

/// Maximum pixels of a frame in any installation: 8K, 8192x4320, which is MediaConvert's limit.
pub const MAX_PIXELS: u64 = 8192 * 4320;

/// An installation's limits for sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Maximum size of a file.
    pub max_size_bytes: u64,
    /// Maximum length of a film.
    pub max_duration_ms: u64,
    /// Maximum pixels of a frame.
    pub max_pixels: u64,
}

/// Checks the facts of the file's own bytes, before the probe opens it. Playlists are refused here, because a probe would follow them.
///
/// # Errors
/// The reason for a refusal.
pub fn admit(size_bytes: u64, file: &FileFacts, limits: &Limits) -> Result<(), Reason> {
    if size_bytes == 0 {
        return refuse(
            IngestError::EmptyFile,
            "The file is empty. Check it on your computer and upload it again.",
        );
    }
    if size_bytes > limits.max_size_bytes {
        let (size, max) = (size(size_bytes), size(limits.max_size_bytes));
        let sentence = format!("The file has {size}, and the limit is {max}. Export it with a lower bitrate.");
        return refuse(IngestError::TooLarge, sentence);
    }
    if let Some(scheme) = &file.encryption {
        let sentence =
            format!("The file is encrypted ({scheme}), so it cannot be converted. Upload it without protection.");
        return refuse(IngestError::Encrypted, sentence);
    }
    match file.kind {
        FileKind::Playlist => refuse(
            IngestError::NotAVideo,
            "This is a list that points to other files, not a video. Upload the video file itself.",
        ),
        FileKind::Image => refuse(
            IngestError::NoVideoStream,
            "This is a picture, not a video. Upload a video.",
        ),
        FileKind::Animation(kind) => admit_animation(size_bytes, kind),
        FileKind::Other(kind) => refuse(
            IngestError::NotAVideo,
            format!("This is {kind}, not a video. Upload the video file itself."),
        ),
        FileKind::StreamSegment => refuse(
            IngestError::UnsupportedFormat,
            "This is one piece of a stream, which cannot be played without its beginning. Upload the whole film.",
        ),
        // A sound file may have a cover.
        FileKind::Audio(_) => Ok(()),
        FileKind::Unknown | FileKind::Container(_) => admit_container(size_bytes, file),
    }
}

fn admit_container(size_bytes: u64, file: &FileFacts) -> Result<(), Reason> {
    if file.missing_bytes > size_bytes / MISSING_BYTES_DIVISOR {
        let sentence = format!(
            "The file is incomplete: it ends {} bytes before the end that it states. Upload it again from the original.",
            count(file.missing_bytes)
        );
        return refuse(IngestError::UnsupportedFormat, sentence);
    }
    if file.index_only {
        return refuse(
            IngestError::UnsupportedFormat,
            "The file has an index but none of the pictures that it lists. Export the film again and upload that.",
        );
    }
    let indexed = file.complete && !file.tracks.is_empty();
    let has = |kind| file.tracks.iter().any(|track| track.kind == kind);
    if indexed && !has(TrackKind::Video) && !has(TrackKind::Audio) {
        return no_tracks();
    }
    Ok(())
}

/// A valid source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It has video.
    Film(SourceFacts),
    /// It has sound, may have a cover, and has no video.
    Sound(SoundFacts),
}

/// Validates a source. `probe` is absent if MediaConvert could not read the file.
///
/// # Errors
/// The reason for a refusal.
pub fn validate(size_bytes: u64, file: &FileFacts, probe: Option<&Probe>, limits: &Limits) -> Result<Source, Reason> {
    admit(size_bytes, file, limits)?;
    let Some(container) = probe.and_then(|probe| probe.container.as_ref()) else {
        return unreadable(file);
    };

    let audio_tracks: Vec<&Track> = of_type(&container.tracks, "audio").collect();
    let pictures = || of_type(&container.tracks, "video");
    let candidates = pictures().filter(|track| !is_cover(track, &audio_tracks, file));
    let Some(track) = candidates
        .clone()
        .find(|track| is_decodable(track))
        .or(candidates.clone().next())
    else {
        return sound_only(size_bytes, file, container, &audio_tracks, limits).map(Source::Sound);
    };
    let video = video_facts(track, file)?;
    check_picture(&video, limits)?;
    check_dolby_vision(file)?;
    let sound = sound::choose(&audio_tracks, Some(track), file)?;
    let offered = sound.offered_of(&audio_tracks);
    let length = length_of(size_bytes, file, container, Some(track), &offered);
    check_length(&length, limits)?;

    Ok(Source::Film(SourceFacts {
        container: container.format.clone().unwrap_or_default(),
        size_bytes,
        duration_ms: length.min_ms,
        duration_max_ms: length.max_ms,
        duration_trust: length.trust,
        clock_ms: length.clock_ms,
        made: Converted::Nothing,
        notes: notes(&video, sound.notes, file),
        video,
        audio: sound.offered,
    }))
}

/// Validates sound without video. The step `convert` finds out whether it has a cover.
fn sound_only(
    size_bytes: u64,
    file: &FileFacts,
    container: &Container,
    tracks: &[&Track],
    limits: &Limits,
) -> Result<SoundFacts, Reason> {
    if tracks.is_empty() {
        return no_tracks();
    }
    let sound = sound::choose(tracks, None, file)?;
    let length = length_of(size_bytes, file, container, None, &sound.offered_of(tracks));
    check_length(&length, limits)?;

    Ok(SoundFacts {
        container: container.format.clone().unwrap_or_default(),
        size_bytes,
        duration_ms: length.min_ms,
        audio: sound.offered,
        notes: sound.notes,
    })
}

fn of_type<'a>(tracks: &'a [Track], kind: &'a str) -> impl Iterator<Item = &'a Track> + Clone {
    tracks
        .iter()
        .filter(move |track| track.track_type.as_deref() == Some(kind))
}

/// Whether a video track is the cover of a sound file: it is coded as a still picture and has no valid frame rate, or it ends after one frame
/// and the sound continues.
fn is_cover(track: &Track, sounds: &[&Track], file: &FileFacts) -> bool {
    let video = track.video_properties.as_ref();
    let rate = video.and_then(|video| video.frame_rate).and_then(Fraction::rational);
    let Some(rate) = rate.filter(|rate| *rate <= Rational::whole(1000)) else {
        return track.codec.as_deref() == Some("MJPEG") && !sounds.is_empty();
    };
    // Matroska states the length of the whole file for each track.
    let picture = [file.media.picture_ms, track.duration_ms()].into_iter().flatten().min();
    let sound = sounds.iter().filter_map(|track| track.duration_ms()).max();
    let one_frame_ms = 1_000_000 / rate.milli().max(1);

    picture.zip(sound).is_some_and(|(picture, sound)| {
        picture <= one_frame_ms + one_frame_ms / 2 && sound > picture + COVER_SOUND_MIN_MS
    })
}

/// A single frame is a cover if the sound continues for at least this long.
const COVER_SOUND_MIN_MS: u64 = 1_000;

fn is_decodable(track: &Track) -> bool {
    track.codec.as_deref().is_some_and(|codec| codec != "UNKNOWN")
}

/// Notes for the uploader about a valid film.
fn notes(video: &VideoFacts, sound: Vec<String>, file: &FileFacts) -> Vec<String> {
    let mut notes = Vec::new();
    if video.mirrored {
        notes.push(
            "The file asks for a picture with left and right swapped. It is turned upright and stays as it was recorded."
                .to_owned(),
        );
    }
    notes.extend(sound);
    let captions = file
        .tracks
        .iter()
        .filter(|track| track.kind == TrackKind::Captions)
        .count();
    if captions > 0 {
        let tracks = if captions == 1 {
            "1 caption track".to_owned()
        } else {
            format!("{captions} caption tracks")
        };
        notes.push(format!(
            "The file has {tracks}. Captions inside a film are not supported yet."
        ));
    }
    notes
}

fn no_tracks<T>() -> Result<T, Reason> {
    refuse(
        IngestError::NoVideoStream,
        "This file has neither video nor sound. Upload a file with a video track.",
    )
}

/// The refusal of a file that MediaConvert could not read, by what its own bytes state.
fn unreadable<T>(file: &FileFacts) -> Result<T, Reason> {
    match file.kind {
        FileKind::Container(ContainerKind::IsoBmff) if file.tracks.is_empty() => refuse(
            IngestError::UnsupportedFormat,
            "The file begins like an MP4 or MOV film, but its index is missing or damaged. Export it again and upload that.",
        ),
        FileKind::Container(_) => refuse(
            IngestError::UnsupportedFormat,
            "The file looks like a film, but it is damaged and cannot be read. Export it again and upload that.",
        ),
        _ => refuse(
            IngestError::NotAVideo,
            "The file cannot be read as a video. Upload a film in a usual format, such as MP4, MOV, MKV or WebM.",
        ),
    }
}

#[cfg(test)]
mod tests;
