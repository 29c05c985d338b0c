use proptest::prelude::*;

use super::*;
use crate::source::{AudioFacts, Converted, DurationTrust, DynamicRange, Rotation, ScanType, SoundRole};

pub(crate) fn source(width: u32, height: u32) -> SourceFacts {
    SourceFacts {
        container: "mp4".into(),
        size_bytes: 10_000_000,
        duration_ms: 60_000,
        duration_max_ms: 60_000,
        duration_trust: DurationTrust::Declared,
        clock_ms: None,
        made: Converted::Nothing,
        video: VideoFacts {
            codec: "AVC".into(),
            width,
            height,
            rotation: Rotation::None,
            mirrored: false,
            pixel_aspect: Rational::ONE,
            frame_rate: Some(Rational::whole(24)),
            scan_type: ScanType::Progressive,
            dynamic_range: DynamicRange::Standard,
            bitrate: None,
        },
        audio: vec![sound(1)],
        notes: Vec::new(),
    }
}

/// A stereo track without a language.
pub(crate) fn sound(track: u32) -> AudioFacts {
    AudioFacts {
        track,
        right: None,
        codec: "AAC".into(),
        channels: 2,
        language: None,
        title: None,
        role: SoundRole::Main,
        flagged: false,
        duration_ms: None,
    }
}

fn names(source: &SourceFacts) -> Vec<String> {
    ladder(source, LadderPolicy::default())
        .rungs
        .iter()
        .map(Rung::name)
        .collect()
}

#[test]
fn usual_films_get_usual_rungs() {
    assert_eq!(
        names(&source(1920, 1080)),
        ["1920x1080", "1280x720", "960x540", "640x360", "416x234"]
    );
    assert_eq!(names(&source(1280, 720)), ["1280x720", "960x540", "640x360", "416x234"]);
    assert_eq!(
        names(&source(1920, 800)),
        ["1920x800", "1280x534", "960x400", "640x266", "416x174"]
    );
}

#[test]
fn the_policy_limits_the_largest_rung() {
    assert_eq!(names(&source(3840, 2160))[0], "1920x1080");
    let all = ladder(&source(3840, 2160), LadderPolicy { max_short_side: 2160 });
    assert_eq!(all.rungs[0].name(), "3840x2160");
    assert_eq!(all.rungs.len(), 7);
}

#[test]
fn portrait_and_rotated_films_have_upright_rungs() {
    assert_eq!(names(&source(720, 1080)), ["720x1080", "540x810", "360x540", "234x352"]);
    let mut rotated = source(3840, 2160);
    rotated.video.rotation = Rotation::Quarter;
    assert_eq!(
        names(&rotated),
        ["1080x1920", "720x1280", "540x960", "360x640", "234x416"]
    );
}

#[test]
fn square_and_odd_pictures_keep_their_shape() {
    assert_eq!(names(&source(642, 642)), ["642x642", "540x540", "360x360", "234x234"]);
    assert_eq!(names(&source(853, 479)), ["852x478", "640x360", "416x234"]);
    assert_eq!(names(&source(161, 121)), ["160x120"]);
    assert_eq!(names(&source(64, 64)), ["64x64"]);
    assert_eq!(names(&source(4000, 40)), ["4000x40"]);
}

#[test]
fn anamorphic_pixels_become_square() {
    let mut dv = source(720, 576);
    dv.video.pixel_aspect = Rational::new(64, 45).unwrap();
    assert_eq!(dv.video.display_size(), (1024, 576));
    assert_eq!(names(&dv)[0], "1024x576");
}

#[test]
fn bit_rates_depend_on_size_frame_rate_and_source() {
    let film = ladder(&source(1920, 1080), LadderPolicy::default());
    assert_eq!(
        film.rungs.iter().map(|r| r.max_bitrate).collect::<Vec<_>>(),
        [5_500_000, 3_000_000, 1_800_000, 900_000, 400_000]
    );
    assert_eq!(
        film.rungs.iter().map(|r| r.quality).collect::<Vec<_>>(),
        [8, 7, 7, 7, 6]
    );

    let mut sport = source(1920, 1080);
    sport.video.frame_rate = Some(Rational::whole(60));
    assert_eq!(ladder(&sport, LadderPolicy::default()).rungs[0].max_bitrate, 8_250_000);

    let mut thin = source(1920, 1080);
    thin.video.bitrate = Some(800_000);
    assert_eq!(ladder(&thin, LadderPolicy::default()).rungs[0].max_bitrate, 1_000_000);
    let rates = ladder(&thin, LadderPolicy::default())
        .rungs
        .iter()
        .map(|r| r.max_bitrate)
        .collect::<Vec<_>>();
    assert_eq!(
        rates,
        [1_000_000, 800_000, 640_000, 512_000, 400_000],
        "each rung has fewer bits than the one above"
    );
    thin.video.codec = "HEVC".into();
    assert_eq!(ladder(&thin, LadderPolicy::default()).rungs[0].max_bitrate, 1_600_000);
}

#[test]
fn every_sound_track_is_planned_in_order() {
    let mut film = source(640, 360);
    film.audio = vec![sound(2), sound(1)];
    film.audio[0].channels = 1;
    film.audio[1].channels = 6;
    let audio = ladder(&film, LadderPolicy::default()).audio;
    assert_eq!(
        audio.iter().map(|a| (a.track, a.channels)).collect::<Vec<_>>(),
        [(2, 1), (1, 2)]
    );
    film.audio.clear();
    assert!(ladder(&film, LadderPolicy::default()).audio.is_empty());
}

proptest! {
    #[test]
    fn ladders_never_exceed_the_source(
        width in 32u32..8193, height in 32u32..8193, turn in 0i64..4,
        num in 1u32..100_000, den in 1u32..4000, bitrate in proptest::option::of(1u64..100_000_000),
        sar in (1u32..20, 1u32..20), top in prop::sample::select(vec![234u32, 720, 1080, 2160]),
    ) {
        let mut film = source(width, height);
        film.video.rotation = Rotation::from_degrees(turn * 90);
        film.video.frame_rate = Rational::new(num, den);
        film.video.bitrate = bitrate;
        film.video.pixel_aspect = Rational::new(sar.0, sar.1).unwrap();
        let (display_width, display_height) = film.video.display_size();
        prop_assume!(display_width >= 32 && display_height >= 32);

        let rungs = ladder(&film, LadderPolicy { max_short_side: top }).rungs;
        prop_assert!(!rungs.is_empty());
        for rung in &rungs {
            prop_assert!(rung.width <= display_width && rung.height <= display_height, "{} of {display_width}x{display_height}", rung.name());
            prop_assert!(rung.width >= MIN_SIDE && rung.height >= MIN_SIDE);
            prop_assert!(rung.width % 2 == 0 && rung.height % 2 == 0);
            prop_assert!(rung.frame_rate <= Rational::whole(60) && rung.frame_rate >= Rational::ONE);
            prop_assert!((1..=10).contains(&rung.quality) && rung.max_bitrate >= 1000);
        }
        for pair in rungs.windows(2) {
            prop_assert!(pair[0].pixels() > pair[1].pixels());
            prop_assert!(pair[0].max_bitrate > pair[1].max_bitrate);
            prop_assert!(pair[0].frame_rate == pair[1].frame_rate);
        }
    }
}
