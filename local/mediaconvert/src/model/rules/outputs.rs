//! Rules about jobs, output groups and outputs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{super::Issue, Rule, items, text};

const API_REFERENCE: &str = "MediaConvert API reference";

pub(super) const JOB: &[Rule] = &[
    Rule {
        source: "MediaConvert API reference, CreateJob: a job has inputs and output groups",
        broken: |settings| {
            let empty = ["inputs", "outputGroups"]
                .into_iter()
                .find(|name| items(settings, name).next().is_none())?;
            Some(Issue::new(format!("/{empty}"), "Should have at least 1 items"))
        },
    },
    Rule {
        source: API_REFERENCE,
        broken: |settings| {
            let (index, _) = items(settings, "inputs")
                .find(|(_, input)| text(input, "/fileInput").is_none() && input.get("videoGenerator").is_none())?;
            Some(Issue::new(
                format!("/inputs/{index}"),
                "fileInput is a required property",
            ))
        },
    },
    Rule {
        source: "MediaConvert API reference, Input.videoGenerator: a video generator or an input file, not both",
        broken: |settings| {
            let (index, _) = items(settings, "inputs")
                .find(|(_, input)| text(input, "/fileInput").is_some() && input.get("videoGenerator").is_some())?;
            Some(Issue::new(
                format!("/inputs/{index}/videoGenerator"),
                "Should not be given together with fileInput",
            ))
        },
    },
    Rule {
        source: "MediaConvert API reference, InputVideoGenerator: width and height are even",
        broken: |settings| {
            let (index, _) = items(settings, "inputs").find(|(_, input)| {
                let sides = ["/videoGenerator/width", "/videoGenerator/height"];
                let mut sides = sides.into_iter().filter_map(|side| input.pointer(side)?.as_u64());
                sides.any(|side| !side.is_multiple_of(2))
            })?;
            Some(Issue::new(
                format!("/inputs/{index}/videoGenerator"),
                "width and height should be even",
            ))
        },
    },
    Rule {
        source: "MediaConvert API reference, InputClipping: start or end may be left blank, but not both",
        broken: |settings| {
            let clips = items(settings, "inputs").flat_map(|(input, value)| {
                items(value, "inputClippings").map(move |(clip, value)| (input, clip, value))
            });
            let blank = |value: &Value| text(value, "/startTimecode").or(text(value, "/endTimecode")).is_none();
            let (input, clip, _) = clips.into_iter().find(|(_, _, value)| blank(value))?;
            Some(Issue::new(
                format!("/inputs/{input}/inputClippings/{clip}"),
                "endTimecode is a required property",
            ))
        },
    },
    Rule {
        source: "MediaConvert user guide, creating frame capture outputs: a job also needs another output",
        broken: |settings| {
            let mut outputs = items(settings, "outputGroups")
                .flat_map(|(_, group)| items(group, "outputs"))
                .peekable();
            outputs.peek()?;
            outputs
                .all(|(_, output)| is_frame_capture(output))
                .then(|| Issue::new("/outputGroups", "Should have an output that is not a frame capture"))
        },
    },
];

pub(super) const GROUP: &[Rule] = &[
    Rule {
        source: API_REFERENCE,
        broken: |group| {
            items(group, "outputs")
                .next()
                .is_none()
                .then(|| Issue::new("/outputs", "Should have at least 1 items"))
        },
    },
    Rule {
        source: "MediaConvert API reference, OutputGroupSettings: the settings object goes with the type",
        broken: |group| {
            let Some(member) = group_member(group) else {
                return Some(Issue::new("/outputGroupSettings", "type is a required property"));
            };
            match text(group, &format!("/outputGroupSettings/{member}/destination")) {
                None => Some(Issue::new(
                    format!("/outputGroupSettings/{member}"),
                    "destination is a required property",
                )),
                Some(destination) if !destination.trim_start_matches("s3://").contains('/') => Some(Issue::new(
                    format!("/outputGroupSettings/{member}/destination"),
                    "Should name a bucket and a path in it",
                )),
                Some(destination) if destination.contains('$') => Some(Issue::new(
                    format!("/outputGroupSettings/{member}/destination"),
                    "Format identifiers are not supported by the local MediaConvert",
                )),
                Some(_) => None,
            }
        },
    },
    Rule {
        source: "MediaConvert API reference, Output.nameModifier: required with several outputs in a group; a streaming \
                 output without one would overwrite the group's own playlist",
        broken: |group| {
            let streaming = text(group, "/outputGroupSettings/type") != Some("FILE_GROUP_SETTINGS");
            let several = items(group, "outputs").count() > 1;
            let (index, _) = items(group, "outputs")
                .find(|(_, output)| (streaming || several) && text(output, "/nameModifier").is_none())?;
            Some(Issue::new(
                format!("/outputs/{index}"),
                "nameModifier is a required property",
            ))
        },
    },
    Rule {
        source: "MediaConvert API reference, Output.nameModifier: outputs of a group differ in it",
        broken: |group| {
            let mut seen = BTreeSet::new();
            let name = |output: &Value| {
                (
                    text(output, "/nameModifier").map(str::to_owned),
                    text(output, "/extension").map(str::to_owned),
                )
            };
            let (index, _) = items(group, "outputs").find(|(_, output)| !seen.insert(name(output)))?;
            Some(Issue::new(
                format!("/outputs/{index}/nameModifier"),
                "Should be unique in its output group",
            ))
        },
    },
    Rule {
        source: "MediaConvert API reference, CmafGroupSettings: each output holds one picture, one sound or one caption",
        broken: |group| {
            if text(group, "/outputGroupSettings/type") != Some("CMAF_GROUP_SETTINGS") {
                return None;
            }
            let parts = |output: &Value| {
                usize::from(!output["videoDescription"].is_null()) + items(output, "audioDescriptions").count()
            };
            let (index, _) = items(group, "outputs").find(|(_, output)| parts(output) > 1)?;
            Some(Issue::new(
                format!("/outputs/{index}"),
                "Each output in a CMAF output group may only contain a single video, audio, or caption output",
            ))
        },
    },
    Rule {
        source: "MediaConvert user guide, containers by output group",
        broken: |group| {
            let allowed: &[&str] = match text(group, "/outputGroupSettings/type")? {
                "CMAF_GROUP_SETTINGS" => &["CMFC"],
                "HLS_GROUP_SETTINGS" => &["M3U8"],
                "FILE_GROUP_SETTINGS" => &["MP4", "RAW"],
                _ => return None,
            };
            let (index, _) = items(group, "outputs").find(|(_, output)| {
                text(output, "/containerSettings/container").is_none_or(|container| !allowed.contains(&container))
            })?;
            let values = allowed
                .iter()
                .map(|value| format!("\"{value}\""))
                .collect::<Vec<_>>()
                .join(",");
            Some(Issue::new(
                format!("/outputs/{index}/containerSettings/container"),
                format!("Should be equal to one of the allowed values in [{values}]"),
            ))
        },
    },
];

pub(super) const OUTPUT: &[Rule] = &[
    Rule {
        source: "MediaConvert user guide: an output holds a picture, sound or captions",
        broken: |output| {
            let empty = output["videoDescription"].is_null() && items(output, "audioDescriptions").next().is_none();
            empty.then(|| Issue::new("", "Should have a videoDescription or audioDescriptions"))
        },
    },
    Rule {
        source: API_REFERENCE,
        broken: |output| {
            let video = output.get("videoDescription").filter(|video| !video.is_null())?;
            let codec = text(video, "/codecSettings/codec");
            codec
                .is_none()
                .then(|| Issue::new("/videoDescription/codecSettings", "codec is a required property"))
        },
    },
    Rule {
        source: "MediaConvert user guide, creating frame capture outputs: container RAW, no sound, in a file group",
        broken: |output| {
            let raw = text(output, "/containerSettings/container") == Some("RAW");
            let sound = items(output, "audioDescriptions").next().is_some();
            match (is_frame_capture(output), raw, sound) {
                (true, false, _) => Some(Issue::new("/containerSettings/container", "Must be RAW")),
                (true, true, true) => Some(Issue::new("/audioDescriptions", "Should have at most 0 items")),
                (false, true, _) => Some(Issue::new(
                    "/containerSettings/container",
                    "RAW is supported by the local MediaConvert for FRAME_CAPTURE only",
                )),
                _ => None,
            }
        },
    },
    Rule {
        source: "MediaConvert user guide, format identifiers",
        broken: |output| {
            text(output, "/nameModifier")?.contains('$').then(|| {
                Issue::new(
                    "/nameModifier",
                    "Format identifiers are not supported by the local MediaConvert",
                )
            })
        },
    },
];

fn is_frame_capture(output: &Value) -> bool {
    text(output, "/videoDescription/codecSettings/codec") == Some("FRAME_CAPTURE")
}

fn group_member(group: &Value) -> Option<&'static str> {
    match text(group, "/outputGroupSettings/type")? {
        "CMAF_GROUP_SETTINGS" => Some("cmafGroupSettings"),
        "HLS_GROUP_SETTINGS" => Some("hlsGroupSettings"),
        "FILE_GROUP_SETTINGS" => Some("fileGroupSettings"),
        "DASH_ISO_GROUP_SETTINGS" => Some("dashIsoGroupSettings"),
        "MS_SMOOTH_GROUP_SETTINGS" => Some("msSmoothGroupSettings"),
        _ => None,
    }
}
