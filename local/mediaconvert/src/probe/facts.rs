//! The headers of a file, as FFprobe reads them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::terms;

/// The container and tracks of a file.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Facts {
    #[serde(default)]
    pub(crate) format: Format,
    #[serde(default)]
    pub(crate) streams: Vec<Stream>,
}

/// The container.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Format {
    /// The names of the demuxer, separated by commas.
    #[serde(default, rename = "format_name")]
    pub(crate) names: String,
    pub(crate) start_time: Option<String>,
    pub(crate) duration: Option<String>,
    pub(crate) bit_rate: Option<String>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
}

/// A track.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Stream {
    pub(crate) index: u32,
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) codec_type: String,
    #[serde(default)]
    pub(crate) codec_name: String,
    pub(crate) codec_tag_string: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) level: Option<i64>,
    #[serde(default)]
    pub(crate) width: u32,
    #[serde(default)]
    pub(crate) height: u32,
    pub(crate) pix_fmt: Option<String>,
    pub(crate) sample_aspect_ratio: Option<String>,
    pub(crate) field_order: Option<String>,
    pub(crate) color_primaries: Option<String>,
    pub(crate) color_transfer: Option<String>,
    pub(crate) color_space: Option<String>,
    pub(crate) r_frame_rate: Option<String>,
    pub(crate) avg_frame_rate: Option<String>,
    pub(crate) start_time: Option<String>,
    pub(crate) duration: Option<String>,
    pub(crate) bit_rate: Option<String>,
    /// The number of frames in the index; fragmented files have none.
    pub(crate) nb_frames: Option<String>,
    pub(crate) bits_per_raw_sample: Option<String>,
    pub(crate) bits_per_sample: Option<u32>,
    pub(crate) sample_rate: Option<String>,
    #[serde(default)]
    pub(crate) channels: u32,
    pub(crate) channel_layout: Option<String>,
    #[serde(default)]
    pub(crate) disposition: BTreeMap<String, i64>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) side_data_list: Vec<Value>,
}

/// A fraction: a frame rate or a pixel aspect ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    pub(crate) numerator: u32,
    pub(crate) denominator: u32,
}

impl Ratio {
    /// In lowest terms; `None` if either part is zero.
    pub(crate) fn new(numerator: u64, denominator: u64) -> Option<Self> {
        let divisor = gcd(numerator, denominator);
        if numerator == 0 || denominator == 0 {
            return None;
        }
        Some(Self {
            numerator: u32::try_from(numerator / divisor).ok()?,
            denominator: u32::try_from(denominator / divisor).ok()?,
        })
    }

    /// `30000/1001` or `64:45`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once(['/', ':'])?;
        Self::new(numerator.parse().ok()?, denominator.parse().ok()?)
    }

    pub(crate) fn as_f64(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

impl Facts {
    /// Whether it is a raw video stream, without a container and thus without times.
    pub(crate) fn is_raw(&self) -> bool {
        matches!(self.format.names.as_str(), "mpegvideo" | "h264" | "hevc" | "m4v")
    }

    /// The first video track that is not a cover.
    pub(crate) fn video(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is_video())
    }

    /// The audio tracks.
    pub(crate) fn audio(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|stream| stream.codec_type == "audio")
    }

    /// The container's duration in seconds.
    pub(crate) fn duration(&self) -> Option<f64> {
        seconds(self.format.duration.as_deref())
    }

    /// The start time of the file. In MPEG streams, which state none, it is the earliest start of a track.
    pub(crate) fn start(&self) -> f64 {
        let has_no_clock = self
            .format
            .names
            .split(',')
            .any(|name| matches!(name, "mpegts" | "mpeg"));
        let of_file = self.format.start_time.as_deref().and_then(|start| start.parse().ok());
        let tracks = || {
            self.streams
                .iter()
                .filter(|stream| stream.is_video() || stream.codec_type == "audio")
        };
        let of_tracks = || tracks().map(Stream::start).min_by(f64::total_cmp);
        of_file.filter(|_| !has_no_clock).or_else(of_tracks).unwrap_or_default()
    }

    /// The duration of a track, or else of the file.
    pub(crate) fn duration_of(&self, stream: &Stream) -> Option<f64> {
        stream.duration().or_else(|| self.duration())
    }

    /// Whether the container is MP4 or QuickTime.
    pub(crate) fn is_mp4(&self) -> bool {
        self.format.names.split(',').any(|name| name == "mp4")
    }
}

impl Stream {
    /// Whether it is a video track. Covers, which are video tracks of one picture, do not count on AWS.
    pub(crate) fn is_video(&self) -> bool {
        self.codec_type == "video"
            && self
                .disposition
                .get("attached_pic")
                .is_none_or(|attached| *attached == 0)
    }

    /// Whether MediaConvert supports its codec; FFmpeg supports more. GIF is an input of jobs, though Probe's list of codecs lacks
    /// it.
    pub(crate) fn is_decodable(&self) -> bool {
        self.is_gif() || terms::codec(&self.codec_name) != "UNKNOWN"
    }

    /// Whether it is an animated GIF.
    pub(crate) fn is_gif(&self) -> bool {
        self.codec_name == "gif"
    }

    /// The codec's name, or the container's tag for an unknown one.
    pub(crate) fn codec_name_or_tag(&self) -> &str {
        if self.codec_name.is_empty() {
            self.codec_tag_string.as_deref().unwrap_or("unknown")
        } else {
            &self.codec_name
        }
    }

    /// Its duration in seconds: the header's, or Matroska's tag.
    pub(crate) fn duration(&self) -> Option<f64> {
        seconds(self.duration.as_deref()).or_else(|| {
            let (_, tag) = self
                .tags
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("duration"))?;
            let mut parts = tag.split(':').map(|part| part.parse::<f64>().ok());
            let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
            Some(hours * 3600.0 + minutes * 60.0 + seconds).filter(|duration| *duration > 0.0)
        })
    }

    /// Replaces the header's duration by a measured one.
    pub(crate) fn set_duration(&mut self, seconds: f64) {
        if seconds > 0.0 {
            self.duration = Some(format!("{seconds:.6}"));
        }
    }

    /// Replaces the header's frame rate by a measured one.
    pub(crate) fn set_frame_rate(&mut self, rate: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate below a million"
        )]
        let thousandths = (rate.clamp(0.0, 1e6) * 1000.0).round() as u64;
        self.avg_frame_rate = Some(format!("{thousandths}/1000"));
    }

    /// Its start time.
    pub(crate) fn start(&self) -> f64 {
        self.start_time
            .as_deref()
            .and_then(|start| start.parse().ok())
            .unwrap_or_default()
    }

    /// The clockwise rotation by a player, in degrees.
    pub(crate) fn rotation(&self) -> u32 {
        let counterclockwise = self
            .side_data_list
            .iter()
            .find_map(|data| data["rotation"].as_f64())
            .unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an angle from 0 to 359"
        )]
        let clockwise = (-counterclockwise).rem_euclid(360.0).round() as u32 % 360;
        clockwise
    }

    /// The pixel aspect ratio, by default square.
    pub(crate) fn sample_aspect_ratio(&self) -> Ratio {
        let square = Ratio {
            numerator: 1,
            denominator: 1,
        };
        self.sample_aspect_ratio
            .as_deref()
            .and_then(Ratio::parse)
            .unwrap_or(square)
    }

    /// The average number of frames per second.
    ///
    /// It is the base rate if the average differs by less than half a percent, because averages of short files are imprecise;
    /// else the common rate that is so near.
    pub(crate) fn frame_rate(&self) -> Option<Ratio> {
        let average = self.avg_frame_rate.as_deref().and_then(Ratio::parse);
        let base = self
            .r_frame_rate
            .as_deref()
            .and_then(Ratio::parse)
            .filter(|base| base.as_f64() <= 240.0);
        let average = average.filter(|average| average.as_f64() <= 240.0).or(base)?;
        let near = |rate: &Ratio| (rate.as_f64() / average.as_f64() - 1.0).abs() < 0.005;
        let distance = |rate: &Ratio| (rate.as_f64() - average.as_f64()).abs();
        let common = COMMON_RATES.iter().filter_map(|(n, d)| Ratio::new(*n, *d)).filter(near);
        let common = common.min_by(|one, other| distance(one).total_cmp(&distance(other)));
        // Other averages (359/12) are rounded to thousandths, for a reasonable time base of the encoder.
        let rounded = || {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 240000")]
            Ratio::new((average.as_f64() * 1000.0).round() as u64, 1000)
        };
        base.filter(near).or(common).or_else(rounded)
    }

    /// Whether it is interlaced.
    pub(crate) fn is_interlaced(&self) -> bool {
        matches!(self.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt"))
    }

    /// Whether it is HDR.
    pub(crate) fn is_hdr(&self) -> bool {
        matches!(self.color_transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }

    /// The language tag, unless it is `und`.
    pub(crate) fn language(&self) -> Option<&str> {
        self.tags
            .get("language")
            .map(String::as_str)
            .filter(|language| *language != "und")
    }
}

const COMMON_RATES: [(u64, u64); 11] = [
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
    (15, 1),
    (12, 1),
    (120, 1),
];

fn seconds(text: Option<&str>) -> Option<f64> {
    text?
        .parse()
        .ok()
        .filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(base: &str, average: &str) -> Option<Ratio> {
        let stream = Stream {
            r_frame_rate: Some(base.to_owned()),
            avg_frame_rate: Some(average.to_owned()),
            ..Stream::default()
        };
        stream.frame_rate()
    }

    #[test]
    fn the_frame_rate_is_the_base_rate_where_the_average_agrees() {
        assert_eq!(rate("30000/1001", "2700000/90089"), Ratio::new(30_000, 1001));
        assert_eq!(rate("24/1", "24/1"), Ratio::new(24, 1));
    }

    #[test]
    fn a_variable_rate_is_its_average() {
        assert_eq!(rate("600/1", "600/1"), None);
        assert_eq!(rate("60/1", "1000/1"), Ratio::new(60, 1));
        assert_eq!(rate("60/1", "24000/1000"), Ratio::new(24, 1));
        assert_eq!(rate("60/1", "29970/1000"), Ratio::new(30_000, 1001));
        assert_eq!(rate("90000/1", "74/10"), Ratio::new(74, 10));
        assert_eq!(rate("359/12", "2505000/83831"), Ratio::new(359, 12));
        assert_eq!(rate("0/0", "0/0"), None);
    }

    #[test]
    fn rotation_is_clockwise() {
        let rotated = |degrees: i64| Stream {
            side_data_list: vec![serde_json::json!({ "rotation": degrees })],
            ..Stream::default()
        };
        assert_eq!(rotated(-90).rotation(), 90);
        assert_eq!(rotated(90).rotation(), 270);
        assert_eq!(rotated(180).rotation(), 180);
        assert_eq!(Stream::default().rotation(), 0);
    }

    #[test]
    fn a_gif_is_decoded_and_other_web_images_are_not() {
        let stream = |codec: &str| Stream {
            codec_name: codec.to_owned(),
            ..Stream::default()
        };
        assert!(stream("gif").is_decodable() && stream("h264").is_decodable());
        assert!(!stream("apng").is_decodable() && !stream("webp").is_decodable());
    }

    #[test]
    fn matroska_has_durations_in_a_tag() {
        let mut stream = Stream::default();
        stream
            .tags
            .insert("DURATION".to_owned(), "00:01:02.500000000".to_owned());
        assert_eq!(stream.duration(), Some(62.5));
    }
}
