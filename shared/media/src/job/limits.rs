//! The service's bounds for the settings that we use, and its cross-field rules. botocore and the SDK do not check them; MediaConvert answers
//! with a 400 or a failed job.

use std::collections::BTreeSet;

use super::settings::{Input, JobSettings, Output, OutputGroup, OutputGroupType, VideoCodec};

/// A bound from the service's model (`aws-sdk` / botocore `mediaconvert/2017-08-29`).
struct Bound {
    field: &'static str,
    min: u64,
    max: u64,
}

const MAX_INT: u64 = 2_147_483_647;

const SIDE: Bound = Bound {
    field: "videoDescription.width/height",
    min: 32,
    max: 8192,
};
const MAX_BITRATE: Bound = Bound {
    field: "h264Settings.maxBitrate",
    min: 1000,
    max: 1_152_000_000,
};
const QUALITY: Bound = Bound {
    field: "qvbrSettings.qvbrQualityLevel",
    min: 1,
    max: 10,
};
const FRAME_RATE: Bound = Bound {
    field: "framerateNumerator/Denominator",
    min: 1,
    max: MAX_INT,
};
const SEGMENT: Bound = Bound {
    field: "cmafGroupSettings.segmentLength/fragmentLength",
    min: 1,
    max: MAX_INT,
};
const CAPTURES: Bound = Bound {
    field: "frameCaptureSettings.maxCaptures",
    min: 1,
    max: 10_000_000,
};
const JPEG: Bound = Bound {
    field: "frameCaptureSettings.quality",
    min: 1,
    max: 100,
};
const AAC_BITRATE: Bound = Bound {
    field: "aacSettings.bitrate",
    min: 6000,
    max: 1_024_000,
};
const AAC_RATE: Bound = Bound {
    field: "aacSettings.sampleRate",
    min: 8000,
    max: 96_000,
};
const NAME_MODIFIER: Bound = Bound {
    field: "output.nameModifier (characters)",
    min: 1,
    max: 256,
};
const GENERATED: Bound = Bound {
    field: "videoGenerator.duration",
    min: 1,
    max: 86_400_000,
};
const GENERATED_RATE: Bound = Bound {
    field: "videoGenerator.framerateNumerator",
    min: 1,
    max: 60_000,
};
const GENERATED_SIDE: Bound = Bound {
    field: "videoGenerator.width/height",
    min: 32,
    max: 8192,
};
const FILE_INPUT: Bound = Bound {
    field: "input.fileInput (characters)",
    min: 1,
    max: 2048,
};

/// Everything in a job that MediaConvert would refuse, as sentences; empty for a valid job.
#[must_use]
pub fn violations(job: &JobSettings) -> Vec<String> {
    let mut found = Vec::new();
    for input in &job.inputs {
        input_violations(&mut found, input);
        for clip in &input.input_clippings {
            rule(
                &mut found,
                is_timecode(&clip.end_timecode),
                "endTimecode is HH:MM:SS:FF",
            );
        }
    }
    for group in &job.output_groups {
        group_violations(&mut found, group);
    }
    let captures_only = job
        .output_groups
        .iter()
        .flat_map(|group| &group.outputs)
        .all(is_capture);
    // User guide, "Creating frame captures": a job needs at least one output that is not a frame capture.
    rule(
        &mut found,
        !captures_only,
        "a job has an output other than frame captures",
    );
    found
}

fn input_violations(found: &mut Vec<String>, input: &Input) {
    // API reference, Input.VideoGenerator: a video generator or a file, never both.
    rule(
        found,
        input.file_input.is_some() != input.video_generator.is_some(),
        "an input has a file or a video generator",
    );
    let sounds = input.audio_selectors.values();
    let files = sounds.filter_map(|selector| selector.external_audio_file_input.as_ref());
    for file in input.file_input.iter().chain(files) {
        check(found, &FILE_INPUT, file.len() as u64);
        rule(found, file.starts_with("s3://"), "an input is an S3 address");
    }
    if let Some(generator) = &input.video_generator {
        check(found, &GENERATED, u64::from(generator.duration));
        check(found, &GENERATED_RATE, u64::from(generator.framerate_numerator));
        check(found, &GENERATED_SIDE, u64::from(generator.width));
        check(found, &GENERATED_SIDE, u64::from(generator.height));
        // API reference, InputVideoGenerator: even sides; the model's pattern for imageInput.
        rule(
            found,
            generator.width.is_multiple_of(2) && generator.height.is_multiple_of(2),
            "sides of a generated video are even",
        );
        rule(
            found,
            generator.image_input.starts_with("s3://") && generator.image_input.ends_with("/cover.png"),
            "the image of a generated video is a cover.png in S3",
        );
    }
}

/// API reference, InputClipping: `^([01][0-9]|2[0-4]):[0-5][0-9]:[0-5][0-9][:;][0-9]{2}$`.
fn is_timecode(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let below = |part: &str, max: u32| part.len() == 2 && part.parse::<u32>().is_ok_and(|value| value <= max);
    matches!(parts.as_slice(), [hours, minutes, seconds, frame]
        if below(hours, 24) && below(minutes, 59) && below(seconds, 59) && below(frame, 99))
}

fn group_violations(found: &mut Vec<String>, group: &OutputGroup) {
    let settings = &group.output_group_settings;
    let matching = match settings.r#type {
        OutputGroupType::Cmaf => settings.cmaf_group_settings.is_some(),
        OutputGroupType::File => settings.file_group_settings.is_some(),
    };
    rule(found, matching, "an output group has the settings of its type");
    // API reference, Output.NameModifier: required when an output group has several outputs.
    let named = group
        .outputs
        .iter()
        .filter(|output| output.name_modifier.is_some())
        .count();
    rule(
        found,
        group.outputs.len() < 2 || named == group.outputs.len(),
        "several outputs have name modifiers",
    );
    let distinct: BTreeSet<_> = group.outputs.iter().map(|output| &output.name_modifier).collect();
    rule(found, distinct.len() == group.outputs.len(), "name modifiers differ");
    if let Some(cmaf) = &settings.cmaf_group_settings {
        check(found, &SEGMENT, u64::from(cmaf.segment_length));
        check(found, &SEGMENT, u64::from(cmaf.fragment_length));
        // API reference, CmafGroupSettings: a segment is made of whole fragments.
        rule(
            found,
            cmaf.segment_length.is_multiple_of(cmaf.fragment_length.max(1)),
            "segments hold whole fragments",
        );
        rule(
            found,
            cmaf.destination.starts_with("s3://"),
            "the destination is an S3 address",
        );
    }
    for output in &group.outputs {
        output_violations(found, output);
    }
}

fn output_violations(found: &mut Vec<String>, output: &Output) {
    if let Some(name) = &output.name_modifier {
        check(found, &NAME_MODIFIER, name.len() as u64);
    }
    if let Some(video) = &output.video_description {
        check(found, &SIDE, u64::from(video.width));
        check(found, &SIDE, u64::from(video.height));
        // User guide: H.264 4:2:0 needs even sides.
        rule(
            found,
            video.width.is_multiple_of(2) && video.height.is_multiple_of(2),
            "sides are even",
        );
        if let Some(h264) = &video.codec_settings.h264_settings {
            check(found, &MAX_BITRATE, u64::from(h264.max_bitrate));
            check(found, &QUALITY, u64::from(h264.qvbr_settings.qvbr_quality_level));
            check(found, &FRAME_RATE, u64::from(h264.framerate_numerator));
            check(found, &FRAME_RATE, u64::from(h264.framerate_denominator));
        }
        if let Some(capture) = &video.codec_settings.frame_capture_settings {
            check(found, &CAPTURES, u64::from(capture.max_captures));
            check(found, &JPEG, u64::from(capture.quality));
            check(found, &FRAME_RATE, u64::from(capture.framerate_denominator));
        }
    }
    for audio in &output.audio_descriptions {
        let aac = &audio.codec_settings.aac_settings;
        check(found, &AAC_BITRATE, u64::from(aac.bitrate));
        check(found, &AAC_RATE, u64::from(aac.sample_rate));
        rule(
            found,
            AAC_BITRATES.contains(&aac.bitrate),
            "AAC has one of its bitrates",
        );
        let language = audio.custom_language_code.as_deref().is_none_or(is_language_code);
        rule(found, language, "language codes are tags of BCP 47");
        // The model's pattern for StreamName: ^[\w\s]*$
        let named = audio.stream_name.as_deref().is_none_or(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' '))
        });
        rule(
            found,
            named,
            "names of sound tracks have letters, digits and spaces only",
        );
    }
}

/// API reference, AacSettings.Bitrate: the set of valid values.
const AAC_BITRATES: [u32; 32] = [
    6000, 8000, 10000, 12000, 14000, 16000, 20000, 24000, 28000, 32000, 40000, 48000, 56000, 64000, 80000, 96000,
    112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 288_000, 320_000, 384_000, 448_000, 512_000, 576_000,
    640_000, 768_000, 896_000, 1_024_000,
];

fn is_capture(output: &Output) -> bool {
    output
        .video_description
        .as_ref()
        .is_some_and(|video| video.codec_settings.codec == VideoCodec::FrameCapture)
}

/// The model's pattern for CustomLanguageCode: `^[A-Za-z]{2,3}(-[A-Za-z0-9-]+)?$`
fn is_language_code(code: &str) -> bool {
    let (language, rest) = code.split_once('-').unwrap_or((code, "x"));
    let letters = matches!(language.len(), 2 | 3) && language.bytes().all(|byte| byte.is_ascii_alphabetic());

    letters && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn check(found: &mut Vec<String>, bound: &Bound, value: u64) {
    if value < bound.min || value > bound.max {
        found.push(format!(
            "{} is {value}, outside {}..={}",
            bound.field, bound.min, bound.max
        ));
    }
}

fn rule(found: &mut Vec<String>, holds: bool, rule: &str) {
    if !holds {
        found.push(format!("broken rule: {rule}"));
    }
}
