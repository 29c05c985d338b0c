//! Tests of whole plans.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{job::JobError, probe::Facts, settings::JobSettings};
use super::{
    output_format::OutputFormat,
    plan::{Plan, plan},
};

fn facts(sound: bool) -> Facts {
    let mut streams = vec![json!({
        "index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080, "pix_fmt": "yuv420p",
        "r_frame_rate": "24/1", "avg_frame_rate": "24/1", "duration": "60.0", "nb_frames": "1440",
    })];
    if sound {
        streams.push(json!({
            "index": 1, "codec_type": "audio", "codec_name": "aac", "duration": "59.5", "tags": { "language": "eng" },
        }));
    }
    let format = json!({ "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "60.0", "start_time": "0.0" });
    serde_json::from_value(json!({ "format": format, "streams": streams })).unwrap()
}

fn picture(name: usize, height: u32) -> Value {
    json!({ "nameModifier": format!("_{name}"), "containerSettings": { "container": "CMFC" },
        "videoDescription": { "height": height, "codecSettings": { "codec": "H_264", "h264Settings": {
            "rateControlMode": "QVBR", "maxBitrate": 1_000_000 } } } })
}

fn sound() -> Value {
    json!({ "nameModifier": "_s", "containerSettings": { "container": "CMFC" }, "audioDescriptions": [{
        "codecSettings": { "codec": "AAC", "aacSettings": {
            "bitrate": 128_000, "sampleRate": 48_000, "codingMode": "CODING_MODE_2_0" } } }] })
}

fn planned(outputs: &[Value], facts: &Facts, selector: &Value) -> Result<Plan, JobError> {
    let cmaf = json!({ "destination": "s3://b/master", "segmentLength": 6 });
    let settings: JobSettings = serde_json::from_value(json!({
        "inputs": [{ "fileInput": "s3://b/k", "videoSelector": selector }],
        "outputGroups": [{
            "outputGroupSettings": { "type": "CMAF_GROUP_SETTINGS", "cmafGroupSettings": cmaf }, "outputs": outputs,
        }],
    }))
    .unwrap();
    plan(&settings, facts, "input")
}

/// The arguments up to each output file, the input's first.
fn parts(plan: &Plan) -> Vec<String> {
    let ends = |argument: &String| argument == "input" || argument.starts_with("out/");
    plan.arguments
        .split_inclusive(ends)
        .map(|part| part.join(" "))
        .collect()
}

#[test]
fn a_ladder_is_one_command_that_decodes_once() {
    let plan = planned(&[picture(0, 720), picture(1, 360), sound()], &facts(true), &json!({})).unwrap();
    let parts = parts(&plan);
    assert_eq!(plan.arguments.iter().filter(|argument| *argument == "-i").count(), 1);
    assert!(
        parts[0].contains("-protocol_whitelist file -format_whitelist mov,"),
        "{}",
        parts[0]
    );
    assert!(
        parts[0].ends_with("-max_pixels:v 36000000 -noautorotate -display_rotation:0 0 -reinit_filter 0 -i input"),
        "{}",
        parts[0]
    );
    assert!(
        parts[1].starts_with(
            "-filter_complex [0:0]scale=1920:1080:force_original_aspect_ratio=decrease,\
             pad=1920:1080:(ow-iw)/2:(oh-ih)/2:eval=frame,fps=24/1:start_time=0,split=2[t0b0][t0b1];\
             [t0b0]scale=1280:720:flags=bicubic,setsar=1/1[v0];[t0b1]scale=640:360:flags=bicubic,setsar=1/1[v1] \
             -map [v0] -c:v libx264"
        ),
        "{}",
        parts[1]
    );
    assert!(
        parts[1].ends_with("-movflags +cmaf+delay_moov+skip_trailer+frag_keyframe out/0-0.mp4"),
        "{}",
        parts[1]
    );
    assert!(
        parts[3].starts_with(
            "-map 0:1 -filter:a:0 aresample=async=1:min_hard_comp=0.05:first_pts=0,apad=whole_dur=60.000 -c:a:0 aac"
        ),
        "{}",
        parts[3]
    );
    assert!(parts[3].contains("-metadata:s:a:0 language=eng"), "{}", parts[3]);
    assert_eq!(
        plan.outputs.iter().map(|output| output.format).collect::<Vec<_>>(),
        [OutputFormat::FragmentedMp4; 3]
    );
}

#[test]
fn audio_alone_decodes_no_picture() {
    let plan = planned(&[sound()], &facts(true), &json!({})).unwrap();
    assert!(
        !plan
            .arguments
            .iter()
            .any(|argument| argument == "-filter_complex" || argument == "-noautorotate")
    );
}

#[test]
fn black_follows_a_picture_that_ends_before_the_sound() {
    let mut facts = facts(true);
    facts.streams[1].duration = Some("62.0".to_owned());
    let padded = planned(&[picture(0, 720), sound()], &facts, &json!({ "padVideo": "BLACK" })).unwrap();
    assert!(
        padded
            .arguments
            .iter()
            .any(|argument| argument.contains("tpad=stop_mode=add:stop_duration=2.000:color=black"))
    );
    assert!(
        !padded.arguments.iter().any(|argument| argument.contains("trim=")),
        "a measured length cuts nothing"
    );
    assert!((padded.seconds - 62.0).abs() < 0.001);
    let plain = planned(&[picture(0, 720), sound()], &facts, &json!({})).unwrap();
    assert!((plain.outputs[0].seconds - 60.0).abs() < 0.001);
}

#[test]
fn outputs_end_with_the_clip() {
    let cmaf = json!({ "destination": "s3://b/master", "segmentLength": 6 });
    let mut facts = facts(true);
    facts.streams[1].duration = Some("62.0".to_owned());
    let clipped = |end: &str| {
        let settings: JobSettings = serde_json::from_value(json!({
            "inputs": [{ "fileInput": "s3://b/k", "inputClippings": [{ "endTimecode": end }],
                "videoSelector": { "padVideo": "BLACK" } }],
            "outputGroups": [{
                "outputGroupSettings": { "type": "CMAF_GROUP_SETTINGS", "cmafGroupSettings": cmaf },
                "outputs": [picture(0, 720), sound()],
            }],
        }))
        .unwrap();
        plan(&settings, &facts, "input").unwrap()
    };
    let short = clipped("00:00:04:23");
    assert!((short.seconds - 5.0).abs() < 1e-6, "{}", short.seconds);
    let line = short.arguments.join(" ");
    assert!(line.contains(",trim=end=5.000000"), "{line}");
    assert!(line.contains("atrim=end=5.000000,apad=whole_dur=5.000"), "{line}");
    assert!((clipped("00:10:00:00").seconds - 62.0).abs() < 1e-6);
}

#[test]
fn a_missing_or_undecodable_track_is_the_jobs_error() {
    let code = |outputs: &[Value], facts: &Facts| planned(outputs, facts, &json!({})).unwrap_err().code;
    assert_eq!(code(&[sound()], &facts(false)), 1040);
    let mut only_sound = facts(true);
    only_sound.streams.remove(0);
    assert_eq!(code(&[picture(0, 720)], &only_sound), 1020);
    let mut unknown = facts(true);
    unknown.streams[0].codec_name = "vvc".to_owned();
    assert_eq!(code(&[picture(0, 720)], &unknown), 1030);
    unknown.streams[1].codec_name = "dts".to_owned();
    assert_eq!(code(&[sound()], &unknown), 1030);
}

#[test]
fn a_track_that_no_output_takes_does_not_count() {
    let mut facts = facts(true);
    facts.streams.push(facts.streams[1].clone());
    facts.streams[2].index = 2;
    facts.streams[2].duration = Some("90.0".to_owned());
    let plan = planned(&[picture(0, 720), sound()], &facts, &json!({ "padVideo": "BLACK" })).unwrap();
    assert!((plan.seconds - 60.0).abs() < 0.001, "{}", plan.seconds);
}

proptest! {
    #[test]
    fn every_output_is_written_once_in_its_folder(heights in prop::collection::vec(16_u32..540, 1..8)) {
        let outputs: Vec<Value> =
            heights.iter().enumerate().map(|(index, height)| picture(index, height * 2)).collect();
        // An odd width is refused as on AWS.
        if let Ok(plan) = planned(&outputs, &facts(false), &json!({})) {
            for (index, output) in plan.outputs.iter().enumerate() {
                let label = format!("[v{index}]");
                let maps = plan.arguments.windows(2).filter(|pair| pair[0] == "-map" && pair[1] == label).count();
                let files = plan.arguments.iter().filter(|argument| **argument == output.file).count();
                prop_assert_eq!((maps, files), (1, 1));
                prop_assert!(output.file.starts_with("out/0-"));
            }
            let graph = plan.arguments.iter().find(|argument| argument.starts_with("[0:0]")).unwrap();
            prop_assert_eq!(graph.matches("fps=24/1").count(), 1);
        }
    }
}
