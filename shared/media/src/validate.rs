//! May this file be published? The only way to [`SourceFacts`].
//!
//! Every refusal is a name from the pipeline's closed list and a sentence that is true of the file, with the numbers
//! that it is refused for and what the uploader can do.

mod animation;
mod length;
mod picture;
mod sentences;
mod sound;

use domain::ingest::{IngestError, Reason};
use serde::{Deserialize, Serialize};

use crate::file::{ContainerKind, FileFacts, FileKind, TrackKind, whole_millis};
use crate::probe::{Container, Fraction, Probe, Track};
use crate::rational::Rational;
use crate::source::{Converted, SoundFacts, SourceFacts, VideoFacts};
use animation::admit_animation;
pub use animation::{MAX_ANIMATION_BYTES, validate_converted, validate_gif};
pub use length::MIN_DURATION_MS;
use length::{check_length, length_of};
use picture::{check_dolby_vision, check_picture, video_facts};
use sentences::{count, refuse, size};

/// A file that lacks more than this part of its bytes (one in fifty) has lost a part of the film on the way. One that lacks
/// less may still be whole: the proof tells.
const MISSING_PART: u64 = 50;

/// Pixels of a frame that are accepted anywhere: 8K, 8192x4320, the most that MediaConvert takes.
pub const MAX_PIXELS: u64 = 8192 * 4320;

/// What an installation accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of a file.
    pub max_size_bytes: u64,
    /// Length of a film.
    pub max_duration_ms: u64,
    /// Pixels of a frame.
    pub max_pixels: u64,
}

/// What the file's own bytes decide, before anything else opens it. Playlists end here: a probe would follow them.
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
        // Sound may have a cover.
        FileKind::Audio(_) => Ok(()),
        FileKind::Unknown | FileKind::Container(_) => admit_container(size_bytes, file),
    }
}

fn admit_container(size_bytes: u64, file: &FileFacts) -> Result<(), Reason> {
    if file.missing_bytes > size_bytes / MISSING_PART {
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
        return neither();
    }
    Ok(())
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It has a picture that moves.
    Film(SourceFacts),
    /// It has sound, and perhaps a cover.
    Sound(SoundFacts),
}

/// Everything that is decided before planning. `probe` is absent when MediaConvert could not read the file.
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
        return sound_alone(size_bytes, file, container, &audio_tracks, limits).map(Source::Sound);
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
        duration_ms: length.least_ms,
        duration_max_ms: length.most_ms,
        duration_trust: length.trust,
        clock_ms: length.clock_ms,
        made: Converted::Nothing,
        notes: notes(&video, sound.notes, file),
        video,
        audio: sound.offered,
    }))
}

/// Sound without a picture that moves. Whether it has a cover is found out by whoever opens its tags.
fn sound_alone(
    size_bytes: u64,
    file: &FileFacts,
    container: &Container,
    tracks: &[&Track],
    limits: &Limits,
) -> Result<SoundFacts, Reason> {
    if tracks.is_empty() {
        return neither();
    }
    let sound = sound::choose(tracks, None, file)?;
    let length = length_of(size_bytes, file, container, None, &sound.offered_of(tracks));
    check_length(&length, limits)?;

    Ok(SoundFacts {
        container: container.format.clone().unwrap_or_default(),
        size_bytes,
        duration_ms: length.least_ms,
        audio: sound.offered,
        notes: sound.notes,
    })
}

fn of_type<'a>(tracks: &'a [Track], kind: &'a str) -> impl Iterator<Item = &'a Track> + Clone {
    tracks
        .iter()
        .filter(move |track| track.track_type.as_deref() == Some(kind))
}

/// A cover picture goes with sound and is coded as a still picture. It has no frame rate that a film could have, or it is over
/// after one frame while the sound goes on.
fn is_cover(track: &Track, sounds: &[&Track], file: &FileFacts) -> bool {
    let video = track.video_properties.as_ref();
    let rate = video.and_then(|video| video.frame_rate).and_then(Fraction::rational);
    let Some(rate) = rate.filter(|rate| *rate <= Rational::whole(1000)) else {
        return track.codec.as_deref() == Some("MJPEG") && !sounds.is_empty();
    };
    let millis = |track: &Track| track.duration.and_then(|seconds| whole_millis(seconds * 1000.0));
    // Matroska states the length of the whole for each of its tracks.
    let picture = [file.media.picture_ms, millis(track)].into_iter().flatten().min();
    let sound = sounds.iter().filter_map(|track| millis(track)).max();
    let one_frame_ms = 1_000_000 / rate.milli().max(1);

    picture.zip(sound).is_some_and(|(picture, sound)| {
        picture <= one_frame_ms + one_frame_ms / 2 && sound > picture + COVER_OUTLASTED_MS
    })
}

/// Sound that goes on for this long after a single frame belongs to a song with its cover.
const COVER_OUTLASTED_MS: u64 = 1_000;

fn is_decodable(track: &Track) -> bool {
    track.codec.as_deref().is_some_and(|codec| codec != "UNKNOWN")
}

/// What the uploader should know of a film that is published all the same.
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
            "The file has {tracks}. Captions inside a film are not taken over yet."
        ));
    }
    notes
}

fn neither<T>() -> Result<T, Reason> {
    refuse(
        IngestError::NoVideoStream,
        "This file has neither video nor sound. Upload a file with a video track.",
    )
}

/// MediaConvert could not read it: what the bytes told decides the words.
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
