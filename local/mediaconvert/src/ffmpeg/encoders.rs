//! Encoder settings: MediaConvert's H.264 and AAC as x264's and FFmpeg's.
//!
//! | MediaConvert | x264 |
//! |---|---|
//! | QVBR, quality 1 to 10 in thirds (default 7) | CRF 35 − 1.7 × quality, `maxrate` = maxBitrate |
//! | VBR | average bitrate, `maxrate` = maxBitrate if given |
//! | CBR | bitrate = minimum = maximum, with filler |
//! | hrdBufferSize | `bufsize`; by default two seconds of the maximum |
//! | SINGLE_PASS, SINGLE_PASS_HQ (default), MULTI_PASS_HQ | preset superfast, veryfast, medium |
//! | adaptiveQuantization OFF, LOW … MAX | `aq-mode=0`, `aq-strength` 0.6 … 1.4 |
//!
//! MULTI_PASS_HQ stays one pass (the film is decoded once): its better quality comes from the slower preset.

use super::super::{
    probe::Ratio,
    settings::{AacSettings, FrameCaptureSettings, GopSizeUnits, H264Settings, Profile, QualityTuning, RateControl},
};

/// The positions of key frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cadence {
    /// The distance between key frames.
    gop: Gop,
    /// Additional key frames, at multiples of this.
    segment_seconds: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Gop {
    Seconds(f64),
    Frames(u32),
}

/// The approximate length of a group of pictures whose size is AUTO.
const AUTOMATIC_GOP_SECONDS: f64 = 2.0;

impl Cadence {
    /// `exact` segments begin with a key frame; an automatic group of pictures divides the segment.
    pub(super) fn new(h264: &H264Settings, segment_seconds: Option<f64>, exact: Option<f64>) -> Self {
        let gop = match (h264.gop_size_units, h264.gop_size) {
            (GopSizeUnits::Seconds, Some(seconds)) => Gop::Seconds(seconds),
            (GopSizeUnits::Frames, Some(frames)) =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a small number of frames"
                )]
                Gop::Frames(frames.round().max(1.0) as u32)
            }
            // A segment has a whole number of groups of pictures.
            _ => Gop::Seconds(segment_seconds.map_or(AUTOMATIC_GOP_SECONDS, |segment| {
                segment / (segment / AUTOMATIC_GOP_SECONDS).floor().max(1.0)
            })),
        };
        Self {
            gop,
            segment_seconds: exact,
        }
    }

    fn arguments(self, rate: Ratio) -> Vec<String> {
        // Half a millisecond early, for frames whose time is rounded down from a whole second.
        let crossed = |seconds: f64| format!("gt(floor((t+0.0005)/{seconds}),floor((prev_forced_t+0.0005)/{seconds}))");
        let mut crossings = Vec::new();
        let mut arguments = Vec::new();
        match self.gop {
            Gop::Seconds(seconds) => {
                crossings.push(crossed(seconds));
                // High enough to have no effect: the expression sets the key frames.
                #[expect(clippy::cast_possible_truncation, reason = "a small number of frames")]
                let limit = (seconds * rate.as_f64() * 2.0).ceil() as i64;
                arguments.extend(["-g".to_owned(), limit.max(2).to_string()]);
            }
            Gop::Frames(frames) => arguments.extend(["-g".to_owned(), frames.to_string()]),
        }
        crossings.extend(self.segment_seconds.map(crossed));
        crossings.dedup();
        if !crossings.is_empty() {
            let expression = format!("expr:if(isnan(prev_forced_t),1,{})", crossings.join("+"));
            arguments.extend(["-force_key_frames".to_owned(), expression]);
        }
        arguments
    }
}

/// The arguments of the H.264 encoder.
pub(super) fn h264(settings: &H264Settings, cadence: Cadence, rate: Ratio) -> Vec<String> {
    let mut arguments: Vec<String> = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset"]
        .map(str::to_owned)
        .to_vec();
    let mut x264_params: Vec<String> = Vec::new();
    let preset = match settings.quality_tuning_level {
        Some(QualityTuning::SinglePass) => "superfast",
        Some(QualityTuning::SinglePassHq) | None => "veryfast",
        Some(QualityTuning::MultiPassHq) => "medium",
    };
    arguments.push(preset.to_owned());
    let mut add = |name: &str, value: String| arguments.extend([name.to_owned(), value]);

    let buffer = |maximum: u64| settings.hrd_buffer_size.filter(|size| *size > 0).unwrap_or(maximum * 2);
    match settings.rate_control_mode {
        Some(RateControl::Qvbr) => {
            let level = f64::from(settings.qvbr_settings.qvbr_quality_level.unwrap_or(7));
            let fine = (settings.qvbr_settings.qvbr_quality_level_fine_tune.unwrap_or(0.0) * 3.0).round() / 3.0;
            add("-crf", format!("{:.1}", 35.0 - 1.7 * (level + fine).min(10.0)));
            if let Some(maximum) = settings.max_bitrate {
                add("-maxrate", maximum.to_string());
                add("-bufsize", buffer(maximum).to_string());
            }
        }
        Some(RateControl::Cbr) => {
            let bitrate = settings.bitrate.unwrap_or_default();
            add("-b:v", bitrate.to_string());
            add("-minrate", bitrate.to_string());
            add("-maxrate", bitrate.to_string());
            add("-bufsize", buffer(bitrate).to_string());
            x264_params.push("nal-hrd=cbr".to_owned());
        }
        Some(RateControl::Vbr) | None => {
            add("-b:v", settings.bitrate.unwrap_or_default().to_string());
            if let Some(maximum) = settings.max_bitrate {
                add("-maxrate", maximum.to_string());
                add("-bufsize", buffer(maximum).to_string());
            }
        }
    }
    let profile = match settings.codec_profile {
        Some(Profile::Baseline) => "baseline",
        Some(Profile::High) => "high",
        Some(Profile::Main) | None => "main",
    };
    add("-profile:v", profile.to_owned());
    if let Some(level) = settings
        .codec_level
        .as_deref()
        .and_then(|level| level.strip_prefix("LEVEL_"))
    {
        add("-level:v", level.replace('_', "."));
    }
    if let Some(frames) = settings.b_frames {
        add("-bf", frames.to_string());
    }
    if let Some(frames) = settings.reference_frames {
        add("-refs", frames.to_string());
    }
    if let Some(slices) = settings.slices {
        add("-slices", slices.to_string());
    }
    if let Some(frames) = settings.min_i_interval.filter(|frames| *frames > 0) {
        add("-keyint_min", frames.to_string());
    }
    if settings.scene_change_detect.as_deref() == Some("DISABLED") {
        add("-sc_threshold", "0".to_owned());
    }
    if let Some(percentage) = settings.hrd_buffer_initial_fill_percentage {
        x264_params.push(format!("vbv-init={:.2}", f64::from(percentage) / 100.0));
    }
    if settings.entropy_encoding.as_deref() == Some("CAVLC") {
        x264_params.push("cabac=0".to_owned());
    }
    if settings.b_reference.as_deref() == Some("DISABLED") {
        x264_params.push("b-pyramid=none".to_owned());
    }
    x264_params.extend(match settings.adaptive_quantization.as_deref() {
        Some("OFF") => Some("aq-mode=0".to_owned()),
        Some("LOW") => Some("aq-strength=0.6".to_owned()),
        Some("MEDIUM") => Some("aq-strength=0.8".to_owned()),
        Some("HIGH") => Some("aq-strength=1.0".to_owned()),
        Some("HIGHER") => Some("aq-strength=1.2".to_owned()),
        Some("MAX") => Some("aq-strength=1.4".to_owned()),
        _ => None,
    });
    if !x264_params.is_empty() {
        add("-x264-params", x264_params.join(":"));
    }
    arguments.extend(cadence.arguments(rate));
    // Closed groups of pictures: a segment can be decoded on its own.
    arguments.extend(["-flags:v", "+cgop"].map(str::to_owned));
    arguments
}

/// The arguments of the AAC encoder, for one audio track of an output.
pub(super) fn aac(settings: &AacSettings, track: usize) -> Vec<String> {
    let channels = settings.coding_mode.channels();
    let bitrate = settings.bitrate.unwrap_or(64_000 * channels);
    [
        ("-c", "aac".to_owned()),
        ("-b", bitrate.to_string()),
        ("-ar", settings.sample_rate.to_string()),
        ("-ac", channels.to_string()),
    ]
    .into_iter()
    .flat_map(|(name, value)| [format!("{name}:a:{track}"), value])
    .collect()
}

/// The arguments of the JPEG encoder; MediaConvert's quality 1 to 100 (default 80) is FFmpeg's 21 to 2.
pub(super) fn jpeg(settings: FrameCaptureSettings) -> Vec<String> {
    let quality = f64::from(settings.quality.unwrap_or(80));
    let scale = ((100.0 - quality) * 0.2 + 1.0).max(2.0);
    let mut arguments: Vec<String> = [
        "-c:v",
        "mjpeg",
        "-q:v",
        &format!("{scale:.1}"),
        "-fps_mode",
        "passthrough",
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(captures) = settings.max_captures {
        arguments.extend(["-frames:v".to_owned(), captures.to_string()]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FILM: Ratio = Ratio {
        numerator: 24,
        denominator: 1,
    };

    fn encoded(settings: serde_json::Value, segments: Option<f64>, exact: Option<f64>) -> String {
        let settings: H264Settings = serde_json::from_value(settings).unwrap();
        h264(&settings, Cadence::new(&settings, segments, exact), FILM).join(" ")
    }

    #[test]
    fn qvbr_is_a_constant_rate_factor_under_a_maximum() {
        let line = encoded(
            json!({ "rateControlMode": "QVBR", "maxBitrate": 5_000_000, "codecProfile": "HIGH",
                    "qvbrSettings": { "qvbrQualityLevel": 8, "qvbrQualityLevelFineTune": 0.3 } }),
            Some(6.0),
            Some(6.0),
        );
        assert!(
            line.contains("-preset veryfast -crf 20.8 -maxrate 5000000 -bufsize 10000000 -profile:v high"),
            "{line}"
        );
    }

    #[test]
    fn cbr_fills_and_vbr_averages() {
        let cbr = encoded(
            json!({ "rateControlMode": "CBR", "bitrate": 1_000_000, "hrdBufferSize": 3_000_000 }),
            None,
            None,
        );
        assert!(
            cbr.contains("-b:v 1000000 -minrate 1000000 -maxrate 1000000 -bufsize 3000000"),
            "{cbr}"
        );
        assert!(cbr.contains("nal-hrd=cbr"), "{cbr}");
        let vbr = encoded(
            json!({ "rateControlMode": "VBR", "bitrate": 1_000_000, "maxBitrate": 2_000_000 }),
            None,
            None,
        );
        assert!(vbr.contains("-b:v 1000000 -maxrate 2000000 -bufsize 4000000"), "{vbr}");
    }

    #[test]
    fn an_automatic_gop_divides_the_segment() {
        let qvbr = json!({ "rateControlMode": "QVBR", "maxBitrate": 1_000_000 });
        let line = encoded(qvbr.clone(), Some(5.0), Some(5.0));
        assert!(
            line.contains("floor((t+0.0005)/2.5)") && line.contains("floor((t+0.0005)/5)"),
            "{line}"
        );
        let line = encoded(qvbr, Some(2.0), Some(2.0));
        assert_eq!(line.matches("floor((t+").count(), 1, "{line}");
    }

    #[test]
    fn a_gop_in_frames_keeps_exact_segments() {
        let settings =
            json!({ "rateControlMode": "CBR", "bitrate": 1_000_000, "gopSizeUnits": "FRAMES", "gopSize": 90 });
        let line = encoded(settings.clone(), Some(6.0), Some(6.0));
        assert!(
            line.contains("-g 90 -force_key_frames expr:if(isnan(prev_forced_t),1,gt(floor((t+0.0005)/6)"),
            "{line}"
        );
        assert!(!encoded(settings, Some(6.0), None).contains("force_key_frames"));
    }

    #[test]
    fn pictures_and_sound() {
        let captures = FrameCaptureSettings {
            quality: Some(90),
            max_captures: Some(3),
            ..Default::default()
        };
        assert_eq!(
            jpeg(captures).join(" "),
            "-c:v mjpeg -q:v 3.0 -fps_mode passthrough -frames:v 3"
        );
        let settings = json!({ "bitrate": 128_000, "sampleRate": 48_000, "codingMode": "CODING_MODE_2_0" });
        let settings: AacSettings = serde_json::from_value(settings).unwrap();
        assert_eq!(
            aac(&settings, 0).join(" "),
            "-c:a:0 aac -b:a:0 128000 -ar:a:0 48000 -ac:a:0 2"
        );
    }
}
