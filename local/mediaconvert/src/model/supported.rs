//! The settings that the stand-in supports, and for some the only supported values (mostly the default, which is what happens
//! anyway). Any other setting is refused by name: a setting that has an effect on AWS is never ignored.

use serde_json::Value;

use super::Issue;

/// A path below `settings` (`*` is an index or a name) and the supported values; none means any.
type Setting = (&'static str, &'static [&'static str]);

/// The supported settings, by their path.
const SUPPORTED: &[(&str, &[Setting])] = &[
    ("", JOB),
    ("inputs/0", INPUT),
    ("outputGroups/*", GROUP),
    ("outputGroups/*/outputs/*", OUTPUT),
    ("outputGroups/*/outputs/*/videoDescription", PICTURE),
    ("outputGroups/*/outputGroupSettings/hlsGroupSettings", HLS),
    ("outputGroups/*/outputGroupSettings/cmafGroupSettings", CMAF),
    (
        "outputGroups/*/outputs/*/videoDescription/codecSettings/h264Settings",
        H264,
    ),
    ("outputGroups/*/outputs/*/audioDescriptions/*", AUDIO),
];

/// Settings of a job.
const JOB: &[Setting] = &[
    ("timecodeConfig/source", &["ZEROBASED", "EMBEDDED"]),
    ("adAvailOffset", &["0"]),
    ("followSource", &["1"]),
];

/// Settings of the only input: the stand-in does not join several.
const INPUT: &[Setting] = &[
    ("fileInput", &[]),
    ("videoGenerator/duration", &[]),
    ("videoGenerator/framerateNumerator", &[]),
    ("videoGenerator/framerateDenominator", &[]),
    ("videoGenerator/width", &[]),
    ("videoGenerator/height", &[]),
    ("videoGenerator/imageInput", &[]),
    ("audioSelectors/*/externalAudioFileInput", &[]),
    ("audioSelectors/*/defaultSelection", &[]),
    (
        "audioSelectors/*/selectorType",
        &["TRACK", "LANGUAGE_CODE", "PID", "STREAM"],
    ),
    ("audioSelectors/*/tracks/*", &[]),
    ("audioSelectors/*/streams/0", &[]),
    ("audioSelectors/*/pids/0", &[]),
    ("audioSelectors/*/languageCode", &[]),
    ("audioSelectors/*/customLanguageCode", &[]),
    ("audioSelectors/*/offset", &[]),
    ("audioSelectors/*/programSelection", &["0", "1"]),
    ("audioSelectors/*/audioDurationCorrection", &["DISABLED", "AUTO"]),
    ("videoSelector/rotate", &[]),
    ("videoSelector/padVideo", &[]),
    ("videoSelector/alphaBehavior", &["DISCARD"]),
    ("videoSelector/colorSpace", &["FOLLOW"]),
    ("videoSelector/colorSpaceUsage", &["FALLBACK"]),
    ("videoSelector/embeddedTimecodeOverride", &["NONE"]),
    ("videoSelector/sampleRange", &["FOLLOW"]),
    ("videoSelector/selectorType", &["AUTO"]),
    ("advancedInputFilter", &["DISABLED"]),
    ("deblockFilter", &["DISABLED"]),
    ("denoiseFilter", &["DISABLED"]),
    ("filterEnable", &["AUTO", "DISABLE"]),
    ("filterStrength", &["0"]),
    ("inputScanType", &["AUTO"]),
    ("psiControl", &["USE_PSI", "IGNORE_PSI"]),
    ("timecodeSource", &["ZEROBASED", "EMBEDDED"]),
    ("inputClippings/0/endTimecode", &[]),
];

/// Settings of an output group.
const GROUP: &[Setting] = &[
    ("name", &[]),
    ("customName", &[]),
    (
        "outputGroupSettings/type",
        &["CMAF_GROUP_SETTINGS", "HLS_GROUP_SETTINGS", "FILE_GROUP_SETTINGS"],
    ),
    ("outputGroupSettings/fileGroupSettings/destination", &[]),
];

/// Settings of an output.
const OUTPUT: &[Setting] = &[
    ("nameModifier", &[]),
    ("extension", &[]),
    ("containerSettings/container", &["CMFC", "M3U8", "MP4", "RAW"]),
    ("containerSettings/cmfcSettings/audioGroupId", &[]),
    ("containerSettings/cmfcSettings/audioRenditionSets", &[]),
    ("containerSettings/cmfcSettings/audioTrackType", &[]),
    ("containerSettings/cmfcSettings/descriptiveVideoServiceFlag", &[]),
    ("containerSettings/cmfcSettings/iFrameOnlyManifest", &[]),
    (
        "containerSettings/cmfcSettings/audioDuration",
        &["DEFAULT_CODEC_DURATION"],
    ),
    ("containerSettings/cmfcSettings/scte35Esam", &["NONE"]),
    ("containerSettings/cmfcSettings/scte35Source", &["NONE"]),
    ("containerSettings/mp4Settings/moovPlacement", &[]),
    ("containerSettings/mp4Settings/cslgAtom", &["EXCLUDE"]),
    ("containerSettings/mp4Settings/freeSpaceBox", &["EXCLUDE"]),
    ("outputSettings/hlsSettings/iFrameOnlyManifest", &["EXCLUDE"]),
    ("outputSettings/hlsSettings/audioGroupId", &[]),
    ("outputSettings/hlsSettings/audioRenditionSets", &[]),
    ("outputSettings/hlsSettings/audioTrackType", &[]),
    ("outputSettings/hlsSettings/audioOnlyContainer", &[]),
    ("outputSettings/hlsSettings/descriptiveVideoServiceFlag", &[]),
];

/// Settings of the picture.
const PICTURE: &[Setting] = &[
    ("width", &[]),
    ("height", &[]),
    (
        "scalingBehavior",
        &["DEFAULT", "STRETCH_TO_OUTPUT", "FIT", "FIT_NO_UPSCALE", "FILL"],
    ),
    ("sharpness", &["50"]),
    ("antiAlias", &[]),
    ("afdSignaling", &["NONE"]),
    ("respondToAfd", &["NONE"]),
    ("colorMetadata", &["INSERT"]),
    ("chromaPositionMode", &["AUTO"]),
    ("dropFrameTimecode", &["ENABLED", "DISABLED"]),
    ("timecodeInsertion", &["DISABLED"]),
    ("timecodeTrack", &["DISABLED"]),
    ("videoPreprocessors/deinterlacer/mode", &["DEINTERLACE", "ADAPTIVE"]),
    ("videoPreprocessors/deinterlacer/control", &[]),
    ("videoPreprocessors/deinterlacer/algorithm", &["INTERPOLATE"]),
    (
        "videoPreprocessors/colorCorrector/colorSpaceConversion",
        &["NONE", "FORCE_709"],
    ),
    (
        "videoPreprocessors/colorCorrector/hdrToSdrToneMapper",
        &["PRESERVE_DETAILS"],
    ),
    ("codecSettings/codec", &["H_264", "FRAME_CAPTURE"]),
    ("codecSettings/frameCaptureSettings/framerateNumerator", &[]),
    ("codecSettings/frameCaptureSettings/framerateDenominator", &[]),
    ("codecSettings/frameCaptureSettings/maxCaptures", &[]),
    ("codecSettings/frameCaptureSettings/quality", &[]),
];

/// Settings of an HLS group.
const HLS: &[Setting] = &[
    ("destination", &[]),
    ("segmentLength", &[]),
    ("segmentLengthControl", &["EXACT", "GOP_MULTIPLE"]),
    ("minSegmentLength", &["0"]),
    ("minFinalSegmentLength", &["0", "0.0"]),
    ("segmentControl", &["SEGMENTED_FILES"]),
    ("manifestDurationFormat", &[]),
    ("manifestCompression", &["NONE"]),
    ("streamInfResolution", &[]),
    ("targetDurationCompatibilityMode", &[]),
    ("codecSpecification", &["RFC_4281", "RFC_6381"]),
    ("clientCache", &["ENABLED"]),
    ("directoryStructure", &["SINGLE_DIRECTORY"]),
    ("outputSelection", &["MANIFESTS_AND_SEGMENTS"]),
    ("programDateTime", &["EXCLUDE"]),
    ("programDateTimePeriod", &[]),
    ("captionLanguageSetting", &["OMIT", "NONE"]),
    ("imageBasedTrickPlay", &["NONE"]),
    ("progressiveWriteHlsManifest", &["DISABLED"]),
    ("timedMetadataId3Frame", &["NONE"]),
    ("timestampDeltaMilliseconds", &["0"]),
];

/// Settings of a CMAF group. On AWS DASH manifests are written by default.
const CMAF: &[Setting] = &[
    ("destination", &[]),
    ("segmentLength", &[]),
    ("segmentLengthControl", &["EXACT", "GOP_MULTIPLE"]),
    ("fragmentLength", &[]),
    ("minFinalSegmentLength", &[]),
    ("segmentControl", &["SEGMENTED_FILES"]),
    ("manifestDurationFormat", &[]),
    ("manifestCompression", &["NONE"]),
    ("streamInfResolution", &[]),
    ("targetDurationCompatibilityMode", &[]),
    ("videoCompositionOffsets", &[]),
    ("writeHlsManifest", &["ENABLED"]),
    ("writeDashManifest", &["DISABLED"]),
    ("codecSpecification", &["RFC_4281", "RFC_6381"]),
    ("clientCache", &["ENABLED"]),
    ("imageBasedTrickPlay", &["NONE"]),
];

/// Settings of H.264, below `…/codecSettings/h264Settings/`.
const H264: &[Setting] = &[
    ("rateControlMode", &[]),
    ("bitrate", &[]),
    ("maxBitrate", &[]),
    ("qvbrSettings/qvbrQualityLevel", &[]),
    ("qvbrSettings/qvbrQualityLevelFineTune", &[]),
    ("hrdBufferSize", &[]),
    ("hrdBufferInitialFillPercentage", &[]),
    ("qualityTuningLevel", &[]),
    ("codecProfile", &["BASELINE", "MAIN", "HIGH"]),
    ("codecLevel", &[]),
    ("entropyEncoding", &[]),
    ("gopSize", &[]),
    ("gopSizeUnits", &[]),
    ("gopClosedCadence", &["1"]),
    ("gopBReference", &[]),
    ("minIInterval", &[]),
    ("numberBFramesBetweenReferenceFrames", &[]),
    ("numberReferenceFrames", &[]),
    ("slices", &[]),
    ("sceneChangeDetect", &[]),
    ("adaptiveQuantization", &[]),
    ("framerateControl", &[]),
    ("framerateNumerator", &[]),
    ("framerateDenominator", &[]),
    ("framerateConversionAlgorithm", &["DUPLICATE_DROP"]),
    ("parControl", &[]),
    ("parNumerator", &[]),
    ("parDenominator", &[]),
    ("interlaceMode", &["PROGRESSIVE"]),
    ("dynamicSubGop", &["ADAPTIVE"]),
    ("endOfStreamMarkers", &["INCLUDE"]),
    ("explicitWeightedPrediction", &["ENABLED"]),
    ("fieldEncoding", &["PAFF"]),
    ("flickerAdaptiveQuantization", &["DISABLED"]),
    ("spatialAdaptiveQuantization", &["ENABLED"]),
    ("temporalAdaptiveQuantization", &["ENABLED"]),
    ("repeatPps", &["DISABLED"]),
    ("saliencyAwareEncoding", &["DISABLED"]),
    ("scanTypeConversionMode", &["INTERLACED"]),
    ("slowPal", &["DISABLED"]),
    ("softness", &["0"]),
    ("syntax", &["DEFAULT"]),
    ("telecine", &["NONE"]),
    ("unregisteredSeiTimecode", &["DISABLED"]),
    ("writeMp4PackagingType", &["AVC1"]),
];

/// Settings of the audio, below `…/audioDescriptions/*/`.
const AUDIO: &[Setting] = &[
    ("audioSourceName", &[]),
    ("audioType", &["0"]),
    ("audioTypeControl", &["FOLLOW_INPUT"]),
    ("languageCode", &[]),
    ("customLanguageCode", &[]),
    ("languageCodeControl", &[]),
    ("streamName", &[]),
    ("codecSettings/codec", &["AAC"]),
    ("codecSettings/aacSettings/bitrate", &[]),
    ("codecSettings/aacSettings/sampleRate", &[]),
    (
        "codecSettings/aacSettings/codingMode",
        &["CODING_MODE_1_0", "CODING_MODE_2_0", "CODING_MODE_5_1"],
    ),
    ("codecSettings/aacSettings/codecProfile", &["LC"]),
    ("codecSettings/aacSettings/rateControlMode", &["CBR"]),
    ("codecSettings/aacSettings/rawFormat", &["NONE"]),
    ("codecSettings/aacSettings/specification", &["MPEG4"]),
    ("codecSettings/aacSettings/audioDescriptionBroadcasterMix", &["NORMAL"]),
    ("codecSettings/aacSettings/passthroughControl", &["NO_PASSTHROUGH"]),
];

const NOT_SUPPORTED: &str = "Is not supported by the local MediaConvert";

/// The issues of unsupported settings, and of missing settings whose default is unsupported.
pub(crate) fn check(settings: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    walk(settings, &mut Vec::new(), &mut issues);
    issues.extend(unsupported_defaults(settings));
    issues
}

/// Unsupported defaults, and inputs that are not in S3.
fn unsupported_defaults(settings: &Value) -> Vec<Issue> {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default().into_iter().enumerate();
    let mut issues = Vec::new();
    let mut add = |pointer: String, message: &str| issues.push(Issue::new(pointer, message));
    for (index, input) in items(&settings["inputs"]) {
        if input["fileInput"].as_str().is_some_and(|url| !url.starts_with("s3://")) {
            let pointer = format!("/settings/inputs/{index}/fileInput");
            add(pointer, "Only s3:// URLs are supported by the local MediaConvert");
        }
        let generator = &input["videoGenerator"];
        if generator.is_object() {
            let place = format!("/settings/inputs/{index}");
            let members = [
                "duration",
                "framerateNumerator",
                "framerateDenominator",
                "width",
                "height",
                "imageInput",
            ];
            for member in members.into_iter().filter(|member| generator[*member].is_null()) {
                let pointer = format!("{place}/videoGenerator/{member}");
                add(pointer, "Is required by the local MediaConvert");
            }
            if !is_in_s3(&generator["imageInput"], ".png") {
                let pointer = format!("{place}/videoGenerator/imageInput");
                add(pointer, "Only PNG files in S3 are supported by the local MediaConvert");
            }
            if input["inputClippings"].is_array() {
                let pointer = format!("{place}/inputClippings");
                add(
                    pointer,
                    "Is not supported with a video generator by the local MediaConvert",
                );
            }
        }
        let selectors = input["audioSelectors"].as_object().into_iter().flatten();
        let files: Vec<_> = selectors
            .map(|(_, selector)| &selector["externalAudioFileInput"])
            .collect();
        let same = files.windows(2).all(|two| two[0] == two[1]);
        let wanted = files.iter().all(|file| file.is_null() != generator.is_object());
        let in_s3 = files.iter().all(|file| file.is_null() || is_in_s3(file, ""));
        if !(same && wanted && in_s3) {
            add(
                format!("/settings/inputs/{index}/audioSelectors"),
                "The local MediaConvert takes external audio from one file in S3, and only with a video generator",
            );
        }
        let clips = input["inputClippings"]
            .as_array()
            .is_some_and(|clips| !clips.is_empty());
        if clips && input["timecodeSource"] != "ZEROBASED" {
            add(
                format!("/settings/inputs/{index}/timecodeSource"),
                "Only ZEROBASED is supported with input clippings by the local MediaConvert",
            );
        }
    }
    for (group_index, group) in items(&settings["outputGroups"]) {
        let place = format!("/settings/outputGroups/{group_index}");
        let cmaf = &group["outputGroupSettings"]["cmafGroupSettings"];
        if cmaf.is_object() && cmaf["writeDashManifest"].is_null() {
            add(
                format!("{place}/outputGroupSettings/cmafGroupSettings/writeDashManifest"),
                "ENABLED, which is the default, is not supported by the local MediaConvert, only DISABLED",
            );
        }
        let is_hls = group["outputGroupSettings"]["type"] == "HLS_GROUP_SETTINGS";
        for (index, output) in items(&group["outputs"]) {
            let container = &output["outputSettings"]["hlsSettings"]["audioOnlyContainer"];
            if is_hls && output["videoDescription"].is_null() && container != "M2TS" {
                add(
                    format!("{place}/outputs/{index}/outputSettings/hlsSettings/audioOnlyContainer"),
                    "AUTOMATIC, which is the default, is not supported by the local MediaConvert, only M2TS",
                );
            }
        }
    }
    issues
}

fn is_in_s3(url: &Value, extension: &str) -> bool {
    url.as_str()
        .is_some_and(|url| url.starts_with("s3://") && url.ends_with(extension))
}

fn walk(value: &Value, path: &mut Vec<String>, issues: &mut Vec<Issue>) {
    if value.is_null() {
        return;
    }
    let known: Vec<(Vec<&str>, &[&str])> = if path.is_empty() { Vec::new() } else { known_under(path) };
    if !path.is_empty() && known.is_empty() {
        issues.push(Issue::new(format!("/settings/{}", path.join("/")), NOT_SUPPORTED));
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push(name.clone());
                walk(member, path, issues);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                walk(item, path, issues);
                path.pop();
            }
        }
        scalar => {
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            let values = known
                .iter()
                .find(|(pattern, _)| pattern.len() == path.len())
                .map(|(_, values)| *values);
            let Some(values) = values else {
                issues.push(Issue::new(format!("/settings/{}", path.join("/")), NOT_SUPPORTED));
                return;
            };
            if !values.is_empty() && !values.contains(&text.as_str()) {
                let message = format!(
                    "{text} is not supported by the local MediaConvert, only {}",
                    values.join(", ")
                );
                issues.push(Issue::new(format!("/settings/{}", path.join("/")), message));
            }
        }
    }
}

/// The entries at or below this path.
fn known_under(path: &[String]) -> Vec<(Vec<&'static str>, &'static [&'static str])> {
    let entries = SUPPORTED.iter().flat_map(|(place, settings)| {
        settings.iter().map(|(name, values)| {
            let parts = place.split('/').chain(name.split('/')).filter(|part| !part.is_empty());
            (parts.collect::<Vec<_>>(), *values)
        })
    });
    let is_at_or_below = |pattern: &[&str]| {
        pattern.len() >= path.len()
            && pattern
                .iter()
                .zip(path)
                .all(|(expected, given)| *expected == "*" || expected == given)
    };
    entries.filter(|(pattern, _)| is_at_or_below(pattern)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(settings: &Value) -> String {
        super::super::message(&check(settings))
    }

    #[test]
    fn a_codec_that_is_not_supported_is_named_by_its_highest_part() {
        let settings = json!({ "outputGroups": [{}, { "outputs": [{ "videoDescription": { "codecSettings": {
            "codec": "AV1", "av1Settings": { "rateControlMode": "QVBR" } } } }] }] });
        assert_eq!(
            refused(&settings),
            "/outputGroups/1/outputs/0/videoDescription/codecSettings/av1Settings: Is not supported by the local \
             MediaConvert | /outputGroups/1/outputs/0/videoDescription/codecSettings/codec: AV1 is not supported by \
             the local MediaConvert, only H_264, FRAME_CAPTURE"
        );
    }

    #[test]
    fn an_explicit_default_is_accepted() {
        let settings =
            json!({ "adAvailOffset": 0, "inputs": [{ "fileInput": "s3://b/k", "deblockFilter": "DISABLED" }] });
        assert_eq!(refused(&settings), "");
    }

    #[test]
    fn a_second_input_and_a_second_stream_are_refused() {
        let selectors = json!({ "a": { "tracks": [1, 2], "streams": [1, 2] } });
        let settings = json!({ "inputs": [{ "audioSelectors": selectors }, { "fileInput": "s3://b/k" }] });
        assert_eq!(
            refused(&settings),
            "/inputs/0/audioSelectors/a/streams/1: Is not supported by the local MediaConvert | \
             /inputs/1: Is not supported by the local MediaConvert"
        );
    }

    #[test]
    fn a_picture_is_generated_with_sound_from_a_file_of_its_own() {
        let generator = json!({ "duration": 1000, "framerateNumerator": 10, "framerateDenominator": 1, "width": 64, "height": 64,
            "imageInput": "s3://b/cover.png" });
        let selectors = |file: &str| json!({ "a": { "tracks": [1], "externalAudioFileInput": file } });
        let good = json!({ "videoGenerator": generator, "audioSelectors": selectors("s3://b/k") });
        assert_eq!(refused(&json!({ "inputs": [good] })), "");
        let mut bad = json!({ "videoGenerator": generator, "audioSelectors": { "a": { "tracks": [1] } } });
        assert!(refused(&json!({ "inputs": [bad.clone()] })).contains("external audio"));
        bad["videoGenerator"]["imageInput"] = json!("https://example.org/cover.png");
        assert!(refused(&json!({ "inputs": [bad] })).contains("Only PNG files in S3"));
        let film = json!({ "fileInput": "s3://b/k", "audioSelectors": selectors("s3://b/other") });
        assert!(refused(&json!({ "inputs": [film] })).contains("external audio"));
    }

    #[test]
    fn a_clip_ends_at_a_timecode_that_counts_from_zero() {
        let clipped = |source: &str, clip: Value| {
            let input = json!({ "timecodeSource": source, "inputClippings": [clip] });
            refused(&json!({ "inputs": [input] }))
        };
        let end = json!({ "endTimecode": "00:00:02:00" });
        assert_eq!(clipped("ZEROBASED", end.clone()), "");
        assert!(clipped("EMBEDDED", end).contains("Only ZEROBASED"));
        let start = json!({ "startTimecode": "00:00:01:00" });
        assert!(clipped("ZEROBASED", start).contains("startTimecode: Is not supported"));
    }

    #[test]
    fn every_supported_setting_exists_in_the_model() {
        // The model refuses unknown members, so a path that it knows passes `schema::check` up to its value.
        for (place, settings) in SUPPORTED {
            for (name, values) in *settings {
                let path = format!("{place}/{name}");
                let value = values.first().map_or(json!("ANY"), |value| json!(value));
                let request =
                    path.split('/')
                        .filter(|part| !part.is_empty())
                        .rev()
                        .fold(value, |value, part| match part {
                            "*" if path.contains("audioSelectors/*") && value.is_object() => json!({ "name": value }),
                            "*" | "0" => json!([value]),
                            part => json!({ part: value }),
                        });
                let issues = super::super::check("CreateJob", &json!({ "role": "r", "settings": request }));
                let unknown = issues.iter().find(|issue| issue.message.contains("known property"));
                assert!(unknown.is_none(), "{unknown:?}");
            }
        }
    }
}
