//! Rules about H.264 and AAC.

use serde_json::Value;

use super::{super::Issue, Rule, text};

pub(super) const H264: &[Rule] = &[
    Rule {
        source: "BadRequestException of CreateJob for QVBR with a bitrate",
        broken: |h264| {
            let message = "Your job contains values for the following settings that are incompatible: Rate control \
                            mode, Bitrate, and Max bitrate. Adjust your settings and resubmit your job. Some valid \
                            combinations of settings are these: Set Rate control mode to QVBR, specify a value for Max \
                            bitrate, and don't specify a value for Bitrate. Or, set Rate control mode to CBR, specify \
                            a value for Bitrate, and don't specify a value for Max bitrate.";
            let (bitrate, max_bitrate) = (h264["bitrate"].is_u64(), h264["maxBitrate"].is_u64());
            let fits = match text(h264, "/rateControlMode") {
                Some("QVBR") => max_bitrate && !bitrate,
                Some("CBR") => bitrate && !max_bitrate,
                // VBR, also without a mode: the encoder needs a bitrate.
                _ => bitrate,
            };
            (!fits).then(|| Issue::new("", message))
        },
    },
    Rule {
        source: "MediaConvert API reference, H264Settings: maxBitrate is a maximum of bitrate",
        broken: |h264| {
            let (bitrate, max_bitrate) = (h264["bitrate"].as_u64()?, h264["maxBitrate"].as_u64()?);
            (max_bitrate < bitrate)
                .then(|| Issue::new("/maxBitrate", format!("Should be greater than or equal to {bitrate}")))
        },
    },
    Rule {
        source: "MediaConvert API reference, H264QvbrSettings.maxAverageBitrate: only with QVBR and MULTI_PASS_HQ",
        broken: |h264| {
            h264.pointer("/qvbrSettings/maxAverageBitrate")?.as_u64()?;
            let fits = text(h264, "/rateControlMode") == Some("QVBR")
                && text(h264, "/qualityTuningLevel") == Some("MULTI_PASS_HQ");
            (!fits).then(|| {
                Issue::new(
                    "/qvbrSettings/maxAverageBitrate",
                    "Use this setting only when Rate control mode is QVBR and Quality tuning level is Multi-pass HQ",
                )
            })
        },
    },
    Rule {
        source: "MediaConvert API reference, H264QvbrSettings: only with QVBR",
        broken: |h264| {
            let given = h264["qvbrSettings"]
                .as_object()
                .is_some_and(|settings| !settings.is_empty());
            (given && text(h264, "/rateControlMode") != Some("QVBR")).then(|| {
                Issue::new(
                    "/qvbrSettings",
                    "Use these settings only when you set QVBR for Rate control mode",
                )
            })
        },
    },
    Rule {
        source: "MediaConvert API reference, H264Settings.gopSize: only with FRAMES or SECONDS, blank with AUTO",
        broken: |h264| {
            let specified = matches!(text(h264, "/gopSizeUnits"), Some("FRAMES" | "SECONDS"));
            match (specified, h264["gopSize"].as_f64()) {
                (true, None) => Some(Issue::new("", "gopSize is a required property")),
                (true, Some(size)) if size <= 0.0 => Some(Issue::new("/gopSize", "Should be greater than 0")),
                (false, Some(_)) => Some(Issue::new(
                    "/gopSize",
                    "Leave GOP size blank when GOP mode control is Auto",
                )),
                _ => None,
            }
        },
    },
    Rule {
        source: "MediaConvert API reference, H264Settings.framerateControl: SPECIFIED needs a fraction",
        broken: |h264| specified_fraction(h264, "framerate"),
    },
    Rule {
        source: "MediaConvert API reference, H264Settings.parControl: SPECIFIED needs a ratio",
        broken: |h264| specified_fraction(h264, "par"),
    },
    Rule {
        source: "BadRequestException of CreateJob for BASELINE with CABAC; H.264 A.2.1",
        broken: |h264| {
            let baseline = text(h264, "/codecProfile") == Some("BASELINE");
            (baseline && text(h264, "/entropyEncoding") != Some("CAVLC"))
                .then(|| Issue::new("/entropyEncoding", "Must be CAVLC"))
        },
    },
];

pub(super) const VIDEO: &[Rule] = &[Rule {
    source: "BadRequestException of CreateJob for an odd side, quoted at https://developers.wano.co.jp/1495/",
    broken: |video| {
        let is_odd = |side: &&str| video[*side].as_u64().is_some_and(|pixels| pixels % 2 == 1);
        let side = ["width", "height"].into_iter().find(|side| is_odd(side))?;
        Some(Issue::new(format!("/{side}"), "Should be a multiple of 2"))
    },
}];

pub(super) const AUDIO: &[Rule] = &[
    Rule {
        source: "MediaConvert API reference, AudioCodecSettings: aacSettings is required with AAC",
        broken: |audio| {
            let codec = audio["codecSettings"]["codec"].as_str();
            match codec {
                None => Some(Issue::new("/codecSettings", "codec is a required property")),
                Some("AAC") if !audio["codecSettings"]["aacSettings"].is_object() => {
                    Some(Issue::new("/codecSettings", "aacSettings is a required property"))
                }
                _ => None,
            }
        },
    },
    Rule {
        source: "BadRequestException of CreateJob for AAC without a sample rate",
        broken: |audio| {
            let aac = audio.pointer("/codecSettings/aacSettings")?;
            let missing = ["codingMode", "sampleRate", "bitrate"]
                .into_iter()
                .find(|name| aac[*name].is_null())?;
            Some(Issue::new(
                "/codecSettings/aacSettings",
                format!("{missing} is a required property"),
            ))
        },
    },
    Rule {
        source: "BadRequestException of CreateJob for a bitrate outside of the profile's range; AAC has 6144 bits a \
                 channel and frame at most",
        broken: |audio| {
            let aac = audio.pointer("/codecSettings/aacSettings")?;
            let (mode, rate, bitrate) = (
                text(aac, "/codingMode")?,
                aac["sampleRate"].as_u64()?,
                aac["bitrate"].as_u64()?,
            );
            let channels = match mode {
                "CODING_MODE_1_0" => 1,
                "CODING_MODE_2_0" => 2,
                "CODING_MODE_5_1" => 5,
                _ => return None,
            };
            let lowest = if rate >= 44_100 {
                channels * 32_000
            } else {
                channels * 8_000
            };
            let highest = AAC_BITRATES
                .iter()
                .rev()
                .find(|highest| **highest <= channels * rate * 6)
                .copied()?;
            let fits = AAC_BITRATES.contains(&bitrate) && (lowest..=highest).contains(&bitrate);
            (!fits).then(|| {
                Issue::new(
                    "/codecSettings/aacSettings/bitrate",
                    format!(
                        "You specified a value for Bitrate that is not valid with the combination of Profile LC, Coding \
                         mode {mode}, and Sample rate {rate} you selected. Specify a bitrate in the range of \
                         {lowest}-{highest}, and resubmit your job"
                    ),
                )
            })
        },
    },
];

/// The API reference's list for `aacSettings.bitrate`.
const AAC_BITRATES: [u64; 32] = [
    6_000, 8_000, 10_000, 12_000, 14_000, 16_000, 20_000, 24_000, 28_000, 32_000, 40_000, 48_000, 56_000, 64_000,
    80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 288_000, 320_000, 384_000, 448_000, 512_000,
    576_000, 640_000, 768_000, 896_000, 1_024_000,
];

fn specified_fraction(h264: &Value, name: &str) -> Option<Issue> {
    if h264[format!("{name}Control")] != "SPECIFIED" {
        return None;
    }
    let missing = ["Numerator", "Denominator"].map(|part| format!("{name}{part}"));
    let missing = missing.iter().find(|part| h264[part.as_str()].is_null())?;
    Some(Issue::new("", format!("{missing} is a required property")))
}
