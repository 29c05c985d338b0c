//! Validates the sound: which tracks of a film are offered. Every track that is left out is noted.

use domain::ingest::{IngestError, Reason};

use super::is_decodable;
use super::sentences::{length, refuse};
use crate::file::{FileFacts, FileTrack, TrackKind};
use crate::ladder::MAX_AUDIO;
use crate::probe::{AudioProperties, Track};
use crate::source::{AudioFacts, SoundRole};

/// A track may be longer than the film by this, or by a fiftieth of the film. The picture of a longer one would be black.
const MAX_EXCESS_MS: u64 = 2_000;

/// The offered tracks, the default first.
pub(super) struct Sound {
    pub(super) offered: Vec<AudioFacts>,
    /// Notes for the uploader about tracks that are left out or paired.
    pub(super) notes: Vec<String>,
}

impl Sound {
    /// The probe's sound tracks that are offered.
    pub(super) fn offered_of<'a>(&self, tracks: &[&'a Track]) -> Vec<&'a Track> {
        let is_offered = |number: u32| {
            let mut numbers = self.offered.iter().flat_map(|track| [Some(track.track), track.right]);
            numbers.any(|offered| offered == Some(number))
        };
        let numbered = (1u32..).zip(tracks);
        numbered
            .filter(|(number, _)| is_offered(*number))
            .map(|(_, track)| *track)
            .collect()
    }
}

/// Chooses the offered tracks among the probe's sound tracks.
///
/// # Errors
/// If the film has sound and none of it can be converted: a silent film would surprise its owner.
pub(super) fn choose(tracks: &[&Track], picture: Option<&Track>, file: &FileFacts) -> Result<Sound, Reason> {
    let mut notes = Vec::new();
    let mut all = Vec::new();
    let own = own_tracks(file, tracks.len());
    for (index, (number, track)) in (1u32..).zip(tracks).enumerate() {
        if is_decodable(track) {
            all.push(facts(number, track, own.get(index).copied()));
        } else {
            notes.push(format!(
                "Sound track {number} is coded in a way that cannot be converted. It is left out."
            ));
        }
    }
    if all.is_empty() && !tracks.is_empty() {
        return refuse(
            IngestError::UnsupportedFormat,
            "The sound is coded in a way that cannot be converted. Export it with AAC sound and upload that.",
        );
    }

    let mut offered = pair_channels(all, &mut notes);
    if let Some(first) = offered.iter().position(|track| track.flagged) {
        let first = offered.remove(first);
        offered.insert(0, first);
    }
    leave_out_longer(&mut offered, picture.and_then(Track::duration_ms), &mut notes);
    for surplus in offered.iter().skip(MAX_AUDIO) {
        let number = surplus.track;
        notes.push(format!(
            "Sound track {number} is left out: at most {MAX_AUDIO} are offered."
        ));
    }
    offered.truncate(MAX_AUDIO);

    Ok(Sound { offered, notes })
}

/// The sound tracks in the file's own index, if there are as many as in the probe.
fn own_tracks(file: &FileFacts, count: usize) -> Vec<&FileTrack> {
    let own: Vec<_> = file
        .tracks
        .iter()
        .filter(|track| track.kind == TrackKind::Audio)
        .collect();
    if own.len() == count { own } else { Vec::new() }
}

fn facts(number: u32, track: &Track, own: Option<&FileTrack>) -> AudioFacts {
    let none = AudioProperties::default();
    let stated = track.audio_properties.as_ref().unwrap_or(&none);
    let probed = stated.language_code.as_deref().and_then(kernel::language::from_track);
    let title = own.and_then(|own| own.title.clone());
    let role = own.map(|own| own.role).unwrap_or_default();

    AudioFacts {
        track: number,
        right: None,
        codec: track.codec.clone().unwrap_or_default(),
        channels: stated
            .channels
            .and_then(|channels| u32::try_from(channels).ok())
            .unwrap_or(0),
        language: own.and_then(|own| own.language.clone()).or(probed),
        role: if role == SoundRole::Main {
            role_of(title.as_deref())
        } else {
            role
        },
        title,
        flagged: own.is_some_and(|own| own.flagged),
        duration_ms: track.duration_ms(),
    }
}

/// The role that a title states: many files have no other statement.
fn role_of(title: Option<&str>) -> SoundRole {
    let title = title.unwrap_or_default().to_lowercase();
    if title.contains("commentary") {
        SoundRole::Commentary
    } else if title.contains("audio description") || title.contains("described") {
        SoundRole::Description
    } else {
        SoundRole::Main
    }
}

/// Pairs mono tracks to stereo: cameras and editing programs write left and right as two uncompressed tracks without titles.
fn pair_channels(tracks: Vec<AudioFacts>, notes: &mut Vec<String>) -> Vec<AudioFacts> {
    let mut paired: Vec<AudioFacts> = Vec::new();
    for track in tracks {
        match paired.last_mut().filter(|left| is_pair(left, &track)) {
            Some(left) => {
                notes.push(format!(
                    "Sound tracks {} and {} have one channel each. They become left and right of one stereo track.",
                    left.track, track.track
                ));
                left.right = Some(track.track);
                left.channels = 2;
                left.flagged |= track.flagged;
                left.duration_ms = left.duration_ms.max(track.duration_ms);
            }
            None => paired.push(track),
        }
    }
    paired
}

fn is_pair(left: &AudioFacts, right: &AudioFacts) -> bool {
    let single = |track: &AudioFacts| {
        let unnamed = track.title.is_none() && track.role == SoundRole::Main;
        track.codec == "PCM" && track.channels == 1 && track.right.is_none() && unnamed
    };
    single(left) && single(right) && left.language == right.language
}

/// Leaves out tracks that are much longer than the film, which is as long as its picture and its first sound track.
fn leave_out_longer(offered: &mut Vec<AudioFacts>, picture_ms: Option<u64>, notes: &mut Vec<String>) {
    let first_ms = offered.first().and_then(|track| track.duration_ms);
    let Some(film_ms) = picture_ms.max(first_ms) else {
        return;
    };
    let max_ms = film_ms + MAX_EXCESS_MS.max(film_ms / 50);
    offered.retain(|track| {
        let Some(long) = track.duration_ms.filter(|long| *long > max_ms) else {
            return true;
        };
        notes.push(format!(
            "Sound track {} lasts {}, and the film {}. It is left out.",
            track.track,
            length(long),
            length(film_ms)
        ));
        false
    });
}
