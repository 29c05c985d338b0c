//! The master playlist: its renditions and their attributes.

use m3u8_rs::{AlternativeMedia, AlternativeMediaType, MasterPlaylist, VariantStream};

use super::{CheckedRendition, Fault, MAX_PLAYLIST_BYTES, manifest_path};
use crate::file::InitFacts;
use crate::ladder::Rung;
use crate::plan::Plan;

/// Maximum number of renditions. Fewer are ever planned, and each one is fetched.
const MAX_RENDITIONS: usize = 64;

pub(super) struct Master(MasterPlaylist);

impl Master {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let unreadable = || Fault::PlaylistUnreadable { key: manifest_path() };
        if text.len() > MAX_PLAYLIST_BYTES || !text.starts_with("#EXTM3U") {
            return Err(unreadable());
        }
        let (_, master) = m3u8_rs::parse_master_playlist(text.as_bytes()).map_err(|_| unreadable())?;
        let named = master.variants.len() + master.alternatives.len();
        if master.variants.is_empty() || named > MAX_RENDITIONS {
            return Err(unreadable());
        }
        Ok(Self(master))
    }

    fn variants(&self) -> impl Iterator<Item = &VariantStream> {
        self.0.variants.iter().filter(|variant| !variant.is_i_frame)
    }

    fn audio(&self) -> impl Iterator<Item = &AlternativeMedia> {
        self.0
            .alternatives
            .iter()
            .filter(|media| media.media_type == AlternativeMediaType::Audio)
    }

    /// All URIs that it names.
    pub(super) fn uris(&self) -> impl Iterator<Item = &str> {
        let variants = self.0.variants.iter().map(|variant| variant.uri.as_str());
        variants.chain(self.0.alternatives.iter().filter_map(|media| media.uri.as_deref()))
    }

    pub(super) fn audio_uris(&self) -> impl Iterator<Item = &str> {
        self.audio().filter_map(|media| media.uri.as_deref())
    }

    /// The variant of a size.
    pub(super) fn variant(&self, width: u32, height: u32) -> Option<&VariantStream> {
        self.variants().find(|variant| is_size(variant, width, height))
    }

    /// Faults of variants that are not in the plan or occur twice.
    pub(super) fn surplus_faults(&self, plan: &Plan) -> Vec<Fault> {
        let mut planned: Vec<(u32, u32)> = plan.ladder.rungs.iter().map(|rung| (rung.width, rung.height)).collect();
        let mut faults = Vec::new();
        for variant in self.variants() {
            match planned
                .iter()
                .position(|(width, height)| is_size(variant, *width, *height))
            {
                Some(found) => {
                    planned.swap_remove(found);
                }
                None => faults.push(Fault::Unplanned {
                    uri: variant.uri.clone(),
                }),
            }
        }
        faults
    }

    /// Faults of the audio renditions. There must be as many as planned, in one rendition group that every variant names, with one default.
    pub(super) fn audio_faults(&self, plan: &Plan) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut wrong = |what: String| faults.push(Fault::AudioWrong { what });
        let (planned, offered) = (plan.ladder.audio.len(), self.audio_uris().count());
        if planned != offered {
            wrong(format!("{offered} tracks are offered, and {planned} were planned"));
        }
        let group = self.audio().next().map(|media| media.group_id.as_str());
        if self.audio().any(|media| Some(media.group_id.as_str()) != group) {
            wrong("they are in different groups".into());
        }
        if planned > 0 && self.audio().filter(|media| media.default).count() != 1 {
            wrong("not exactly one of them is the default".into());
        }
        let mut names: Vec<&str> = self.audio().map(|media| media.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() != self.audio().count() {
            wrong("two of them have the same name".into());
        }
        for rung in plan.ladder.audio.iter().filter(|rung| !rung.name.is_empty()) {
            match self.audio().find(|media| media.name == rung.name) {
                None => wrong(format!("none is named {}", rung.name)),
                Some(media) if rung.language.is_some() && media.language != rung.language => {
                    let says = media.language.as_deref().unwrap_or("none");
                    wrong(format!("{} has the language {says}", rung.name));
                }
                Some(_) => {}
            }
        }
        for variant in self.variants().filter(|variant| variant.audio.as_deref() != group) {
            let says = variant.audio.as_deref().unwrap_or("none");
            wrong(format!("{} names the group {says}", variant.uri));
        }
        faults
    }
}

fn is_size(variant: &VariantStream, width: u32, height: u32) -> bool {
    variant
        .resolution
        .is_some_and(|resolution| resolution.width == u64::from(width) && resolution.height == u64::from(height))
}

/// Compares FRAME-RATE with the plan, and CODECS and RESOLUTION with the initialization segments.
pub(super) fn attribute_faults(variant: &VariantStream, rung: &Rung, declared: &[&InitFacts]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut wrong = |attribute, says: String, is: String| {
        faults.push(Fault::AttributeFalse {
            uri: variant.uri.clone(),
            attribute,
            says,
            is,
        });
    };

    // The attribute has three decimals: 29.970 for 30000/1001.
    let rate = f64::from(rung.frame_rate.num()) / f64::from(rung.frame_rate.den());
    if variant
        .frame_rate
        .is_none_or(|says| !says.is_finite() || (says - rate).abs() > 0.002)
    {
        let says = variant
            .frame_rate
            .map_or_else(|| "nothing".to_owned(), |says| says.to_string());
        wrong("FRAME-RATE", says, rung.frame_rate.to_string());
    }

    let lower = |codec: &str| codec.trim().to_ascii_lowercase();
    let mut says: Vec<String> = variant
        .codecs
        .iter()
        .flat_map(|codecs| codecs.split(','))
        .map(lower)
        .collect();
    let mut is: Vec<String> = declared.iter().map(|init| lower(&init.codec)).collect();
    says.sort();
    is.sort();
    if says != is {
        wrong(
            "CODECS",
            variant.codecs.clone().unwrap_or_else(|| "nothing".to_owned()),
            is.join(","),
        );
    }

    let coded = declared.iter().find_map(|init| init.size);
    if coded != Some((rung.width, rung.height)) {
        let is = coded.map_or_else(
            || "not declared".to_owned(),
            |(width, height)| format!("{width}x{height}"),
        );
        wrong("RESOLUTION", rung.name(), is);
    }
    faults
}

/// BANDWIDTH is an upper bound. Encoders may exceed their maximum for a moment, so the peak may be half above it; the average may not
/// exceed it at all.
pub(super) fn bandwidth_faults(
    variant: &VariantStream,
    rendition: &CheckedRendition,
    audio_peak: u64,
) -> Option<Fault> {
    let average = rendition.average_bits;
    let peak = rendition.peak_bits.saturating_add(audio_peak);
    let exceeded = average > variant.bandwidth || peak > variant.bandwidth.saturating_mul(3) / 2;
    let false_average = variant
        .average_bandwidth
        .is_some_and(|says| average > says.saturating_mul(11) / 10);
    (exceeded || false_average).then(|| Fault::AttributeFalse {
        uri: variant.uri.clone(),
        attribute: if exceeded { "BANDWIDTH" } else { "AVERAGE-BANDWIDTH" },
        says: if exceeded {
            variant.bandwidth
        } else {
            variant.average_bandwidth.unwrap_or_default()
        }
        .to_string(),
        is: if exceeded { peak } else { average }.to_string(),
    })
}
