//! HLS playlists as MediaConvert writes them, with values that are measured on the segments.

mod multivariant;

use std::fmt::Write as _;

pub(crate) use self::multivariant::{Rendition, RenditionKind, Selection, multivariant};
use super::{
    super::settings::{DurationFormat, TargetDuration},
    segments::KeyFrame,
};

/// A segment that was uploaded.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
    pub(crate) keys: Vec<KeyFrame>,
}

/// The format of durations.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    pub(crate) durations: DurationFormat,
    pub(crate) target: TargetDuration,
}

/// The playlist of one rendition.
pub(crate) fn media(style: Style, map: Option<&str>, segments: &[Written]) -> String {
    let mut text = head(
        if map.is_some() { 6 } else { 3 },
        style,
        segments.iter().map(|segment| segment.seconds),
    );
    if let Some(map) = map {
        line(&mut text, format_args!("#EXT-X-MAP:URI=\"{map}\""));
    }
    for segment in segments {
        line(&mut text, format_args!("#EXTINF:{},", duration(style, segment.seconds)));
        line(&mut text, format_args!("{}", segment.name));
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

/// The playlist of a rendition's key frames, for trick play.
pub(crate) fn key_frames(style: Style, map: Option<&str>, segments: &[Written]) -> String {
    let keys: Vec<(&Written, KeyFrame, f64)> = segments
        .iter()
        .flat_map(|segment| {
            let ends = segment
                .keys
                .iter()
                .skip(1)
                .map(|key| key.seconds)
                .chain([segment.seconds]);
            segment
                .keys
                .iter()
                .zip(ends)
                .map(move |(key, end)| (segment, *key, end - key.seconds))
        })
        .collect();
    let mut text = head(
        if map.is_some() { 6 } else { 4 },
        style,
        keys.iter().map(|(_, _, seconds)| *seconds),
    );
    text.push_str("#EXT-X-I-FRAMES-ONLY\n");
    if let Some(map) = map {
        line(&mut text, format_args!("#EXT-X-MAP:URI=\"{map}\""));
    }
    for (segment, key, seconds) in keys {
        line(&mut text, format_args!("#EXTINF:{},", duration(style, seconds)));
        line(
            &mut text,
            format_args!("#EXT-X-BYTERANGE:{}@{}", key.length, key.offset),
        );
        line(&mut text, format_args!("{}", segment.name));
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

fn head(version: u32, style: Style, seconds: impl Iterator<Item = f64>) -> String {
    let longest = seconds.fold(0.0, f64::max);
    let target = match style.target {
        // Rounded up, and one more for a whole number: 6 becomes 7.
        TargetDuration::Legacy => longest.floor() + 1.0,
        TargetDuration::SpecCompliant => longest.round().max(1.0),
    };
    format!(
        "#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:1\n\
         #EXT-X-PLAYLIST-TYPE:VOD\n"
    )
}

fn duration(style: Style, seconds: f64) -> String {
    match style.durations {
        DurationFormat::Integer => format!("{:.0}", seconds.round().max(1.0)),
        DurationFormat::FloatingPoint => {
            let text = format!("{seconds:.6}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// Bits per second of a rendition's segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bandwidth {
    pub(crate) peak: u64,
    pub(crate) average: u64,
}

impl Bandwidth {
    /// As RFC 8216 defines them: the peak is the largest rate of a segment, without segments shorter than half the longest.
    pub(crate) fn measure(segments: &[Written]) -> Self {
        let longest = segments.iter().map(|segment| segment.seconds).fold(0.0, f64::max);
        let peak = segments
            .iter()
            .filter(|segment| segment.seconds >= longest / 2.0)
            .map(|segment| rate(segment.bytes, segment.seconds))
            .max();
        let average = rate(
            segments.iter().map(|segment| segment.bytes).sum(),
            segments.iter().map(|segment| segment.seconds).sum(),
        );
        Self {
            peak: peak.unwrap_or(average).max(average),
            average,
        }
    }

    /// The bandwidth of the key frames alone.
    pub(crate) fn measure_key_frames(segments: &[Written]) -> Self {
        let keys: Vec<Written> = segments
            .iter()
            .map(|segment| Written {
                bytes: segment.keys.iter().map(|key| key.length as u64).sum(),
                keys: Vec::new(),
                ..segment.clone()
            })
            .collect();
        Self::measure(&keys)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            peak: self.peak + other.peak,
            average: self.average + other.average,
        }
    }
}

fn rate(bytes: u64, seconds: f64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes of films are far below 2^52, and positive"
    )]
    let rate = (bytes as f64 * 8.0 / seconds.max(0.001)).ceil() as u64;
    rate
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _always_written = writeln!(text, "{arguments}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, bytes: u64, seconds: f64) -> Written {
        let keys = vec![
            KeyFrame {
                offset: 0,
                length: 100,
                seconds: 0.0,
            },
            KeyFrame {
                offset: 500,
                length: 90,
                seconds: seconds - 1.0,
            },
        ];
        Written {
            name: name.to_owned(),
            bytes,
            seconds,
            keys,
        }
    }

    #[test]
    fn a_media_playlist() {
        let segments = [written("f_1.cmfv", 9, 6.0), written("f_2.cmfv", 9, 1.25)];
        assert_eq!(
            media(Style::default(), Some("finit.cmfv"), &segments),
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:7\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-MAP:URI=\"finit.cmfv\"\n#EXTINF:6,\nf_1.cmfv\n#EXTINF:1.25,\nf_2.cmfv\n#EXT-X-ENDLIST\n"
        );
        let style = Style {
            durations: DurationFormat::Integer,
            target: TargetDuration::SpecCompliant,
        };
        let text = media(style, None, &segments);
        assert!(
            text.contains("#EXT-X-TARGETDURATION:6\n") && text.contains("#EXTINF:1,\n"),
            "{text}"
        );
    }

    #[test]
    fn a_playlist_of_key_frames() {
        let text = key_frames(Style::default(), Some("finit.cmfv"), &[written("f_1.cmfv", 9, 6.0)]);
        assert!(text.contains("#EXT-X-I-FRAMES-ONLY\n"), "{text}");
        assert!(
            text.contains("#EXTINF:5,\n#EXT-X-BYTERANGE:100@0\nf_1.cmfv\n"),
            "{text}"
        );
        assert!(
            text.contains("#EXTINF:1,\n#EXT-X-BYTERANGE:90@500\nf_1.cmfv\n"),
            "{text}"
        );
    }

    #[test]
    fn a_short_last_segment_is_not_the_peak() {
        let segments = [
            written("1", 750_000, 6.0),
            written("2", 375_000, 6.0),
            written("3", 125_000, 0.1),
        ];
        assert_eq!(
            Bandwidth::measure(&segments),
            Bandwidth {
                peak: 1_000_000,
                average: 826_447
            }
        );
    }
}
