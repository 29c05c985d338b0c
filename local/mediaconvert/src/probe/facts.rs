//! What FFprobe reads in a file's headers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::words;

/// A file's container and tracks.
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
    /// All names of the demuxer, with commas between.
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
    /// How many frames an index lists; fragmented files have none.
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

/// A fraction, as frame rates and pixel shapes are.
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
    /// Is it a stream of pictures without a container, and so without times?
    pub(crate) fn is_raw(&self) -> bool {
        matches!(self.format.names.as_str(), "mpegvideo" | "h264" | "hevc" | "m4v")
    }

    /// The picture: the first video track that is not a cover.
    pub(crate) fn video(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is_video())
    }

    /// The sound tracks in their order.
    pub(crate) fn audio(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|stream| stream.codec_type == "audio")
    }

    /// The file's length in seconds, as its container says.
    pub(crate) fn duration(&self) -> Option<f64> {
        seconds(self.format.duration.as_deref())
    }

    /// Where the file's clock starts. In streams without one (MPEG) it is where picture or sound do.
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

    /// The length of one track: its own, else the file's.
    pub(crate) fn duration_of(&self, stream: &Stream) -> Option<f64> {
        stream.duration().or_else(|| self.duration())
    }

    /// Is the container MP4 or QuickTime?
    pub(crate) fn is_mp4(&self) -> bool {
        self.format.names.split(',').any(|name| name == "mp4")
    }
}

impl Stream {
    /// Covers are video tracks of one picture; AWS does not count them as video.
    pub(crate) fn is_video(&self) -> bool {
        self.codec_type == "video"
            && self
                .disposition
                .get("attached_pic")
                .is_none_or(|attached| *attached == 0)
    }

    /// Does MediaConvert know its codec? FFmpeg knows more, and would be kinder than AWS. GIF is an input for jobs, and Probe's
    /// list of codecs has no word for it.
    pub(crate) fn is_decodable(&self) -> bool {
        self.is_gif() || words::codec(&self.codec_name) != "UNKNOWN"
    }

    /// Is it an animated GIF?
    pub(crate) fn is_gif(&self) -> bool {
        self.codec_name == "gif"
    }

    /// Its codec, or the container's mark for one that has no name here.
    pub(crate) fn codec_words(&self) -> &str {
        if self.codec_name.is_empty() {
            self.codec_tag_string.as_deref().unwrap_or("unknown")
        } else {
            &self.codec_name
        }
    }

    /// Its own length in seconds: the header's, or Matroska's tag.
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

    /// Takes a measured length instead of the header's.
    pub(crate) fn set_duration(&mut self, seconds: f64) {
        if seconds > 0.0 {
            self.duration = Some(format!("{seconds:.6}"));
        }
    }

    /// Takes a measured frame rate instead of the header's.
    pub(crate) fn set_frame_rate(&mut self, rate: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate below a million"
        )]
        let thousandths = (rate.clamp(0.0, 1e6) * 1000.0).round() as u64;
        self.avg_frame_rate = Some(format!("{thousandths}/1000"));
    }

    /// Where it starts on the file's clock.
    pub(crate) fn start(&self) -> f64 {
        self.start_time
            .as_deref()
            .and_then(|start| start.parse().ok())
            .unwrap_or_default()
    }

    /// Clockwise degrees by which a player turns the picture.
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

    /// The pixel's shape, square if it is not said.
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

    /// Frames a second on average; a variable rate has no better one.
    ///
    /// The base rate is taken when the average agrees with it within half a percent: averages of short files are a
    /// little off. An average next to a common rate is that rate.
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
        // Odd averages (359/12) are rounded to thousandths: the encoder's clock should stay a reasonable one.
        let rounded = || {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 240000")]
            Ratio::new((average.as_f64() * 1000.0).round() as u64, 1000)
        };
        base.filter(near).or(common).or_else(rounded)
    }

    /// Are its frames made of two fields?
    pub(crate) fn is_interlaced(&self) -> bool {
        matches!(self.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt"))
    }

    /// Is its picture of high dynamic range?
    pub(crate) fn is_hdr(&self) -> bool {
        matches!(self.color_transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }

    /// The language as the file says it; `und` says nothing.
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
        let turned = |degrees: i64| Stream {
            side_data_list: vec![serde_json::json!({ "rotation": degrees })],
            ..Stream::default()
        };
        assert_eq!(turned(-90).rotation(), 90);
        assert_eq!(turned(90).rotation(), 270);
        assert_eq!(turned(180).rotation(), 180);
        assert_eq!(Stream::default().rotation(), 0);
    }

    #[test]
    fn a_gif_is_decoded_and_other_pictures_for_pages_are_not() {
        let of = |codec: &str| Stream {
            codec_name: codec.to_owned(),
            ..Stream::default()
        };
        assert!(of("gif").is_decodable() && of("h264").is_decodable());
        assert!(!of("apng").is_decodable() && !of("webp").is_decodable());
    }

    #[test]
    fn matroska_says_lengths_in_a_tag() {
        let mut stream = Stream::default();
        stream
            .tags
            .insert("DURATION".to_owned(), "00:01:02.500000000".to_owned());
        assert_eq!(stream.duration(), Some(62.5));
    }
}
