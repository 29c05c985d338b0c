use proptest::prelude::*;

use super::*;

/// Runs an inspection over bytes in memory; panics if it requests bytes outside the file or never ends.
pub(crate) fn inspect(bytes: &[u8]) -> FileFacts {
    let mut inspection = Inspection::new(bytes.len() as u64);
    for _ in 0..=MAX_READS {
        match inspection.next() {
            Progress::Done(facts) => return facts,
            Progress::Read { offset, len } => {
                let (from, to) = (usize::try_from(offset).unwrap(), usize::try_from(offset + len).unwrap());
                assert!(
                    len > 0 && to <= bytes.len(),
                    "requested {from}..{to} of {}",
                    bytes.len()
                );
                inspection.feed(offset, bytes[from..to].to_vec());
            }
        }
    }
    panic!("the inspection does not end");
}

pub(super) fn atom(name: &str, content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes(), name.as_bytes(), content].concat()
}

pub(super) fn full(name: &str, content: &[u8]) -> Vec<u8> {
    atom(name, &[&[0; 4], content].concat())
}

pub(super) fn mvhd(timescale: u32, duration: u32) -> Vec<u8> {
    full(
        "mvhd",
        &[&[0; 8][..], &timescale.to_be_bytes(), &duration.to_be_bytes(), &[0; 80]].concat(),
    )
}

pub(super) fn tkhd(matrix: [i32; 4]) -> Vec<u8> {
    let [a, b, c, d] = matrix.map(|term| (term * 0x1_0000).to_be_bytes());
    let rows = [a, b, [0; 4], c, d, [0; 4], [0; 4], [0; 4], 0x4000_0000i32.to_be_bytes()].concat();
    full("tkhd", &[&[0; 36][..], &rows, &[0; 8]].concat())
}

fn video_track(entry: &str, inner: &[u8], matrix: [i32; 4]) -> Vec<u8> {
    let sample = atom(entry, &[&[0; 78][..], inner].concat());
    let stsd = full("stsd", &[&1u32.to_be_bytes()[..], &sample].concat());
    let media = [
        full("mdhd", &[0; 20]),
        full("hdlr", &[&[0; 4][..], b"vide", &[0; 13]].concat()),
        atom(
            "minf",
            &[
                full("hdlr", &[b"dhlr", &b"alis"[..], &[0; 13]].concat()),
                atom("stbl", &stsd),
            ]
            .concat(),
        ),
    ]
    .concat();
    atom("trak", &[tkhd(matrix), atom("mdia", &media)].concat())
}

pub(super) const UPRIGHT: [i32; 4] = [1, 0, 0, 1];

pub(super) fn mp4(moov: &[Vec<u8>], media: usize) -> Vec<u8> {
    [
        atom("ftyp", b"isom\0\0\0\0isom"),
        atom("moov", &moov.concat()),
        atom("mdat", &vec![7; media]),
    ]
    .concat()
}

#[test]
fn the_facts_of_an_ordinary_film_are_read() {
    let facts = inspect(&mp4(&[mvhd(1000, 7800), video_track("avc1", &[], UPRIGHT)], 1000));
    assert_eq!(facts.kind, FileKind::Container(ContainerKind::IsoBmff));
    assert_eq!(
        (facts.encryption, facts.missing_bytes, facts.duration_ms),
        (None, 0, Some(7800))
    );
    assert_eq!(facts.tracks.len(), 1);
    assert_eq!(
        (facts.tracks[0].kind, facts.tracks[0].codec.as_str()),
        (TrackKind::Video, "avc1")
    );
    assert!(facts.complete && !facts.fragmented);
}

#[test]
fn the_index_may_be_at_the_end_of_a_large_file() {
    let index = atom("moov", &[mvhd(1000, 500), video_track("avc1", &[], UPRIGHT)].concat());
    let film = [atom("ftyp", b"isom\0\0\0\0"), atom("mdat", &vec![0; 3_000_000]), index].concat();
    let facts = inspect(&film);
    assert!(facts.complete);
    assert_eq!(facts.duration_ms, Some(500));
}

#[test]
fn rotations_are_read_from_the_matrix() {
    for (matrix, turn, mirrored) in [
        ([1, 0, 0, 1], Rotation::None, false),
        ([0, 1, -1, 0], Rotation::Quarter, false),
        ([-1, 0, 0, -1], Rotation::Half, false),
        ([0, -1, 1, 0], Rotation::ThreeQuarters, false),
        ([-1, 0, 0, 1], Rotation::None, true),
        ([0, 1, 1, 0], Rotation::Quarter, true),
        ([1, 0, 0, -1], Rotation::Half, true),
        ([0, -1, -1, 0], Rotation::ThreeQuarters, true),
    ] {
        let track = &inspect(&mp4(&[video_track("avc1", &[], matrix)], 10)).tracks[0];
        assert_eq!((track.rotation, track.mirrored), (turn, mirrored), "{matrix:?}");
    }
}

#[test]
fn the_matrix_of_the_movie_header_rotates_the_tracks() {
    let rows = [0i32, 1, 0, -1, 0, 0, 0, 0]
        .map(|term| (term * 0x1_0000).to_be_bytes())
        .concat();
    let mvhd = full(
        "mvhd",
        &[
            &[0; 8][..],
            &1000u32.to_be_bytes(),
            &7800u32.to_be_bytes(),
            &[0; 16],
            &rows,
            &[0; 40],
        ]
        .concat(),
    );
    let rotation = |matrix| inspect(&mp4(&[mvhd.clone(), video_track("avc1", &[], matrix)], 10)).tracks[0].rotation;
    assert_eq!(rotation(UPRIGHT), Rotation::Quarter);
    assert_eq!(rotation([0, 1, -1, 0]), Rotation::Half);
}

#[test]
fn a_dolby_vision_record_is_read() {
    let record = atom("dvcC", &[1, 0, 5 << 1, 0x0D, 0, 0, 0, 0]);
    let found = inspect(&mp4(&[video_track("hvc1", &record, UPRIGHT)], 10)).tracks[0].dolby_vision;
    assert_eq!(
        found,
        Some(DolbyVision {
            profile: 5,
            compatibility: 0
        })
    );
}

proptest! {
    /// The picture after the rotation (and the mirror, if reported) is the one that the matrix shows.
    #[test]
    fn every_right_angled_matrix_is_a_rotation_and_a_mirror(diagonal: bool, one in prop_oneof![Just(-1), Just(1)], two in prop_oneof![Just(-1), Just(1)]) {
        let matrix = if diagonal { [one, 0, 0, two] } else { [0, one, two, 0] };
        let (turn, mirrored) = Rotation::from_matrix(matrix.map(|term| term * 0x1_0000));
        let [a, b, c, d] = match turn {
            Rotation::None => [1, 0, 0, 1],
            Rotation::Quarter => [0, 1, -1, 0],
            Rotation::Half => [-1, 0, 0, -1],
            Rotation::ThreeQuarters => [0, -1, 1, 0],
        };
        let mirror = if mirrored { -1 } else { 1 };
        prop_assert_eq!(matrix, [a * mirror, b, c * mirror, d]);
    }
}

#[test]
fn pixel_aspect_is_read() {
    let pasp = atom("pasp", &[16u32.to_be_bytes(), 9u32.to_be_bytes()].concat());
    let facts = inspect(&mp4(&[video_track("avc1", &pasp, UPRIGHT)], 10));
    assert_eq!(facts.tracks[0].pixel_aspect, Rational::new(16, 9));
}

#[test]
fn encryption_is_found_in_every_box_that_declares_it() {
    let encrypted = |moov: &[Vec<u8>]| inspect(&mp4(moov, 10)).encryption.is_some();
    assert!(encrypted(&[video_track("encv", &[], UPRIGHT)]));
    assert!(encrypted(&[video_track("avc1", &atom("sinf", &[]), UPRIGHT)]));
    assert!(encrypted(&[video_track("avc1", &[], UPRIGHT), full("pssh", &[0; 20])]));
    let fragments = [
        mp4(&[video_track("avc1", &[], UPRIGHT), atom("mvex", &[])], 0),
        atom("moof", &full("pssh", &[0; 20])),
    ]
    .concat();
    assert!(inspect(&fragments).encryption.is_some());
}

#[test]
fn the_missing_bytes_of_a_truncated_film_are_counted() {
    let film = mp4(&[mvhd(1000, 7800), video_track("avc1", &[], UPRIGHT)], 100_000);
    assert_eq!(inspect(&film[..film.len() - 40_000]).missing_bytes, 40_000);
    assert!(!inspect(&film).index_only);
    let index = [
        atom("ftyp", b"isom\0\0\0\0"),
        atom("moov", &video_track("avc1", &[], UPRIGHT)),
    ]
    .concat();
    assert!(inspect(&index).index_only);
    let mut oversized = film.clone();
    let moov = film.windows(4).position(|name| name == b"moov").unwrap() - 4;
    oversized[moov..moov + 4].copy_from_slice(&0xFFFF_FFF0u32.to_be_bytes());
    let facts = inspect(&oversized);
    assert!(!facts.index_only);
    assert_eq!(
        (facts.missing_bytes, facts.tracks.len()),
        (0, 1),
        "an oversized index is not a truncated file"
    );
}

#[test]
fn the_facts_of_a_matroska_film_are_read() {
    let element = |id: &[u8], content: &[u8]| {
        let size = u32::try_from(content.len()).unwrap() | 0x1000_0000;
        [id, &size.to_be_bytes(), content].concat()
    };
    let encrypted = element(&[0x6D, 0x80], &element(&[0x62, 0x40], &element(&[0x50, 0x35], &[])));
    let track = |extra: &[u8]| {
        let entry = [element(&[0x83], &[1]), element(&[0x86], b"V_VP8"), extra.to_vec()].concat();
        element(&[0x16, 0x54, 0xAE, 0x6B], &element(&[0xAE], &entry))
    };
    let info = element(
        &[0x15, 0x49, 0xA9, 0x66],
        &element(&[0x44, 0x89], &7800f64.to_be_bytes()),
    );
    let film = |tracks: Vec<u8>| {
        let segment = [info.clone(), tracks, element(&[0x1F, 0x43, 0xB6, 0x75], &[0; 5000])].concat();
        [
            element(&[0x1A, 0x45, 0xDF, 0xA3], &[]),
            element(&[0x18, 0x53, 0x80, 0x67], &segment),
        ]
        .concat()
    };
    let clear = film(track(&[]));
    let facts = inspect(&clear);
    assert_eq!(facts.kind, FileKind::Container(ContainerKind::Matroska));
    assert_eq!(
        (facts.duration_ms, facts.missing_bytes, facts.encryption),
        (Some(7800), 0, None)
    );
    assert_eq!(
        (facts.tracks[0].kind, facts.tracks[0].codec.as_str()),
        (TrackKind::Video, "V_VP8")
    );
    assert!(facts.complete);
    assert_eq!(inspect(&clear[..clear.len() - 1000]).missing_bytes, 1000);
    assert!(inspect(&film(track(&encrypted))).encryption.is_some());
}

#[test]
fn scrambled_transport_streams_are_encrypted() {
    let stream = |flags: u8| {
        let mut packet = [0u8; 188];
        packet[..4].copy_from_slice(&[0x47, 0x01, 0x00, flags]);
        packet.repeat(20)
    };
    assert_eq!(inspect(&stream(0x10)).encryption, None);
    assert!(inspect(&stream(0x90)).encryption.is_some());
    let blu_ray: Vec<u8> = stream(0x10)
        .chunks(188)
        .flat_map(|packet| [&[0; 4], packet].concat())
        .collect();
    assert_eq!(
        inspect(&blu_ray).kind,
        FileKind::Container(ContainerKind::MpegTs { packet: 192 })
    );
}

#[test]
fn an_inspection_ends_at_the_limit_of_reads() {
    // A terabyte of boxes of one megabyte each.
    let header = [&1_000_000u32.to_be_bytes()[..], b"free"].concat();
    let mut inspection = Inspection::new(1_000_000_000_000);
    for _ in 0..MAX_READS {
        let Progress::Read { offset, len } = inspection.next() else {
            panic!("ended early")
        };
        let mut bytes = vec![0; usize::try_from(len).unwrap()];
        bytes[..8].copy_from_slice(&header);
        inspection.feed(offset, bytes);
    }
    let Progress::Done(facts) = inspection.next() else {
        panic!("does not end")
    };
    assert!(!facts.complete);
}

#[test]
fn the_kind_of_a_file_is_detected() {
    let kind = |bytes: &[u8]| inspect(bytes).kind;
    assert_eq!(kind(b"#EXTM3U\n#EXT-X-VERSION:3\n"), FileKind::Playlist);
    assert_eq!(kind(b"\xEF\xBB\xBF \n#EXTM3U"), FileKind::Playlist);
    assert_eq!(kind(b"ffconcat version 1.0\nfile x.mp4\n"), FileKind::Playlist);
    assert_eq!(kind(b"<?xml version=\"1.0\"?>\n<MPD xmlns=\"x\">"), FileKind::Playlist);
    assert_eq!(
        kind(b"import sys\nprint('caf\xC3\xA9')\n"),
        FileKind::Other("a text file")
    );
    assert_eq!(kind(b"PK\x03\x04\x14\0\0\0"), FileKind::Other("a ZIP archive"));
    assert_eq!(kind(b"\0\0\0\x20ftypavif\0\0\0\0"), FileKind::Image);
    let segment = [atom("styp", b"msdh\0\0\0\0"), atom("moof", &[]), atom("mdat", &[0; 9])].concat();
    assert_eq!(kind(&segment), FileKind::StreamSegment);
    let film = [atom("styp", b"msdh\0\0\0\0"), mp4(&[], 9)].concat();
    assert_eq!(kind(&film), FileKind::Container(ContainerKind::IsoBmff));
    assert_eq!(kind(b"RIFF\0\0\0\0AVI LIST"), FileKind::Container(ContainerKind::Other));
    assert_eq!(kind(&[0; 100]), FileKind::Unknown);
    assert_eq!(kind(b""), FileKind::Unknown);
}

/// An initialization segment with one sample entry.
fn init(entry: &str, content: &[u8]) -> Vec<u8> {
    let stsd = full("stsd", &[&1u32.to_be_bytes()[..], &atom(entry, content)].concat());
    let nested = ["stbl", "minf", "mdia", "trak", "moov"]
        .iter()
        .fold(stsd, |inner, name| atom(name, &inner));
    [atom("ftyp", b"cmfc\0\0\0\0"), nested].concat()
}

/// The initialization segment of an AVC rendition: High profile, level 3.1.
pub(crate) fn video_init(width: u16, height: u16) -> Vec<u8> {
    let mut fixed = [0; 78];
    fixed[24..26].copy_from_slice(&width.to_be_bytes());
    fixed[26..28].copy_from_slice(&height.to_be_bytes());
    let avcc = atom("avcC", &[1, 0x64, 0x00, 0x1F, 0xFF]);
    init("avc1", &[&fixed[..], &avcc].concat())
}

/// The initialization segment of an AAC-LC rendition.
pub(crate) fn audio_init() -> Vec<u8> {
    let info = [0x05, 2, 0x11, 0x90];
    let config = [&[0x04, 13 + 4, 0x40, 0x15][..], &[0; 11], &info].concat();
    let stream = [&[0x03, 0x80, 0x80, 0x80, 3 + 19, 0, 1, 0][..], &config].concat();
    init("mp4a", &[&[0; 28][..], &full("esds", &stream)].concat())
}

#[test]
fn the_codec_of_an_initialization_segment_is_read() {
    let video = init_facts(&video_init(1280, 720)).unwrap();
    assert_eq!((video.codec.as_str(), video.size), ("avc1.64001F", Some((1280, 720))));
    let audio = init_facts(&audio_init()).unwrap();
    assert_eq!((audio.codec.as_str(), audio.size), ("mp4a.40.2", None));
    assert_eq!(init_facts(b"not a segment"), None);
}

/// Bytes that are similar enough to media to reach deep into the parsers.
fn almost_media() -> impl Strategy<Value = Vec<u8>> {
    let film = mp4(
        &[mvhd(1000, 7800), video_track("encv", &atom("sinf", &[0; 9]), UPRIGHT)],
        64,
    );
    let names = [
        "moov", "trak", "mdia", "minf", "stbl", "stsd", "tkhd", "mvhd", "hdlr", "moof", "mdat", "free",
    ];
    let boxes = prop::collection::vec(
        (
            prop::sample::select(names.to_vec()),
            any::<u32>(),
            prop::collection::vec(any::<u8>(), 0..40),
        ),
        0..30,
    )
    .prop_map(|boxes| {
        let body: Vec<u8> = boxes
            .into_iter()
            .flat_map(|(name, size, content)| {
                let size = if size % 3 == 0 { size } else { size % 64 };
                [&size.to_be_bytes()[..], name.as_bytes(), &content].concat()
            })
            .collect();
        [atom("ftyp", b"isom\0\0\0\0"), body].concat()
    });
    let matroska =
        prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| [&[0x1A, 0x45, 0xDF, 0xA3][..], &bytes].concat());
    let damaged =
        (any::<prop::sample::Index>(), any::<u32>(), any::<prop::sample::Index>()).prop_map(move |(at, value, cut)| {
            let mut film = film.clone();
            let at = at.index(film.len() - 4);
            film[at..at + 4].copy_from_slice(&value.to_be_bytes());
            film.truncate(cut.index(film.len()) + 1);
            film
        });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..2000), boxes, matroska, damaged]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn arbitrary_bytes_neither_panic_nor_loop(bytes in almost_media()) {
        inspect(&bytes);
        let _ = init_facts(&bytes);
    }

    /// The inspection ends if reads are short or the stated size is wrong.
    #[test]
    fn short_reads_end(bytes in almost_media(), claimed in 0u64..1_000_000_000) {
        let mut inspection = Inspection::new(claimed);
        for _ in 0..=MAX_READS {
            let Progress::Read { offset, len } = inspection.next() else { return Ok(()) };
            prop_assert!(len > 0 && offset + len <= claimed);
            let available = bytes.iter().copied().skip(usize::try_from(offset).unwrap()).take(usize::try_from(len).unwrap());
            inspection.feed(offset, available.collect());
        }
        prop_assert!(matches!(inspection.next(), Progress::Done(_)));
    }
}
