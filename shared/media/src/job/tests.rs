use proptest::prelude::*;

use super::limits::violations;
use super::tier::{Tier, tier};
use super::*;
use crate::ladder::LadderPolicy;
use crate::ladder::tests::{sound, source};
use crate::plan::Plan;
use crate::rational::Rational;
use crate::source::{AudioFacts, Converted, DynamicRange, Rotation, ScanType, SoundFacts, SourceFacts};

fn job(source: &SourceFacts) -> JobSettings {
    let locations = Locations {
        upload: "s3://uploads/uploads/0198/source".into(),
        made: "s3://uploads/uploads/0198/cover.png".into(),
        output_prefix: "s3://media/media/0199/1/".into(),
    };
    job_settings(&Plan::new(source, LadderPolicy::default()), &locations)
}

#[test]
fn the_job_serializes_to_the_json_of_the_api() {
    let mut film = source(640, 360);
    film.audio[0].language = Some("en".into());
    let json = serde_json::to_value(job(&film)).unwrap();
    let expected: serde_json::Value = serde_json::from_str(include_str!("../../fixtures/job-640x360.json")).unwrap();
    assert_eq!(json, expected, "{}", serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn the_source_decides_rotation_and_preprocessing() {
    let mut film = source(1920, 1080);
    let plain = job(&film);
    assert_eq!(plain.inputs[0].video_selector.rotate, InputRotate::None);
    let video = |job: &JobSettings| job.output_groups[0].outputs[0].video_description.clone().unwrap();
    assert_eq!(video(&plain).video_preprocessors, None);

    film.video.rotation = Rotation::ThreeQuarters;
    film.video.scan_type = ScanType::Interlaced;
    film.video.dynamic_range = DynamicRange::Hlg;
    let rotated = job(&film);
    assert_eq!(rotated.inputs[0].video_selector.rotate, InputRotate::ThreeQuarters);
    assert_eq!((video(&rotated).width, video(&rotated).height), (1080, 1920));
    let preprocessors = video(&rotated).video_preprocessors.unwrap();
    assert!(preprocessors.deinterlacer.is_some() && preprocessors.color_corrector.is_some());
}

#[test]
fn the_job_of_a_silent_film_has_no_audio() {
    let mut film = source(640, 360);
    film.audio.clear();
    let json = serde_json::to_string(&job(&film)).unwrap();
    assert!(!json.contains("udio"), "{json}");
}

#[test]
fn left_and_right_of_two_tracks_are_one_sound() {
    let mut film = source(640, 360);
    film.audio[0].right = Some(2);

    let job = job(&film);

    assert_eq!(job.inputs[0].audio_selectors["Audio Selector 1"].tracks, [1, 2]);
}

#[test]
fn a_cover_is_shown_as_long_as_the_sound() {
    let mut sound = source(640, 360);
    sound.audio[0].track = 2;
    let sound = SoundFacts {
        container: "mp3".into(),
        size_bytes: 4_000_000,
        duration_ms: 215_437,
        audio: sound.audio,
        notes: Vec::new(),
    };
    let job = job(&sound.with_cover((600, 598)));
    let input = serde_json::to_value(&job.inputs[0]).unwrap();
    assert_eq!(
        input,
        serde_json::json!({
            "videoGenerator": {
                "duration": 215_437, "framerateNumerator": 25, "framerateDenominator": 1, "width": 600, "height": 598,
                "imageInput": "s3://uploads/uploads/0198/cover.png",
            },
            "timecodeSource": "ZEROBASED",
            "videoSelector": { "rotate": "DEGREE_0" },
            "audioSelectors": { "Audio Selector 1": {
                "defaultSelection": "DEFAULT", "selectorType": "TRACK", "tracks": [2],
                "externalAudioFileInput": "s3://uploads/uploads/0198/source",
            } },
        })
    );
    assert_eq!(violations(&job), Vec::<String>::new());
    assert_eq!(tier(&job), Tier::Basic);
    let first = job.output_groups[0].outputs[0].video_description.as_ref().unwrap();
    assert_eq!((first.width, first.height), (600, 598));
}

#[test]
fn a_converted_film_is_the_input_instead_of_the_source() {
    let mut film = source(640, 360);
    film.made = Converted::Film;
    let job = job(&film);
    assert_eq!(
        job.inputs[0].file_input.as_deref(),
        Some("s3://uploads/uploads/0198/cover.png")
    );
    assert!(job.inputs[0].video_generator.is_none());
}

#[test]
fn stills_are_spread_over_the_film() {
    let mut film = source(1920, 1080);
    film.duration_ms = 600_000;
    let stills = |job: JobSettings| job.output_groups[1].outputs[0].video_description.clone().unwrap();
    let capture = stills(job(&film)).codec_settings.frame_capture_settings.unwrap();
    assert_eq!(
        (
            capture.framerate_numerator,
            capture.framerate_denominator,
            capture.max_captures
        ),
        (1, 120, 5)
    );
    assert_eq!(stills(job(&film)).width, 1280);
    film.duration_ms = 40;
    assert_eq!(
        stills(job(&film))
            .codec_settings
            .frame_capture_settings
            .unwrap()
            .framerate_denominator,
        1
    );
}

#[test]
fn the_shortest_rendition_of_the_picture_is_the_length_of_a_job() {
    let output = |duration_ms, size| OutputReport { duration_ms, size };
    let group = |kind: Option<&str>, outputs: &[OutputReport]| GroupReport {
        kind: kind.map(str::to_owned),
        outputs: outputs.to_vec(),
    };
    let films = [
        output(20_000, Some((640, 360))),
        output(12_000, Some((416, 234))),
        output(9_000, None),
    ];
    let stills = [output(1_000, Some((640, 360)))];

    let groups = [group(Some("FILE_GROUP"), &stills), group(Some("CMAF_GROUP"), &films)];
    assert_eq!(picture_duration_ms(&groups), Some(12_000));
    let untyped = [group(None, &films), group(None, &stills)];
    assert_eq!(picture_duration_ms(&untyped), Some(12_000));
    assert_eq!(picture_duration_ms(&[]), None);
}

#[test]
fn the_violations_of_a_job_are_found() {
    let mut bad = job(&source(640, 360));
    let video = bad.output_groups[0].outputs[0].video_description.as_mut().unwrap();
    video.width = 8194;
    video.height = 361;
    bad.output_groups[0].outputs[1].name_modifier = Some("_640x360".into());
    let found = violations(&bad);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn a_second_pass_is_of_the_professional_tier() {
    let mut job = job(&source(640, 360));
    assert_eq!(tier(&job), Tier::Basic);
    let video = job.output_groups[0].outputs[0].video_description.as_mut().unwrap();
    video
        .codec_settings
        .h264_settings
        .as_mut()
        .unwrap()
        .quality_tuning_level = QualityTuningLevel::MultiPassHq;
    assert_eq!(tier(&job), Tier::Professional);
}

proptest! {
    #[test]
    fn every_job_is_within_the_limits_and_basic(
        width in 32u32..8193, height in 32u32..4321, turn in 0i64..4, interlaced: bool, hdr: bool,
        num in 1u32..100_000, den in 1u32..4000, duration in 1u64..200_000_000, channels in 0u32..9,
        languages in proptest::collection::vec(proptest::option::of("[A-Z]{3}"), 0..12),
        title in proptest::option::of(".{0,60}"),
    ) {
        let mut film = source(width, height);
        film.duration_ms = duration;
        film.video.rotation = Rotation::from_degrees(turn * 90);
        film.video.frame_rate = Rational::new(num, den);
        film.video.scan_type = if interlaced { ScanType::Interlaced } else { ScanType::Progressive };
        film.video.dynamic_range = if hdr { DynamicRange::Pq } else { DynamicRange::Standard };
        film.audio = (1..).zip(languages)
            .map(|(track, language)| AudioFacts { language, title: title.clone(), channels, ..sound(track) })
            .collect();
        let job = job(&film);
        prop_assert_eq!(violations(&job), Vec::<String>::new());
        prop_assert_eq!(tier(&job), Tier::Basic);
        let json = serde_json::to_string(&job).unwrap();
        prop_assert_eq!(serde_json::from_str::<JobSettings>(&json).unwrap(), job);
    }
}
