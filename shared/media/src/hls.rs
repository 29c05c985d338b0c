//! The output check: playlists are read, every file that they name must exist, and their attributes must match the plan. Without
//! a [`PlaybackProof`] nothing is published.
//!
//! Pure: the caller fetches the master playlist and the files of [`rendition_keys`] and [`init_keys`], lists the objects below the
//! prefix, and passes everything to [`check_output`].

mod fault;
mod master;
mod rendition;
mod timing;
mod uri;

use std::collections::BTreeMap;

use domain::title::{Rendition, Sound};
use serde::{Deserialize, Serialize};

use crate::file::{InitFacts, init_facts};
use crate::plan::Plan;
use crate::rational::Rational;

pub use fault::Fault;
use master::Master;
use rendition::Playlist;
use uri::Base;

/// Maximum size of a playlist. Twelve hours of segments need a tenth of it.
const MAX_PLAYLIST_BYTES: usize = 8 * 1024 * 1024;

/// The expected output.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The prefix of its objects, `media/<asset>/<attempt>/`.
    pub prefix: &'a str,
    /// The length of the picture that the transcoder reports ([`crate::job::picture_duration_ms`]); for a published title that is checked
    /// again, its length when it was published.
    pub transcoded_ms: Option<u64>,
}

/// The written output. All keys are full object keys.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// The text of the master playlist.
    pub master: &'a str,
    /// The texts of the media playlists.
    pub playlists: &'a BTreeMap<String, String>,
    /// The initialization segments.
    pub inits: &'a BTreeMap<String, Vec<u8>>,
    /// Every object below the prefix, with its size.
    pub objects: &'a BTreeMap<String, u64>,
}

/// The proof that an output plays as planned. The step `verify` stores it for `publish`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybackProof {
    /// The path of the master playlist below the prefix: `hls/master.m3u8`.
    pub manifest: String,
    /// The length of the title.
    pub duration_ms: u64,
    /// The renditions of the picture, largest first.
    pub renditions: Vec<Rendition>,
    /// The sound tracks. Each was found under the name that the plan gives it.
    #[serde(default)]
    pub sounds: Vec<Sound>,
    /// The key of the still picture that becomes the poster.
    pub poster: Option<String>,
    /// The number of segments, including initialization segments.
    pub segments: usize,
    /// The bytes of all segments.
    pub bytes: u64,
}

/// The path of the master playlist below a prefix.
#[must_use]
pub fn manifest_path() -> String {
    format!("hls/{}.m3u8", crate::job::MASTER)
}

/// The keys of the media playlists that a master playlist names.
///
/// # Errors
/// If the playlist is invalid, or names a file outside the prefix.
pub fn rendition_keys(prefix: &str, master: &str) -> Result<Vec<String>, Fault> {
    let base = Base::new(prefix, &manifest_path());
    let master = Master::parse(master)?;
    let mut keys = Vec::new();
    for uri in master.uris() {
        let key = base.resolve(uri)?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// The keys of the initialization segments that the media playlists name.
///
/// # Errors
/// If a playlist is invalid, or names a file outside the prefix.
pub fn init_keys(prefix: &str, playlists: &BTreeMap<String, String>) -> Result<Vec<String>, Fault> {
    let mut keys = Vec::new();
    for (key, text) in playlists {
        for init in Playlist::parse(prefix, key, text)?.inits {
            if !keys.contains(&init) {
                keys.push(init);
            }
        }
    }
    Ok(keys)
}

/// Checks that the output plays as planned.
///
/// # Errors
/// All faults of the output.
pub fn check_output(expected: &Expected, output: &Output) -> Result<PlaybackProof, Vec<Fault>> {
    let mut check = Check {
        expected,
        output,
        faults: Vec::new(),
        segments: 0,
        bytes: 0,
    };
    match check.run() {
        Some((duration_ms, renditions)) if check.faults.is_empty() => Ok(PlaybackProof {
            manifest: manifest_path(),
            duration_ms,
            renditions,
            sounds: sounds(expected.plan),
            poster: poster(output.objects, expected.prefix),
            segments: check.segments,
            bytes: check.bytes,
        }),
        _ => Err(check.faults),
    }
}

fn sounds(plan: &Plan) -> Vec<Sound> {
    let rungs = plan.ladder.audio.iter();

    rungs
        .map(|rung| Sound {
            name: rung.name.clone(),
            language: rung.language.clone(),
        })
        .collect()
}

/// The still picture with the most bytes, because it shows the most: the first frame is often black.
fn poster(objects: &BTreeMap<String, u64>, prefix: &str) -> Option<String> {
    let stills = format!("{prefix}images/");

    objects
        .iter()
        .filter(|(key, size)| key.starts_with(&stills) && **size > 0)
        .max_by_key(|(_, size)| **size)
        .map(|(key, _)| key.clone())
}

/// A rendition whose files all exist.
struct CheckedRendition {
    playlist: Playlist,
    /// The facts of its initialization segment.
    init: InitFacts,
    /// Average bits a second.
    average_bits: u64,
    /// Peak bits a second.
    peak_bits: u64,
}

struct Check<'a> {
    expected: &'a Expected<'a>,
    output: &'a Output<'a>,
    faults: Vec<Fault>,
    segments: usize,
    bytes: u64,
}

impl Check<'_> {
    fn run(&mut self) -> Option<(u64, Vec<Rendition>)> {
        let master = self.collect(Master::parse(self.output.master))?;
        let base = Base::new(self.expected.prefix, &manifest_path());
        let plan = self.expected.plan;

        let mut audio = Vec::new();
        for uri in master.audio_uris() {
            let key = self.collect(base.resolve(uri));
            audio.extend(key.and_then(|key| self.rendition(&key)));
        }
        self.faults.extend(master.audio_faults(plan));

        let audio_peak = audio.iter().map(|rendition| rendition.peak_bits).max().unwrap_or(0);
        let (mut videos, mut renditions) = (Vec::new(), Vec::new());
        for rung in &plan.ladder.rungs {
            let Some(variant) = master.variant(rung.width, rung.height) else {
                self.faults.push(Fault::RungMissing { rung: rung.name() });
                continue;
            };
            let Some(rendition) = self
                .collect(base.resolve(&variant.uri))
                .and_then(|key| self.rendition(&key))
            else {
                continue;
            };
            let declared: Vec<&InitFacts> = std::iter::once(&rendition.init)
                .chain(audio.first().map(|rendition| &rendition.init))
                .collect();
            self.faults.extend(master::attribute_faults(variant, rung, &declared));
            self.faults
                .extend(master::bandwidth_faults(variant, &rendition, audio_peak));
            renditions.push(Rendition {
                width: rung.width,
                height: rung.height,
                frame_rate_milli: u32::try_from(rung.frame_rate.milli()).unwrap_or(u32::MAX),
                bandwidth: variant.bandwidth,
                codecs: variant.codecs.clone().unwrap_or_default(),
            });
            videos.push(rendition);
        }
        self.faults.extend(master.surplus_faults(plan));

        let rate = plan.ladder.rungs.first().map_or(Rational::ONE, |rung| rung.frame_rate);
        let video: Vec<&Playlist> = videos.iter().map(|rendition| &rendition.playlist).collect();
        let audio: Vec<&Playlist> = audio.iter().map(|rendition| &rendition.playlist).collect();
        let duration_ms = timing::check(self.expected, rate, &video, &audio, &mut self.faults)?;
        Some((duration_ms, renditions))
    }

    /// Checks one rendition: its playlist, its initialization segment and every segment.
    fn rendition(&mut self, key: &str) -> Option<CheckedRendition> {
        let Some(text) = self
            .output
            .playlists
            .get(key)
            .filter(|_| self.output.objects.contains_key(key))
        else {
            self.faults.push(Fault::PlaylistMissing { key: key.to_owned() });
            return None;
        };
        let playlist = self.collect(Playlist::parse(self.expected.prefix, key, text))?;
        let found = playlist.faults();
        let mut is_complete = found.is_empty();
        self.faults.extend(found);
        for file in playlist.files() {
            match self.output.objects.get(&file.key) {
                None => {
                    self.faults.push(Fault::SegmentMissing { key: file.key.clone() });
                    is_complete = false;
                }
                Some(size) if *size == 0 || file.end > *size => {
                    self.faults.push(Fault::SegmentEmpty { key: file.key.clone() });
                    is_complete = false;
                }
                Some(size) => {
                    self.segments += 1;
                    self.bytes += if file.end > 0 { file.len } else { *size };
                }
            }
        }
        let init = playlist
            .inits
            .first()
            .and_then(|key| self.output.inits.get(key))
            .and_then(|bytes| init_facts(bytes));
        let Some(init) = init else {
            let key = playlist.inits.first().cloned().unwrap_or_else(|| key.to_owned());
            self.faults.push(Fault::InitUnreadable { key });
            return None;
        };
        if !is_complete {
            return None;
        }
        let (average_bits, peak_bits) = playlist.bit_rates(self.output.objects);
        Some(CheckedRendition {
            playlist,
            init,
            average_bits,
            peak_bits,
        })
    }

    fn collect<T>(&mut self, outcome: Result<T, Fault>) -> Option<T> {
        outcome.map_err(|fault| self.faults.push(fault)).ok()
    }
}

#[cfg(test)]
mod tests;
