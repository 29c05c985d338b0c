//! Files whose headers state another length than their media has.

use kernel::money::MicroDollars;
use proptest::prelude::*;
use serde_json::json;

use super::tests::{UPRIGHT, atom, full, inspect, mp4, mvhd, tkhd};
use crate::ladder::LadderPolicy;
use crate::plan::Plan;
use crate::probe::Probe;
use crate::quote::PriceTable;
use crate::validate::{Limits, Source, validate};

fn stts(entries: &[(u32, u32)]) -> Vec<u8> {
    let count = u32::try_from(entries.len()).unwrap();
    let entries = entries
        .iter()
        .flat_map(|(count, delta)| [count.to_be_bytes(), delta.to_be_bytes()]);
    full(
        "stts",
        &[vec![count.to_be_bytes()], entries.collect()].concat().concat(),
    )
}

/// A track whose header states a second.
fn track(kind: [u8; 4], timescale: u32, entries: &[(u32, u32)]) -> Vec<u8> {
    let mdhd = full(
        "mdhd",
        &[&[0; 8][..], &timescale.to_be_bytes(), &timescale.to_be_bytes(), &[0; 4]].concat(),
    );
    let hdlr = full("hdlr", &[&[0; 4][..], &kind, &[0; 13]].concat());
    let minf = atom("minf", &atom("stbl", &stts(entries)));
    let mut header = tkhd(UPRIGHT);
    header[20..24].copy_from_slice(&1u32.to_be_bytes());
    atom("trak", &[header, atom("mdia", &[mdhd, hdlr, minf].concat())].concat())
}

#[test]
fn a_wrong_header_does_not_hide_the_length_of_the_media() {
    let film = mp4(&[mvhd(1000, 1000), track(*b"vide", 600, &[(2400, 300)])], 1000);
    let facts = inspect(&film);
    assert_eq!(facts.duration_ms, Some(1000));
    assert_eq!(facts.media.picture_ms, Some(1_200_000));
}

#[test]
fn every_sound_track_is_measured_on_its_own() {
    let sound = |seconds: u32| track(*b"soun", 48_000, &[(47 * seconds, 1024)]);
    let tracks = [
        track(*b"vide", 25, &[(75, 1)]),
        sound(3),
        track(*b"text", 1000, &[(1, 90_000)]),
        sound(9),
    ];
    let media = inspect(&mp4(&tracks, 10)).media;
    assert_eq!(media.picture_ms, Some(3000));
    assert_eq!(media.sounds_ms, [Some(3008), Some(9024)]);
}

#[test]
fn an_oversized_table_is_ignored() {
    let mut table = stts(&[(10, 10)]);
    table[12..16].copy_from_slice(&u32::MAX.to_be_bytes());
    let media = inspect(&mp4(&[track(*b"vide", 25, &[(75, 1)])], 10)).media;
    assert_eq!(media.picture_ms, Some(3000));
    let oversized = atom(
        "moov",
        &atom("trak", &atom("mdia", &atom("minf", &atom("stbl", &table)))),
    );
    assert_eq!(
        inspect(&[atom("ftyp", b"isom\0\0\0\0"), oversized].concat())
            .media
            .picture_ms,
        None
    );
}

fn fragment(begin: u32, samples: &[u32]) -> Vec<u8> {
    let tfhd = atom("tfhd", &[0u32.to_be_bytes(), 1u32.to_be_bytes()].concat());
    let tfdt = full("tfdt", &begin.to_be_bytes());
    let count = u32::try_from(samples.len()).unwrap();
    let run: Vec<[u8; 4]> = samples.iter().map(|ticks| ticks.to_be_bytes()).collect();
    let trun = atom(
        "trun",
        &[vec![0x100u32.to_be_bytes(), count.to_be_bytes()], run]
            .concat()
            .concat(),
    );
    let moof = atom("moof", &atom("traf", &[tfhd, tfdt, trun].concat()));
    [moof, atom("mdat", &[1; 300])].concat()
}

#[test]
fn the_last_fragment_has_the_end_of_a_fragmented_film() {
    let index = [track(*b"vide", 1000, &[]), atom("mvex", &full("trex", &[0; 20]))];
    let mut film = mp4(&index, 0);
    for begin in 0..400 {
        film.extend(fragment(begin * 2000, &[500, 500, 1000]));
    }
    assert_eq!(inspect(&film).media.picture_ms, Some(800_000));
}

fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap() | 0x1000_0000;
    [id, &size.to_be_bytes(), content].concat()
}

fn cluster(begin: u16, blocks: &[(u8, i16)]) -> Vec<u8> {
    let blocks = blocks.iter().map(|(track, offset)| {
        element(
            &[0xA3],
            &[&[0x80 | track][..], &offset.to_be_bytes(), &[0x80, 1, 2, 3]].concat(),
        )
    });
    let content: Vec<u8> = std::iter::once(element(&[0xE7], &begin.to_be_bytes()))
        .chain(blocks)
        .flatten()
        .collect();
    element(&[0x1F, 0x43, 0xB6, 0x75], &content)
}

fn matroska(clusters: &[Vec<u8>]) -> Vec<u8> {
    let entry = |number: u8, kind: u8| {
        element(
            &[0xAE],
            &[element(&[0xD7], &[number]), element(&[0x83], &[kind])].concat(),
        )
    };
    let tracks = element(
        &[0x16, 0x54, 0xAE, 0x6B],
        &[entry(1, 1), entry(2, 2), entry(3, 17)].concat(),
    );
    let info = element(
        &[0x15, 0x49, 0xA9, 0x66],
        &element(&[0x44, 0x89], &1000f64.to_be_bytes()),
    );
    let segment = [info, tracks, clusters.concat()].concat();
    [
        element(&[0x1A, 0x45, 0xDF, 0xA3], &[]),
        element(&[0x18, 0x53, 0x80, 0x67], &segment),
    ]
    .concat()
}

#[test]
fn the_last_cluster_has_the_end_of_a_matroska_film() {
    let filler = element(&[0xEC], &vec![0; 200_000]);
    let clusters = [
        cluster(0, &[(1, 0)]),
        filler,
        cluster(50_000, &[(1, 40), (2, 900), (1, -3), (3, 9000)]),
    ];
    let facts = inspect(&matroska(&clusters));
    assert_eq!(facts.duration_ms, Some(1000));
    assert_eq!(
        facts.media.whole_ms,
        Some(50_900),
        "subtitles do not make a film longer"
    );
    assert!(facts.complete);
}

/// A transport stream of packets with a clock.
fn stream(clocks: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let packet = |clock: u64| {
        let mut packet = [0xFFu8; 188];
        packet[..6].copy_from_slice(&[0x47, 0x01, 0x00, 0x30, 7, 0x10]);
        packet[6..10].copy_from_slice(&u32::try_from(clock >> 1).unwrap().to_be_bytes());
        packet[10] = u8::try_from(clock & 1).unwrap() << 7;
        packet
    };
    clocks.into_iter().flat_map(packet).collect()
}

#[test]
fn the_parts_of_a_restarted_clock_are_added_up() {
    let half = || (0..=30).map(|tenth| 126_000 + tenth * 9000);
    assert_eq!(inspect(&stream(half())).media.clock_ms, Some(3000));
    assert_eq!(inspect(&stream(half().chain(half()))).media.clock_ms, Some(6000));
    // The length of a large file is estimated from windows.
    let long = inspect(&stream((0..60).flat_map(|_| (0..1000).map(|tick| tick * 900))))
        .media
        .clock_ms
        .unwrap();
    assert!(long.abs_diff(600_000) < 12_000, "{long}");
}

#[test]
fn a_program_stream_is_measured_by_its_packs() {
    let pack = |clock: u64| {
        let clock = (1 << 38)
            | (((clock >> 30) & 7) << 35)
            | (1 << 34)
            | (((clock >> 15) & 0x7FFF) << 19)
            | (1 << 18)
            | ((clock & 0x7FFF) << 3)
            | 4;
        [&[0, 0, 1, 0xBA][..], &clock.to_be_bytes()[3..], &[0; 100]].concat()
    };
    let half = || (0..=30).flat_map(|tenth| pack((1 << 32) + tenth * 9000));
    assert_eq!(
        inspect(&half().chain(half()).collect::<Vec<u8>>()).media.clock_ms,
        Some(6000)
    );
}

#[test]
fn the_parts_of_a_restarted_flv_clock_are_added_up() {
    let tag = |milli: u32| {
        let [high, a, b, c] = milli.to_be_bytes();
        [
            &[9, 0, 0, 4, a, b, c, high, 0, 0, 0, 1, 2, 3, 4][..],
            &15u32.to_be_bytes(),
        ]
        .concat()
    };
    let half = || (0..=75).flat_map(|frame| tag(frame * 40));
    let header = b"FLV\x01\x01\0\0\0\x09\0\0\0\0".to_vec();
    let film: Vec<u8> = header.into_iter().chain(half()).chain(half()).collect();
    assert_eq!(inspect(&film).media.clock_ms, Some(6000));
}

/// The quotes for a film: with a header and a probe that state one second, and with the length that its media has.
fn quoted(film: &[u8], actual_ms: u64) -> (MicroDollars, MicroDollars) {
    let probe = json!({ "container": { "format": "mp4", "duration": 1.0, "tracks": [{
        "trackType": "video", "codec": "AVC", "duration": 1.0,
        "videoProperties": { "width": 1280, "height": 720, "frameRate": { "numerator": 25, "denominator": 1 } },
    }] } });
    let probe: Probe = serde_json::from_value(probe).unwrap();
    let limits = Limits {
        max_size_bytes: 1_000_000_000,
        max_duration_ms: 43_200_000,
        max_pixels: 8192 * 4320,
    };
    let Source::Film(stated) = validate(10_000_000, &inspect(film), Some(&probe), &limits).unwrap() else {
        panic!("it has a picture");
    };
    let mut honest = stated.clone();
    (honest.duration_ms, honest.duration_max_ms) = (actual_ms, actual_ms);
    let prices = PriceTable::shipped().unwrap();
    let cost = |source| prices.quote(&Plan::new(source, LadderPolicy::default())).amount_micros;

    (cost(&stated), cost(&honest))
}

proptest! {
    #[test]
    fn no_film_is_quoted_for_less_than_its_sample_tables(
        entries in prop::collection::vec((1u32..2000, 1u32..4000), 1..20), timescale in 600u32..90_000,
    ) {
        let ticks: u64 = entries.iter().map(|(count, delta)| u64::from(*count) * u64::from(*delta)).sum();
        let actual_ms = ticks * 1000 / u64::from(timescale);
        prop_assume!((1000..43_000_000).contains(&actual_ms));
        let film = mp4(&[mvhd(1000, 1000), track(*b"vide", timescale, &entries)], 10);
        let (stated, honest) = quoted(&film, actual_ms);
        prop_assert!(stated >= honest, "{stated} for {actual_ms} ms, which cost {honest}");
    }

    #[test]
    fn the_length_is_the_sum_of_the_samples(
        entries in prop::collection::vec((1u32..1000, 0u32..100_000), 0..500), timescale in 1u32..200_000,
    ) {
        let film = mp4(&[mvhd(1000, 1000), track(*b"vide", timescale, &entries)], 10);
        let ticks: u64 = entries.iter().map(|(count, delta)| u64::from(*count) * u64::from(*delta)).sum();
        let found = inspect(&film).media.picture_ms.unwrap_or(0);
        prop_assert!(found >= ticks * 1000 / u64::from(timescale) && found <= ticks * 1000 / u64::from(timescale) + 1);
    }

    #[test]
    fn no_damaged_file_makes_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000), place in 0usize..3000) {
        let clusters = [cluster(9, &[(1, 4)]), cluster(300, &[(2, 4)])];
        let index = [track(*b"vide", 1000, &[(3, 4)]), atom("mvex", &full("trex", &[0; 20]))];
        let films = [matroska(&clusters), [mp4(&index, 0), fragment(0, &[4, 4])].concat(), stream((0..20).map(|tick| tick * 900))];
        for mut film in films {
            let place = place % film.len();
            let end = film.len().min(place + bytes.len());
            film[place..end].copy_from_slice(&bytes[..end - place]);
            inspect(&film);
        }
    }
}
