//! Rules between settings that the API's model lacks. Each names its source; where AWS's message is known, it is used.

use serde_json::Value;
use tracing::debug;

mod codecs;
mod outputs;

use self::{
    codecs::{AUDIO, H264, VIDEO},
    outputs::{GROUP, JOB, OUTPUT},
};
use super::Issue;

/// A rule about one part of the settings.
struct Rule {
    /// The source of the rule.
    source: &'static str,
    /// The issue, with a pointer relative to the part.
    broken: fn(&Value) -> Option<Issue>,
}

/// The issues of a job's settings, by all rules.
pub(crate) fn check(settings: &Value) -> Vec<Issue> {
    let mut issues = apply(JOB, settings, "/settings");
    for (group_index, group) in items(settings, "outputGroups") {
        let place = format!("/settings/outputGroups/{group_index}");
        issues.extend(apply(GROUP, group, &place));
        for (index, output) in items(group, "outputs") {
            let place = format!("{place}/outputs/{index}");
            issues.extend(apply(OUTPUT, output, &place));
            if output["videoDescription"].is_object() {
                let place = format!("{place}/videoDescription");
                issues.extend(apply(VIDEO, &output["videoDescription"], &place));
            }
            if let Some(h264) = output.pointer("/videoDescription/codecSettings/h264Settings") {
                let place = format!("{place}/videoDescription/codecSettings/h264Settings");
                issues.extend(apply(H264, h264, &place));
            }
            for (index, audio) in items(output, "audioDescriptions") {
                issues.extend(apply(AUDIO, audio, &format!("{place}/audioDescriptions/{index}")));
            }
        }
    }
    issues
}

fn apply(rules: &[Rule], value: &Value, place: &str) -> Vec<Issue> {
    rules
        .iter()
        .filter_map(|rule| {
            let issue = (rule.broken)(value)?;
            debug!(rule.source, "{place}{} breaks a rule", issue.pointer);
            Some(Issue::new(format!("{place}{}", issue.pointer), issue.message))
        })
        .collect()
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    value[name]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .enumerate()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn h264(settings: &Value) -> String {
        super::super::message(&apply(H264, settings, ""))
    }

    #[test]
    fn every_rule_names_its_source() {
        for rule in [JOB, GROUP, OUTPUT, H264, AUDIO].into_iter().flatten() {
            assert!(
                rule.source.contains("MediaConvert") || rule.source.contains("CreateJob"),
                "{}",
                rule.source
            );
        }
    }

    #[test]
    fn qvbr_needs_a_maximum_and_no_bitrate() {
        assert_eq!(h264(&json!({ "rateControlMode": "QVBR", "maxBitrate": 1_000_000 })), "");
        assert!(h264(&json!({ "rateControlMode": "QVBR" })).contains("incompatible: Rate control mode"));
        assert!(h264(&json!({ "rateControlMode": "QVBR", "maxBitrate": 1, "bitrate": 1 })).contains("incompatible"));
        assert!(h264(&json!({ "rateControlMode": "CBR", "bitrate": 1, "maxBitrate": 1 })).contains("incompatible"));
        assert!(h264(&json!({ "rateControlMode": "VBR" })).contains("incompatible"));
    }

    #[test]
    fn a_maximum_average_needs_multi_pass() {
        let mut settings = json!({
            "rateControlMode": "QVBR", "maxBitrate": 5_000_000, "qvbrSettings": { "maxAverageBitrate": 4_000_000 },
        });
        assert!(h264(&settings).starts_with("/qvbrSettings/maxAverageBitrate: Use this setting only"));
        settings["qualityTuningLevel"] = json!("MULTI_PASS_HQ");
        assert_eq!(h264(&settings), "");
    }

    #[test]
    fn a_gop_size_needs_its_unit() {
        let with = |more: Value| {
            let mut settings = json!({ "rateControlMode": "CBR", "bitrate": 1_000_000 });
            settings
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            h264(&settings)
        };
        assert!(with(json!({ "gopSize": 2 })).starts_with("/gopSize: Leave GOP size blank"));
        assert!(with(json!({ "gopSizeUnits": "SECONDS" })).contains("gopSize is a required property"));
        assert_eq!(with(json!({ "gopSizeUnits": "FRAMES", "gopSize": 48 })), "");
        assert!(
            with(json!({ "framerateControl": "SPECIFIED", "framerateNumerator": 24 })).contains("framerateDenominator")
        );
        assert!(with(json!({ "codecProfile": "BASELINE" })).contains("/entropyEncoding: Must be CAVLC"));
    }

    #[test]
    fn aac_stays_in_its_range() {
        let aac = |bitrate: u64, rate: u64| {
            let settings = json!({ "codecSettings": { "codec": "AAC", "aacSettings": {
                "bitrate": bitrate, "sampleRate": rate, "codingMode": "CODING_MODE_2_0" } } });
            super::super::message(&apply(AUDIO, &settings, ""))
        };
        assert_eq!(aac(128_000, 48_000), "");
        assert!(aac(32_000, 48_000).contains("in the range of 64000-576000"));
        assert!(aac(576_000, 44_100).contains("in the range of 64000-512000"));
        assert!(aac(100_000, 48_000).contains("not valid"));
    }

    #[test]
    fn outputs_of_a_streaming_group_have_names_of_their_own() {
        let group = |names: [Value; 2]| {
            let outputs: Vec<Value> = names
                .into_iter()
                .map(|name| json!({ "nameModifier": name, "containerSettings": { "container": "CMFC" } }))
                .collect();
            let settings = json!({ "type": "CMAF_GROUP_SETTINGS", "cmafGroupSettings": { "destination": "s3://b/k" } });
            let group = json!({ "outputGroupSettings": settings, "outputs": outputs });
            super::super::message(&apply(GROUP, &group, ""))
        };
        assert_eq!(group([json!("_a"), json!("_b")]), "");
        assert!(group([json!("_a"), json!("_a")]).contains("/outputs/1/nameModifier: Should be unique"));
        assert!(group([json!("_a"), json!(null)]).contains("/outputs/1: nameModifier is a required property"));
    }
}
