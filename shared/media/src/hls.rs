//! The proof that a title plays: its playlists are read, every file they name is looked for, and what they promise is
//! held against the plan. Without a [`PlaybackProof`] nothing is published.
//!
//! Pure: the caller fetches the multivariant playlist, asks [`rendition_keys`] and [`init_keys`] what else to fetch,
//! lists the objects below the prefix once, and hands everything to [`check_output`].

mod fault;
mod master;
mod rendition;
mod timing;
mod uri;

use std::collections::BTreeMap;

use domain::title::Rendition;

use crate::file::{InitFacts, init_facts};
use crate::plan::Plan;
use crate::rational::Rational;

pub use fault::Fault;
use master::Master;
use rendition::Playlist;
use uri::Base;

/// A playlist longer than this is not read: twelve hours of segments need a tenth of it.
const MAX_PLAYLIST_BYTES: usize = 8 * 1024 * 1024;

/// What was planned and where it was to be written.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// `media/<asset>/<attempt>/`
    pub prefix: &'a str,
    /// How long the picture is that the transcoder says it made ([`crate::job::picture_duration_ms`]), or, when a
    /// published title is proved again, how long it was when it was published.
    pub transcoded_ms: Option<u64>,
}

/// What was written. Keys are whole object keys.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// The text of the multivariant playlist.
    pub master: &'a str,
    /// The texts of the playlists that it names.
    pub playlists: &'a BTreeMap<String, String>,
    /// The initialization segments that those name.
    pub inits: &'a BTreeMap<String, Vec<u8>>,
    /// Every object below the prefix, with its size.
    pub objects: &'a BTreeMap<String, u64>,
}

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybackProof {
    /// The multivariant playlist, below the prefix: `hls/master.m3u8`.
    pub manifest: String,
    /// How long the title plays.
    pub duration_ms: u64,
    /// What a player can choose from, largest first.
    pub renditions: Vec<Rendition>,
    /// How many segments there are, initialization segments included.
    pub segments: usize,
    /// How many bytes they have.
    pub bytes: u64,
}

/// The multivariant playlist's place below a prefix.
#[must_use]
pub fn manifest_path() -> String {
    format!("hls/{}.m3u8", crate::job::MASTER)
}

/// The keys of the playlists that a multivariant playlist names: fetch these next.
///
/// # Errors
/// If it cannot be read, or points out of the prefix.
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

/// The keys of the initialization segments that the playlists name: fetch these too.
///
/// # Errors
/// If a playlist cannot be read, or points out of the prefix.
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

/// Proves that the output plays as planned.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check_output(expected: &Expected, output: &Output) -> Result<PlaybackProof, Vec<Fault>> {
    let mut prover = Prover {
        expected,
        output,
        faults: Vec::new(),
        segments: 0,
        bytes: 0,
    };
    match prover.walk() {
        Some((duration_ms, renditions)) if prover.faults.is_empty() => Ok(PlaybackProof {
            manifest: manifest_path(),
            duration_ms,
            renditions,
            segments: prover.segments,
            bytes: prover.bytes,
        }),
        _ => Err(prover.faults),
    }
}

/// A rendition whose files are all there.
struct Walked {
    playlist: Playlist,
    /// What its initialization segment announces.
    init: InitFacts,
    /// Bits a second, over all of it.
    average_bits: u64,
    /// Bits a second of its richest stretch.
    peak_bits: u64,
}

struct Prover<'a> {
    expected: &'a Expected<'a>,
    output: &'a Output<'a>,
    faults: Vec<Fault>,
    segments: usize,
    bytes: u64,
}

impl Prover<'_> {
    fn walk(&mut self) -> Option<(u64, Vec<Rendition>)> {
        let master = self.note(Master::parse(self.output.master))?;
        let base = Base::new(self.expected.prefix, &manifest_path());
        let plan = self.expected.plan;

        let mut audio = Vec::new();
        for uri in master.audio_uris() {
            let key = self.note(base.resolve(uri));
            audio.extend(key.and_then(|key| self.rendition(&key)));
        }
        self.faults.extend(master.audio_faults(plan));

        let sound = audio.iter().map(|walked| walked.peak_bits).max().unwrap_or(0);
        let (mut videos, mut renditions) = (Vec::new(), Vec::new());
        for rung in &plan.ladder.rungs {
            let Some(variant) = master.variant(rung.width, rung.height) else {
                self.faults.push(Fault::RungMissing { rung: rung.name() });
                continue;
            };
            let Some(walked) = self
                .note(base.resolve(&variant.uri))
                .and_then(|key| self.rendition(&key))
            else {
                continue;
            };
            let announced: Vec<&InitFacts> = std::iter::once(&walked.init)
                .chain(audio.first().map(|walked| &walked.init))
                .collect();
            self.faults.extend(master::attribute_faults(variant, rung, &announced));
            self.faults.extend(master::bandwidth_faults(variant, &walked, sound));
            renditions.push(Rendition {
                width: rung.width,
                height: rung.height,
                frame_rate_milli: u32::try_from(rung.frame_rate.milli()).unwrap_or(u32::MAX),
                bandwidth: variant.bandwidth,
                codecs: variant.codecs.clone().unwrap_or_default(),
            });
            videos.push(walked);
        }
        self.faults.extend(master.surplus_faults(plan));

        let rate = plan.ladder.rungs.first().map_or(Rational::ONE, |rung| rung.frame_rate);
        let video: Vec<&Playlist> = videos.iter().map(|walked| &walked.playlist).collect();
        let audio: Vec<&Playlist> = audio.iter().map(|walked| &walked.playlist).collect();
        let duration_ms = timing::check(self.expected, rate, &video, &audio, &mut self.faults)?;
        Some((duration_ms, renditions))
    }

    /// Walks one rendition: its playlist, its initialization segment, every segment.
    fn rendition(&mut self, key: &str) -> Option<Walked> {
        let Some(text) = self
            .output
            .playlists
            .get(key)
            .filter(|_| self.output.objects.contains_key(key))
        else {
            self.faults.push(Fault::PlaylistMissing { key: key.to_owned() });
            return None;
        };
        let playlist = self.note(Playlist::parse(self.expected.prefix, key, text))?;
        let found = playlist.faults();
        let mut sound = found.is_empty();
        self.faults.extend(found);
        for file in playlist.files() {
            match self.output.objects.get(&file.key) {
                None => {
                    self.faults.push(Fault::SegmentMissing { key: file.key.clone() });
                    sound = false;
                }
                Some(size) if *size == 0 || file.end > *size => {
                    self.faults.push(Fault::SegmentEmpty { key: file.key.clone() });
                    sound = false;
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
        if !sound {
            return None;
        }
        let (average_bits, peak_bits) = playlist.bit_rates(self.output.objects);
        Some(Walked {
            playlist,
            init,
            average_bits,
            peak_bits,
        })
    }

    fn note<T>(&mut self, outcome: Result<T, Fault>) -> Option<T> {
        outcome.map_err(|fault| self.faults.push(fault)).ok()
    }
}

#[cfg(test)]
mod tests;
