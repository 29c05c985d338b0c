//! Validates the picture: its facts, from the most reliable source of each, and its limits.

use domain::ingest::{IngestError, Reason};

use super::sentences::{count, refuse};
use super::{Limits, is_decodable};
use crate::file::{ContainerKind, FileFacts, FileKind, TrackKind};
use crate::ladder::MIN_SIDE;
use crate::probe::{CodecMetadata, Fraction, Track, VideoProperties};
use crate::rational::Rational;
use crate::source::{DynamicRange, Rotation, ScanType, VideoFacts};

/// Maximum side that MediaConvert encodes, in pixels.
const MAX_SIDE: u32 = 8192;

pub(super) fn video_facts(track: &Track, file: &FileFacts) -> Result<VideoFacts, Reason> {
    let own = file.tracks.iter().find(|track| track.kind == TrackKind::Video);
    if !is_decodable(track) {
        let codec = own.map(|own| format!(" (`{}`)", own.codec)).unwrap_or_default();
        let sentence = format!(
            "The picture is coded in a way that cannot be converted{codec}. Export it as H.264 or H.265 and upload that."
        );
        return refuse(IngestError::UnsupportedFormat, sentence);
    }
    let none = VideoProperties::default();
    let stated = track.video_properties.as_ref().unwrap_or(&none);
    let nothing = CodecMetadata::default();
    let coded = stated.codec_metadata.as_ref().unwrap_or(&nothing);

    let side = |stated: Option<i64>, coded: Option<i64>| {
        [stated, coded]
            .into_iter()
            .flatten()
            .find_map(|side| u32::try_from(side).ok().filter(|side| *side > 0))
    };
    let (Some(width), Some(height)) = (side(stated.width, coded.width), side(stated.height, coded.height)) else {
        let sentence =
            "The file does not say how large its picture is: it is damaged. Export it again and upload that.";
        return refuse(IngestError::UnsupportedFormat, sentence);
    };

    let own_index = matches!(file.kind, FileKind::Container(ContainerKind::IsoBmff));
    let (rotation, mirrored) = if let Some(own) = own.filter(|_| own_index) {
        (own.rotation, own.mirrored)
    } else {
        let degrees = stated.rotation.or(coded.rotation).unwrap_or(0);
        (Rotation::from_degrees(degrees), false)
    };
    let own_aspect = own.and_then(|own| own.pixel_aspect);
    let aspects = [stated.sample_aspect_ratio, coded.sample_aspect_ratio]
        .into_iter()
        .flatten();
    let pixel_aspect = aspects
        .filter_map(Fraction::rational)
        .chain(own_aspect)
        .find(|aspect| is_pixel_aspect(*aspect));
    let mut rates = [stated.frame_rate, coded.coded_frame_rate].into_iter().flatten();
    let transfers = [&coded.transfer_characteristics, &stated.transfer_characteristics];

    Ok(VideoFacts {
        codec: track.codec.clone().unwrap_or_default(),
        width,
        height,
        rotation,
        mirrored,
        pixel_aspect: pixel_aspect.unwrap_or(Rational::ONE),
        frame_rate: rates.find_map(Fraction::rational),
        scan_type: scan_type(coded.scan_type.as_deref()),
        dynamic_range: transfers
            .into_iter()
            .flatten()
            .find_map(|word| dynamic_range(word))
            .unwrap_or_default(),
        bitrate: stated.bit_rate.and_then(|rate| u64::try_from(rate).ok()),
    })
}

/// Whether a pixel aspect ratio is plausible. More than eight to one is a mistake of the muxer.
fn is_pixel_aspect(aspect: Rational) -> bool {
    aspect <= Rational::whole(8) && aspect.milli() >= 125
}

fn scan_type(word: Option<&str>) -> ScanType {
    let word = word.unwrap_or_default().to_ascii_lowercase();
    let interlaced = ["interlaced", "mbaff", "paff", "field"]
        .iter()
        .any(|kind| word.contains(kind));
    if interlaced {
        ScanType::Interlaced
    } else {
        ScanType::Progressive
    }
}

fn dynamic_range(transfer: &str) -> Option<DynamicRange> {
    match transfer {
        "SMPTE_2084" => Some(DynamicRange::Pq),
        "ARIB_B67" => Some(DynamicRange::Hlg),
        _ => None,
    }
}

/// Refuses Dolby Vision without a compatible base layer (usually profile 5): it cannot be converted, and would look green and purple.
pub(super) fn check_dolby_vision(file: &FileFacts) -> Result<(), Reason> {
    let records = file.tracks.iter().filter_map(|track| track.dolby_vision);
    match records.into_iter().find(|record| record.compatibility == 0) {
        None => Ok(()),
        Some(record) => refuse(
            IngestError::UnsupportedFormat,
            format!(
                "The film is coded as Dolby Vision profile {}, whose colours only Dolby Vision screens can show. Export it \
                 as HDR10, HLG or SDR, or as Dolby Vision profile 8, and upload that.",
                record.profile
            ),
        ),
    }
}

pub(super) fn check_picture(video: &VideoFacts, limits: &Limits) -> Result<(), Reason> {
    let pixels = u64::from(video.width) * u64::from(video.height);
    if pixels > limits.max_pixels {
        let sentence = format!(
            "The picture is {}x{}: {} pixels, and the limit is {}. Export it smaller and upload that.",
            video.width,
            video.height,
            count(pixels),
            count(limits.max_pixels)
        );
        return refuse(IngestError::TooManyPixels, sentence);
    }
    let (width, height) = video.display_size();
    if width < MIN_SIDE || height < MIN_SIDE || width > MAX_SIDE || height > MAX_SIDE {
        let sentence = format!(
            "The picture is {width}x{height}, and both sides must be between {MIN_SIDE} and {} pixels. Export it in \
             another size and upload that.",
            count(MAX_SIDE.into())
        );
        return refuse(IngestError::UnsupportedFormat, sentence);
    }
    Ok(())
}
