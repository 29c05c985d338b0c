use super::*;
use crate::file::{FileTrack, MediaLength};
use crate::probe::{AudioProperties, CodecMetadata, Container, Fraction, VideoProperties};
use crate::rational::Rational;
use crate::source::{DurationTrust, DynamicRange, Rotation, ScanType, SoundRole};

const LIMITS: Limits = Limits {
    max_size_bytes: 1_000_000_000,
    max_duration_ms: 3_600_000,
    max_pixels: 8192 * 4320,
};
const SIZE: u64 = 10_000_000;

fn fraction(numerator: i64, denominator: i64) -> Fraction {
    Fraction {
        numerator: Some(numerator),
        denominator: Some(denominator),
    }
}

fn video(width: i64, height: i64) -> Track {
    let stated = VideoProperties {
        width: Some(width),
        height: Some(height),
        frame_rate: Some(fraction(25, 1)),
        ..VideoProperties::default()
    };
    Track {
        track_type: Some("video".into()),
        codec: Some("AVC".into()),
        duration: Some(10.0),
        video_properties: Some(stated),
        audio_properties: None,
    }
}

fn audio(codec: &str) -> Track {
    let stated = AudioProperties {
        channels: Some(2),
        language_code: Some("eng".into()),
    };
    Track {
        track_type: Some("audio".into()),
        codec: Some(codec.into()),
        duration: Some(10.2),
        video_properties: None,
        audio_properties: Some(stated),
    }
}

fn probe(tracks: Vec<Track>) -> Probe {
    Probe {
        container: Some(Container {
            format: Some("mp4".into()),
            duration: Some(10.2),
            tracks,
        }),
    }
}

fn mp4() -> FileFacts {
    FileFacts {
        kind: FileKind::Container(ContainerKind::IsoBmff),
        ..FileFacts::default()
    }
}

/// Validates a source that must be a film.
fn film(size: u64, file: &FileFacts, probe: Option<&Probe>, limits: &Limits) -> Result<SourceFacts, Reason> {
    validate(size, file, probe, limits).map(|source| match source {
        Source::Film(facts) => facts,
        Source::Sound(facts) => panic!("not a film: {facts:?}"),
    })
}

/// Validates a source that must be sound.
#[track_caller]
fn sound(tracks: Vec<Track>) -> SoundFacts {
    match validate(SIZE, &FileFacts::default(), Some(&probe(tracks)), &LIMITS) {
        Ok(Source::Sound(facts)) => facts,
        other => panic!("not sound: {other:?}"),
    }
}

fn with(tracks: Vec<Track>) -> Result<SourceFacts, Reason> {
    film(SIZE, &FileFacts::default(), Some(&probe(tracks)), &LIMITS)
}

#[track_caller]
fn refused(outcome: Result<SourceFacts, Reason>, error: IngestError, words: &str) {
    let reason = outcome.unwrap_err();
    assert_eq!(reason.error, error, "{}", reason.sentence);
    assert!(reason.sentence.contains(words), "{}", reason.sentence);
    assert!(reason.sentence.ends_with('.'), "{}", reason.sentence);
}

#[test]
fn the_facts_of_an_ordinary_film_are_found() {
    let facts = with(vec![video(1280, 720), audio("AAC")]).unwrap();
    assert_eq!(facts.duration_ms, 10_200, "sound is longer than the picture");
    assert_eq!(facts.duration_max_ms, 10_200);
    assert_eq!(facts.duration_trust, DurationTrust::Declared);
    assert_eq!((facts.video.width, facts.video.height), (1280, 720));
    assert_eq!(facts.video.frame_rate, Some(Rational::whole(25)));
    assert_eq!(facts.audio[0].language.as_deref(), Some("en"));
    assert!(with(vec![video(1280, 720)]).unwrap().audio.is_empty());
}

#[test]
fn the_facts_of_the_bytes_are_checked_without_a_probe() {
    let outcome = |size, file: FileFacts| film(size, &file, None, &LIMITS);
    let kind = |kind| FileFacts {
        kind,
        ..FileFacts::default()
    };
    refused(outcome(0, mp4()), IngestError::EmptyFile, "empty");
    refused(
        outcome(2_500_000_000, mp4()),
        IngestError::TooLarge,
        "has 2.5 GB, and the limit is 1 GB",
    );
    refused(
        outcome(
            SIZE,
            FileFacts {
                encryption: Some("x".into()),
                ..mp4()
            },
        ),
        IngestError::Encrypted,
        "encrypted (x)",
    );
    refused(
        outcome(SIZE, kind(FileKind::Playlist)),
        IngestError::NotAVideo,
        "points to other files",
    );
    refused(
        outcome(SIZE, kind(FileKind::Image)),
        IngestError::NoVideoStream,
        "picture",
    );
    refused(
        outcome(SIZE, kind(FileKind::Other("a text file"))),
        IngestError::NotAVideo,
        "a text",
    );
    refused(
        outcome(SIZE, kind(FileKind::StreamSegment)),
        IngestError::UnsupportedFormat,
        "one piece of a stream",
    );
    refused(
        outcome(
            SIZE,
            FileFacts {
                missing_bytes: 410_000,
                ..mp4()
            },
        ),
        IngestError::UnsupportedFormat,
        "410,000 bytes",
    );
    let text = FileTrack {
        kind: TrackKind::Captions,
        ..FileTrack::default()
    };
    let subtitles = FileFacts {
        complete: true,
        tracks: vec![text],
        ..mp4()
    };
    refused(
        outcome(SIZE, subtitles),
        IngestError::NoVideoStream,
        "neither video nor sound",
    );
}

#[test]
fn a_file_without_a_probe_is_damaged_or_not_a_video() {
    refused(
        film(SIZE, &mp4(), None, &LIMITS),
        IngestError::UnsupportedFormat,
        "index is missing",
    );
    refused(
        film(SIZE, &FileFacts::default(), None, &LIMITS),
        IngestError::NotAVideo,
        "cannot be read",
    );
    refused(
        film(SIZE, &mp4(), Some(&Probe::default()), &LIMITS),
        IngestError::UnsupportedFormat,
        "damaged",
    );
}

#[test]
fn sound_may_have_a_cover() {
    let mut cover = video(600, 600);
    cover.codec = Some("MJPEG".into());
    cover.video_properties.as_mut().unwrap().frame_rate = Some(fraction(90_000, 1));
    let song = sound(vec![cover.clone(), audio("AAC")]);
    assert_eq!((song.duration_ms, song.audio.len()), (10_200, 1));
    assert_eq!(sound(vec![audio("AAC")]), song);
    refused(with(vec![]), IngestError::NoVideoStream, "neither");
    cover.video_properties.as_mut().unwrap().frame_rate = Some(fraction(10, 1));
    assert_eq!(with(vec![cover.clone(), audio("PCM")]).unwrap().video.codec, "MJPEG");
    cover.duration = Some(0.1);
    assert_eq!(sound(vec![cover.clone(), audio("PCM")]).audio[0].codec, "PCM");
    assert!(
        with(vec![cover]).is_ok(),
        "without sound, a single frame is a short film"
    );

    let film = song.with_cover((1280, 720));
    assert_eq!(
        (film.duration_max_ms, film.duration_trust),
        (10_200, DurationTrust::Declared)
    );
    assert_eq!((film.made, film.video.display_size()), (Converted::Cover, (1280, 720)));
}

#[test]
fn tracks_that_cannot_be_decoded_are_refused_or_left_out() {
    let mut unknown = video(1280, 720);
    unknown.codec = Some("UNKNOWN".into());
    let track = FileTrack {
        kind: TrackKind::Video,
        codec: "vvc1".into(),
        ..FileTrack::default()
    };
    let file = FileFacts {
        tracks: vec![track],
        ..mp4()
    };
    let outcome = film(SIZE, &file, Some(&probe(vec![unknown.clone()])), &LIMITS);
    refused(outcome, IngestError::UnsupportedFormat, "(`vvc1`)");

    unknown.video_properties.as_mut().unwrap().frame_rate = None;
    refused(
        with(vec![unknown.clone(), audio("AAC")]),
        IngestError::UnsupportedFormat,
        "picture is coded",
    );
    refused(
        with(vec![video(1280, 720), audio("UNKNOWN")]),
        IngestError::UnsupportedFormat,
        "sound is coded",
    );
    let facts = with(vec![video(1280, 720), audio("UNKNOWN"), audio("AAC")]).unwrap();
    assert_eq!(facts.audio.len(), 1);
    assert_eq!(facts.audio[0].track, 2, "numbered as in the file");
    let facts = with(vec![unknown, video(1280, 720)]).unwrap();
    assert_eq!(facts.video.codec, "AVC");
}

#[test]
fn pictures_have_limits() {
    refused(
        with(vec![video(16_000, 9_000)]),
        IngestError::TooManyPixels,
        "144,000,000 pixels, and the limit is 35,389,440",
    );
    refused(
        with(vec![video(2, 2)]),
        IngestError::UnsupportedFormat,
        "2x2, and both sides must be between 32 and 8,192",
    );
    refused(with(vec![video(9000, 40)]), IngestError::UnsupportedFormat, "9000x40");
    refused(with(vec![video(0, 0)]), IngestError::UnsupportedFormat, "how large");
    let mut implausible = video(720, 576);
    implausible.video_properties.as_mut().unwrap().sample_aspect_ratio = Some(fraction(1, 255));
    assert_eq!(with(vec![implausible]).unwrap().video.pixel_aspect, Rational::ONE);
}

#[test]
fn lengths_have_limits() {
    let lasting = |seconds: f64| {
        let mut probe = probe(vec![video(1280, 720)]);
        let container = probe.container.as_mut().unwrap();
        container.duration = Some(seconds);
        container.tracks[0].duration = Some(seconds);
        film(SIZE, &FileFacts::default(), Some(&probe), &LIMITS)
    };
    refused(
        lasting(7500.0),
        IngestError::TooLong,
        "lasts 2 h 05 min, and the limit is 1 h 00 min",
    );
    refused(lasting(0.04), IngestError::TooShort, "lasts 40 milliseconds");
    assert_eq!(lasting(0.1).unwrap().duration_ms, 100);
}

#[test]
fn implausible_lengths_are_ignored() {
    let mut implausible = probe(vec![video(1280, 720)]);
    let container = implausible.container.as_mut().unwrap();
    container.duration = Some(143_165.6);
    container.tracks[0].duration = Some(143_165.6);
    let facts = film(106_093, &mp4(), Some(&implausible), &LIMITS).unwrap();
    assert_eq!(
        (facts.duration_ms, facts.duration_trust),
        (1697, DurationTrust::Estimated)
    );

    let file = FileFacts {
        fragmented: true,
        ..mp4()
    };
    let facts = film(SIZE, &file, Some(&probe(vec![video(1280, 720)])), &LIMITS).unwrap();
    assert_eq!(
        (facts.duration_ms, facts.duration_trust),
        (10_000, DurationTrust::Estimated)
    );

    let mut subtitled = probe(vec![video(1280, 720)]);
    let container = subtitled.container.as_mut().unwrap();
    container.format = Some("matroska".into());
    container.duration = Some(10.0);
    let declared = film(SIZE, &FileFacts::default(), Some(&subtitled), &LIMITS).unwrap();
    assert_eq!(declared.duration_trust, DurationTrust::Declared);
    let data = Track {
        track_type: Some("data".into()),
        ..Track::default()
    };
    subtitled.container.as_mut().unwrap().tracks.push(data);
    let estimated = film(SIZE, &FileFacts::default(), Some(&subtitled), &LIMITS).unwrap();
    assert_eq!(
        estimated.duration_trust,
        DurationTrust::Estimated,
        "its length may be that of the subtitles"
    );

    let mut stream = probe(vec![video(1280, 720)]);
    stream.container.as_mut().unwrap().format = Some("mpegts".into());
    let facts = film(SIZE, &FileFacts::default(), Some(&stream), &LIMITS).unwrap();
    assert_eq!(facts.duration_trust, DurationTrust::Estimated);
}

#[test]
fn the_longest_length_is_the_maximum() {
    let held = |media: MediaLength| {
        let file = FileFacts { media, ..mp4() };
        film(SIZE, &file, Some(&probe(vec![video(1280, 720), audio("AAC")])), &LIMITS)
    };
    let tables = |picture_ms, sound_ms| MediaLength {
        picture_ms: Some(picture_ms),
        sounds_ms: vec![Some(sound_ms)],
        ..MediaLength::default()
    };
    // The header says ten seconds, and the sample tables hold twenty minutes.
    let too_short = held(tables(1_200_000, 10_200)).unwrap();
    assert_eq!((too_short.duration_ms, too_short.duration_max_ms), (10_200, 1_200_000));
    assert_eq!(held(tables(10_000, 500_000)).unwrap().duration_max_ms, 500_000);
    refused(
        held(tables(3_700_000, 10_200)),
        IngestError::TooLong,
        "lasts 1 h 01 min, and the limit is 1 h",
    );
    let cluster = MediaLength {
        whole_ms: Some(900_000),
        ..MediaLength::default()
    };
    assert_eq!(held(cluster).unwrap().duration_max_ms, 900_000);
}

#[test]
fn no_track_lasts_longer_than_its_container() {
    let mut stated = probe(vec![video(1280, 720)]);
    let container = stated.container.as_mut().unwrap();
    container.format = Some("webm".into());
    container.duration = Some(12.0);
    container.tracks[0].duration = Some(12.163);
    let facts = film(SIZE, &FileFacts::default(), Some(&stated), &LIMITS).unwrap();
    assert_eq!((facts.duration_ms, facts.duration_max_ms), (12_000, 12_000));
}

#[test]
fn the_length_of_a_stream_is_estimated_by_its_clock() {
    let mut stated = probe(vec![video(1280, 720)]);
    let container = stated.container.as_mut().unwrap();
    container.format = Some("mpegts".into());
    container.duration = Some(3.24);
    container.tracks[0].duration = Some(3.24);
    let file = FileFacts {
        media: MediaLength {
            clock_ms: Some(6_000),
            ..MediaLength::default()
        },
        ..FileFacts::default()
    };
    let facts = film(SIZE, &file, Some(&stated), &LIMITS).unwrap();
    assert_eq!(
        (facts.duration_trust, facts.clock_ms),
        (DurationTrust::Estimated, Some(6_000))
    );
    assert_eq!(facts.duration_max_ms, 6_000);
}

#[test]
fn a_film_with_few_missing_bytes_is_accepted() {
    let file = FileFacts {
        missing_bytes: 100_000,
        ..mp4()
    };
    assert!(film(SIZE, &file, Some(&probe(vec![video(1280, 720)])), &LIMITS).is_ok());
}

#[test]
fn rotation_and_colours_are_taken_from_the_most_reliable_source() {
    let mut track = video(1920, 1080);
    let stated = track.video_properties.as_mut().unwrap();
    stated.rotation = Some(90);
    stated.transfer_characteristics = Some("ITU_709".into());
    stated.codec_metadata = Some(CodecMetadata {
        transfer_characteristics: Some("SMPTE_2084".into()),
        scan_type: Some("Interlaced".into()),
        ..CodecMetadata::default()
    });
    let facts = with(vec![track.clone()]).unwrap();
    assert_eq!(facts.video.rotation, Rotation::Quarter);
    assert_eq!(facts.video.dynamic_range, DynamicRange::Pq);
    assert_eq!(facts.video.scan_type, ScanType::Interlaced);

    let own = FileTrack {
        kind: TrackKind::Video,
        codec: "avc1".into(),
        rotation: Rotation::ThreeQuarters,
        pixel_aspect: Rational::new(16, 9),
        ..FileTrack::default()
    };
    let file = FileFacts {
        tracks: vec![own],
        ..mp4()
    };
    let facts = film(SIZE, &file, Some(&probe(vec![track])), &LIMITS).unwrap();
    assert_eq!(
        facts.video.rotation,
        Rotation::ThreeQuarters,
        "the file's own matrix counts first"
    );
    assert_eq!(facts.video.pixel_aspect, Rational::new(16, 9).unwrap());
}

#[test]
fn the_json_of_mediaconvert_is_parsed() {
    let json = r#"{"container":{"bitRate":1,"duration":10.0,"format":"mp4","tracks":[{"codec":"AVC","duration":10.0,
        "index":1,"trackType":"video","videoProperties":{"bitDepth":8,"bitRate":900000,"width":640,"height":360,
        "frameRate":{"numerator":30000,"denominator":1001},"codecMetadata":{"scanType":"Progressive"}}}]},
        "metadata":{"fileSize":1},"trackMappings":[]}"#;
    let probe: Probe = serde_json::from_str(json).unwrap();
    let facts = film(SIZE, &FileFacts::default(), Some(&probe), &LIMITS).unwrap();
    assert_eq!(facts.video.frame_rate, Rational::new(30_000, 1001));
    assert_eq!(facts.video.bitrate, Some(900_000));
}

fn second_sound(seconds: f64) -> Vec<Track> {
    let mut longer = audio("AAC");
    longer.duration = Some(seconds);
    vec![video(1280, 720), audio("AAC"), longer]
}

#[test]
fn a_track_that_is_longer_than_the_film_is_left_out() {
    let facts = with(second_sound(30.0)).unwrap();
    assert_eq!((facts.duration_ms, facts.audio.len()), (10_200, 1));
    assert_eq!(
        facts.notes,
        ["Sound track 2 lasts 30.0 s, and the film 10.2 s. It is left out."]
    );

    let mut little_longer = probe(second_sound(11.0));
    little_longer.container.as_mut().unwrap().duration = Some(11.0);
    let facts = film(SIZE, &FileFacts::default(), Some(&little_longer), &LIMITS).unwrap();
    assert_eq!(
        (facts.duration_ms, facts.audio.len()),
        (11_000, 2),
        "offered, so it counts"
    );
    assert!(facts.notes.is_empty());
}

fn with_tracks(own: Vec<FileTrack>, tracks: Vec<Track>) -> SourceFacts {
    let file = FileFacts { tracks: own, ..mp4() };
    film(SIZE, &file, Some(&probe(tracks)), &LIMITS).unwrap()
}

fn own_sound() -> FileTrack {
    FileTrack {
        kind: TrackKind::Audio,
        ..FileTrack::default()
    }
}

#[test]
fn every_sound_track_is_offered_with_the_default_first() {
    let mut unknown = audio("AAC");
    unknown.audio_properties.as_mut().unwrap().language_code = Some("und".into());
    let facts = with(vec![video(1280, 720), unknown, audio("AAC")]).unwrap();
    let languages: Vec<_> = facts.audio.iter().map(|track| track.language.as_deref()).collect();
    assert_eq!(languages, [None, Some("en")]);

    let mut second = own_sound();
    second.flagged = true;
    second.title = Some("Director commentary".into());
    let facts = with_tracks(
        vec![own_sound(), second],
        vec![video(1280, 720), audio("AAC"), audio("AAC")],
    );
    let tracks: Vec<_> = facts.audio.iter().map(|track| (track.track, track.role)).collect();
    assert_eq!(tracks, [(2, SoundRole::Commentary), (1, SoundRole::Main)]);
    assert!(facts.notes.is_empty());

    let facts = with(
        std::iter::once(video(1280, 720))
            .chain((0..11).map(|_| audio("AAC")))
            .collect(),
    )
    .unwrap();
    assert_eq!((facts.audio.len(), facts.notes.len()), (8, 3));
}

#[test]
fn left_and_right_of_a_camera_become_stereo() {
    let mono = |codec: &str| {
        let mut track = audio(codec);
        track.audio_properties = Some(AudioProperties {
            channels: Some(1),
            language_code: None,
        });
        track
    };
    let facts = with(vec![video(1280, 720), mono("PCM"), mono("PCM")]).unwrap();
    let pair = &facts.audio[0];
    assert_eq!(
        (facts.audio.len(), pair.track, pair.right, pair.channels),
        (1, 1, Some(2), 2)
    );
    assert_eq!(facts.notes.len(), 1, "it is noted");

    let apart = with(vec![video(1280, 720), mono("AAC"), mono("AAC")]).unwrap();
    assert_eq!(apart.audio.len(), 2, "compressed tracks are not paired");
    let mut named = own_sound();
    named.title = Some("Commentary".into());
    let facts = with_tracks(
        vec![own_sound(), named],
        vec![video(1280, 720), mono("PCM"), mono("PCM")],
    );
    assert_eq!(facts.audio.len(), 2, "tracks with a title are not paired");
}

#[test]
fn everything_that_is_left_out_is_noted() {
    let captions = FileTrack {
        kind: TrackKind::Captions,
        ..FileTrack::default()
    };
    let mirrored = FileTrack {
        kind: TrackKind::Video,
        mirrored: true,
        ..FileTrack::default()
    };
    let facts = with_tracks(
        vec![mirrored, captions.clone(), captions],
        vec![video(1280, 720), audio("UNKNOWN"), audio("AAC")],
    );
    let words = ["left and right swapped", "Sound track 1", "2 caption tracks"];
    assert_eq!(facts.notes.len(), words.len(), "{:?}", facts.notes);
    for (note, words) in facts.notes.iter().zip(words) {
        assert!(note.contains(words), "{note}");
    }
}

#[test]
fn dolby_vision_without_a_compatible_base_layer_is_refused() {
    let outcome = |compatibility| {
        let track = FileTrack {
            kind: TrackKind::Video,
            dolby_vision: Some(crate::file::DolbyVision {
                profile: 5,
                compatibility,
            }),
            ..FileTrack::default()
        };
        let file = FileFacts {
            tracks: vec![track],
            ..mp4()
        };
        film(SIZE, &file, Some(&probe(vec![video(1280, 720)])), &LIMITS)
    };
    refused(outcome(0), IngestError::UnsupportedFormat, "Dolby Vision profile 5");
    assert!(outcome(1).is_ok(), "its base layer is HDR10");
}
