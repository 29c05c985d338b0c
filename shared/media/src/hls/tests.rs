use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::file::tests::{audio_init, video_init};
use crate::ladder::LadderPolicy;
use crate::ladder::tests::source;
use crate::source::{Converted, DurationTrust};

const PREFIX: &str = "media/0199/1/";

/// An output like those of MediaConvert and its stand-in: 640x360 and 416x234 at 24 frames a second, stereo, 19.5 s.
#[derive(Clone)]
struct Sample {
    plan: Plan,
    transcoded_ms: Option<u64>,
    master: String,
    playlists: BTreeMap<String, String>,
    inits: BTreeMap<String, Vec<u8>>,
    objects: BTreeMap<String, u64>,
}

const VIDEO: [&str; 4] = ["6", "6", "6", "1.5"];
const AUDIO: [&str; 4] = ["6.016", "5.994667", "5.994667", "1.536"];

impl Sample {
    fn good() -> Self {
        let mut film = source(640, 360);
        film.duration_ms = 19_500;
        film.duration_max_ms = 19_520;
        let mut sample = Self {
            plan: Plan::new(&film, LadderPolicy::default()),
            transcoded_ms: Some(19_500),
            master: String::new(),
            playlists: BTreeMap::new(),
            inits: BTreeMap::new(),
            objects: BTreeMap::new(),
        };
        sample.master = concat!(
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n",
            "#EXT-X-STREAM-INF:BANDWIDTH=1040000,AVERAGE-BANDWIDTH=930000,CODECS=\"avc1.64001f,mp4a.40.2\",",
            "RESOLUTION=640x360,FRAME-RATE=24.000,AUDIO=\"audio\"\nmaster_640x360.m3u8\n",
            "#EXT-X-STREAM-INF:BANDWIDTH=540000,AVERAGE-BANDWIDTH=530000,CODECS=\"avc1.64001F,mp4a.40.2\",",
            "RESOLUTION=416x234,FRAME-RATE=24.000,AUDIO=\"audio\"\nmaster_416x234.m3u8\n",
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Sound\",AUTOSELECT=YES,DEFAULT=YES,",
            "CHANNELS=\"2\",URI=\"master_audio_1.m3u8\"\n",
        )
        .to_owned();
        sample.rendition("640x360", "cmfv", &VIDEO, 600_000, video_init(640, 360));
        sample.rendition("416x234", "cmfv", &VIDEO, 300_000, video_init(416, 234));
        sample.rendition("audio_1", "cmfa", &AUDIO, 96_000, audio_init());
        sample
            .objects
            .insert(format!("{PREFIX}hls/master.m3u8"), sample.master.len() as u64);
        sample
    }

    fn rendition(&mut self, name: &str, extension: &str, lengths: &[&str], bytes: u64, init: Vec<u8>) {
        let file = |rest: &str| format!("master_{name}{rest}.{extension}");
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-MAP:URI=\"{}\"\n",
            file("init")
        );
        for (number, length) in (1..).zip(lengths) {
            let segment = file(&format!("_{number:09}"));
            writeln!(text, "#EXTINF:{length},\n{segment}").unwrap();
            let part = if lengths.len() == number { bytes / 4 } else { bytes };
            self.objects.insert(format!("{PREFIX}hls/{segment}"), part);
        }
        text.push_str("#EXT-X-ENDLIST\n");
        let key = format!("{PREFIX}hls/{}", file("init"));
        self.objects.insert(key.clone(), init.len() as u64);
        self.inits.insert(key, init);
        let key = format!("{PREFIX}hls/master_{name}.m3u8");
        self.objects.insert(key.clone(), text.len() as u64);
        self.playlists.insert(key, text);
    }

    fn check(&self) -> Result<PlaybackProof, Vec<Fault>> {
        let expected = Expected {
            plan: &self.plan,
            prefix: PREFIX,
            transcoded_ms: self.transcoded_ms,
        };
        let Self {
            master,
            playlists,
            inits,
            objects,
            ..
        } = self;
        check_output(
            &expected,
            &Output {
                master,
                playlists,
                inits,
                objects,
            },
        )
    }

    /// Changes a rendition's playlist.
    fn edit(&mut self, name: &str, from: &str, to: &str) {
        let text = self
            .playlists
            .get_mut(&format!("{PREFIX}hls/master_{name}.m3u8"))
            .unwrap();
        assert!(text.contains(from), "{text}");
        *text = text.replace(from, to);
    }

    #[track_caller]
    fn expect_fault(&self, words: &str) {
        let faults = self.check().expect_err(words);
        let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(texts.iter().any(|text| text.contains(words)), "{words}: {texts:?}");
    }
}

#[test]
fn the_poster_is_the_largest_still_picture() {
    let mut sample = Sample::good();
    for (name, size) in [("0000000", 100), ("0000001", 700), ("0000002", 300)] {
        sample.objects.insert(format!("{PREFIX}images/still.{name}.jpg"), size);
    }

    let proof = sample.check().unwrap();

    assert_eq!(proof.poster, Some(format!("{PREFIX}images/still.0000001.jpg")));
}

#[test]
fn a_proof_is_stored_under_these_names() {
    let stored = serde_json::json!({
        "manifest": "hls/master.m3u8",
        "duration_ms": 19_500,
        "renditions": [],
        "sounds": [],
        "poster": null,
        "segments": 15,
        "bytes": 2_000_000,
    });

    let proof: PlaybackProof = serde_json::from_value(stored.clone()).unwrap();

    assert_eq!(serde_json::to_value(proof).unwrap(), stored);
}

#[test]
fn a_good_output_passes() {
    let sample = Sample::good();
    let proof = sample.check().unwrap();
    assert_eq!(
        (proof.manifest.as_str(), proof.duration_ms, proof.segments),
        ("hls/master.m3u8", 19_500, 15)
    );
    let sound = Sound {
        name: "Sound".to_owned(),
        language: None,
    };
    assert_eq!((proof.sounds, proof.poster), (vec![sound], None));
    let names: Vec<_> = proof
        .renditions
        .iter()
        .map(|it| (it.width, it.height, it.frame_rate_milli))
        .collect();
    assert_eq!(names, [(640, 360, 24_000), (416, 234, 24_000)]);
    assert_eq!(proof.renditions[0].bandwidth, 1_040_000);
    assert_eq!(proof.renditions[1].codecs, "avc1.64001F,mp4a.40.2");

    let keys = rendition_keys(PREFIX, &sample.master).unwrap();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(sorted, sample.playlists.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys[0], "media/0199/1/hls/master_640x360.m3u8");
    let mut inits = init_keys(PREFIX, &sample.playlists).unwrap();
    inits.sort();
    assert_eq!(inits, sample.inits.keys().cloned().collect::<Vec<_>>());
}

#[test]
fn a_silent_output_passes() {
    let mut sample = Sample::good();
    sample.plan.ladder.audio.clear();
    sample.expect_fault("1 tracks are offered, and 0 were planned");
    let text = sample.master.replace(",mp4a.40.2", "").replace(",AUDIO=\"audio\"", "");
    sample.master = text[..text.find("#EXT-X-MEDIA").unwrap()].to_owned();
    assert_eq!(sample.check().unwrap().renditions.len(), 2);
}

#[test]
fn the_attributes_of_the_master_playlist_must_be_true() {
    let with = |from: &str, to: &str| {
        let mut sample = Sample::good();
        assert!(sample.master.contains(from));
        sample.master = sample.master.replacen(from, to, 1);
        sample
    };
    with("RESOLUTION=640x360", "RESOLUTION=640x362").expect_fault("640x360 is missing");
    with("RESOLUTION=416x234", "RESOLUTION=640x360").expect_fault("was not planned");
    with("FRAME-RATE=24.000", "FRAME-RATE=23.976")
        .expect_fault("FRAME-RATE of master_640x360.m3u8 says 23.976, and it is 24");
    with(",FRAME-RATE=24.000", "").expect_fault("FRAME-RATE of master_640x360.m3u8 says nothing");
    with("avc1.64001f", "avc1.4d401f").expect_fault("CODECS of master_640x360.m3u8 says avc1.4d401f,mp4a.40.2");
    with(",mp4a.40.2", "").expect_fault("CODECS");
    with("BANDWIDTH=1040000", "BANDWIDTH=500000").expect_fault("BANDWIDTH of master_640x360.m3u8 says 500000");
    with("AVERAGE-BANDWIDTH=930000", "AVERAGE-BANDWIDTH=93000").expect_fault("AVERAGE-BANDWIDTH");
    with("AUDIO=\"audio\"", "AUDIO=\"other\"").expect_fault("names the group other");
    with("NAME=\"Sound\"", "NAME=\"Alternate Audio\"").expect_fault("none is named Sound");
    with("DEFAULT=YES", "DEFAULT=NO").expect_fault("default");
    with("URI=\"master_audio_1.m3u8\"", "URI=\"master_audio_2.m3u8\"").expect_fault("master_audio_2.m3u8 is missing");
    with("\nmaster_416x234.m3u8", "\n../../../secret.m3u8").expect_fault("points outside");
    with("\nmaster_416x234.m3u8", "\nhttps://example.com/x.m3u8").expect_fault("points outside");
    with("#EXTM3U", "#EXTM4U").expect_fault("cannot be read");
    let mut sample = Sample::good();
    let swapped = sample.inits.values_mut().next().unwrap();
    *swapped = video_init(640, 360);
    sample.expect_fault("RESOLUTION of master_416x234.m3u8 says 416x234, and it is 640x360");
}

#[test]
fn sound_has_the_planned_language() {
    let with = |attribute: &str| {
        let mut sample = Sample::good();
        sample.plan.ladder.audio[0].language = Some("en".into());
        let named = "NAME=\"Sound\"";
        sample.master = sample.master.replacen(named, &format!("{named}{attribute}"), 1);
        sample
    };

    with(",LANGUAGE=\"en\"").check().unwrap();
    with(",LANGUAGE=\"fr\"").expect_fault("Sound has the language fr");
    with("").expect_fault("Sound has the language none");
}

#[test]
fn the_number_of_renditions_is_limited() {
    let flood = "#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n".repeat(65);
    assert!(rendition_keys(PREFIX, &format!("#EXTM3U\n{flood}")).is_err());
}

#[test]
fn playlists_must_be_complete() {
    let with = |from: &str, to: &str| {
        let mut sample = Sample::good();
        sample.edit("640x360", from, to);
        sample
    };
    with("#EXT-X-ENDLIST\n", "").expect_fault("does not end");
    with("#EXT-X-TARGETDURATION:6", "#EXT-X-TARGETDURATION:5").expect_fault("longer than its target");
    with("_000000002.cmfv", "_000000003.cmfv").expect_fault("names a segment twice");
    with("#EXTINF:6,\nmaster_640x360_000000002.cmfv\n", "").expect_fault("lasts 19500 ms, and the picture 13500 ms");
    with("#EXTINF:1.5,", "#EXT-X-GAP\n#EXTINF:1.5,").expect_fault("has a gap");
    with("#EXTINF:1.5,", "#EXT-X-DISCONTINUITY\n#EXTINF:1.5,").expect_fault("has a discontinuity");
    with("#EXTINF:1.5,", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1.5,").expect_fault("is encrypted");
    with("#EXTINF:1.5,", "#EXTINF:0,").expect_fault("segment without length");
    with("#EXT-X-MAP", "#EXT-X-MAPP").expect_fault("initialization segment");
    with("master_640x360_000000002.cmfv", "/etc/passwd").expect_fault("points outside");
    let mut sample = Sample::good();
    sample.inits.clear();
    sample.expect_fault("cannot be read");
}

#[test]
fn ranges_of_one_file_must_lie_within_it() {
    let mut sample = Sample::good();
    for (number, offset) in [(1, 0), (2, 600_000), (3, 1_200_000)] {
        let range = format!("#EXT-X-BYTERANGE:600000@{offset}\nmaster_640x360_all.cmfv");
        sample.edit("640x360", &format!("master_640x360_{number:09}.cmfv"), &range);
    }
    sample.edit(
        "640x360",
        "master_640x360_000000004.cmfv",
        "#EXT-X-BYTERANGE:150000\nmaster_640x360_all.cmfv",
    );
    let key = format!("{PREFIX}hls/master_640x360_all.cmfv");
    sample.objects.insert(key.clone(), 1_950_000);
    sample.check().unwrap();
    sample.objects.insert(key, 1_949_999);
    sample.expect_fault("empty or cut off");
}

#[test]
fn renditions_agree_in_time() {
    let mut sample = Sample::good();
    sample.edit("416x234", "#EXTINF:1.5,", "#EXTINF:1.541667,");
    sample.check().unwrap();
    sample.edit("416x234", "#EXTINF:1.541667,", "#EXTINF:1.6,");
    sample.expect_fault("master_416x234.m3u8 lasts 19600 ms, and the picture 19500 ms");

    let mut sample = Sample::good();
    sample.edit("audio_1", "#EXTINF:1.536,", "#EXTINF:1.59,");
    sample.check().unwrap();
    sample.edit("audio_1", "#EXTINF:1.59,", "#EXTINF:1.65,");
    sample.expect_fault("master_audio_1.m3u8 lasts");

    let mut sample = Sample::good();
    let text = sample
        .playlists
        .get_mut("media/0199/1/hls/master_416x234.m3u8")
        .unwrap();
    *text = text
        .replacen("#EXTINF:6,", "#EXTINF:5.9,", 1)
        .replacen("#EXTINF:6,", "#EXTINF:6.1,", 1);
    sample.expect_fault("do not begin with those of the others");

    // A gap in the middle of every rendition, with a longer last segment.
    let mut sample = Sample::good();
    for name in ["640x360", "416x234"] {
        let text = sample
            .playlists
            .get_mut(&format!("{PREFIX}hls/master_{name}.m3u8"))
            .unwrap();
        *text = text
            .replacen("#EXTINF:6,", "#EXTINF:3,", 1)
            .replacen("#EXTINF:1.5,", "#EXTINF:4.5,", 1);
    }
    sample.expect_fault("has segments that do not last 6 seconds");
}

#[test]
fn half_a_film_is_not_published() {
    let mut sample = Sample::good();
    sample.plan.duration_ms = 39_000;
    sample.plan.duration_max_ms = 39_000;
    sample.expect_fault("it plays for 19500 ms, and should for 39000 ms");
    sample.plan.duration_trust = DurationTrust::Estimated;
    sample.check().unwrap();
    sample.transcoded_ms = Some(25_500);
    sample.expect_fault("it plays for 19500 ms, and should for 25500 ms");
    sample.transcoded_ms = None;
    sample.expect_fault("nothing says how long");
}

#[test]
fn the_transcoders_report_alone_is_not_enough_for_a_film_without_a_stated_length() {
    let mut sample = Sample::good();
    sample.plan.duration_trust = DurationTrust::Estimated;
    // The clock restarts: the transcoder wrote the first half and reports it as the whole.
    sample.plan.clock_ms = Some(39_000);
    sample.expect_fault("it plays for 19500 ms, and should for 23400 to");
    sample.plan.clock_ms = Some(21_000);
    sample.check().unwrap();
    // The estimate was too short: the job's clipping ended before the film.
    sample.plan.clock_ms = None;
    (sample.plan.duration_ms, sample.plan.duration_max_ms) = (11_400, 11_400);
    sample.expect_fault("the film is longer than the");
    // A title that was published before jobs had a clipping still passes.
    sample.plan.source_rate = None;
    sample.check().unwrap();
}

#[test]
fn a_late_start_or_subtitles_may_make_the_container_longer() {
    let mut sample = Sample::good();
    sample.plan.duration_ms = 19_000;
    sample.plan.duration_max_ms = 19_500;
    sample.check().unwrap();
    sample.plan.duration_max_ms = 19_300;
    sample.expect_fault("should for 19000 to 19300 ms");
}

#[test]
fn a_song_may_be_a_little_longer_than_its_cover() {
    let mut sample = Sample::good();
    sample.edit("audio_1", "1.536", "1.636");
    sample.expect_fault("and the picture");
    sample.plan.made = Converted::Cover;
    sample.check().unwrap();
    sample.edit("audio_1", "1.636", "2.136");
    sample.expect_fault("and the picture");
}

#[test]
fn the_sentence_for_the_uploader_has_no_names_of_files() {
    let mut faults: Vec<Fault> = (1..6)
        .map(|number| Fault::SegmentMissing {
            key: format!("media/0199/1/hls/s{number}"),
        })
        .collect();
    faults.push(Fault::DurationsDiffer {
        key: "media/0199/1/hls/master_audio_1.m3u8".into(),
        duration_ms: 8_106,
        picture_ms: 7_967,
    });
    assert_eq!(
        Fault::sentence(&faults),
        "The transcoded film does not play as it should: a part of it is missing or cut off; one of its tracks lasts 8.10 s, \
         and its picture 7.96 s. Admins see failed titles and can run this one again. You can also \
         upload another file."
    );
}

#[test]
fn a_permanent_fault_gives_another_advice_than_another_run() {
    let faults = [
        Fault::SegmentMissing { key: "a".into() },
        Fault::CutShort { max_output_ms: 9_000 },
    ];

    let sentence = Fault::sentence(&faults);

    assert!(sentence.contains("as MP4"), "{sentence}");
    assert!(!sentence.contains("run this one again"), "{sentence}");
}

/// Lines that the output check does not use.
fn is_unchecked(line: &str) -> bool {
    let unchecked = [
        "#EXT-X-VERSION",
        "#EXT-X-INDEPENDENT",
        "#EXT-X-MEDIA-SEQUENCE",
        "#EXT-X-PLAYLIST-TYPE",
    ];
    unchecked.iter().any(|prefix| line.starts_with(prefix))
}

proptest! {
    #[test]
    fn no_object_can_be_missing_or_empty(at: prop::sample::Index, emptied: bool) {
        let mut sample = Sample::good();
        let master = format!("{PREFIX}hls/master.m3u8");
        let keys: Vec<String> = sample.objects.keys().filter(|key| **key != master).cloned().collect();
        let key = at.get(&keys);
        if emptied && !sample.playlists.contains_key(key) {
            sample.objects.insert(key.clone(), 0);
        } else {
            sample.objects.remove(key);
        }
        prop_assert!(sample.check().is_err(), "{key}");
    }

    #[test]
    fn no_line_can_be_missing(playlist: prop::sample::Index, at: prop::sample::Index) {
        let mut sample = Sample::good();
        let mut texts: Vec<&mut String> = sample.playlists.values_mut().chain([&mut sample.master]).collect();
        let count = texts.len();
        let text = &mut *texts[playlist.index(count)];
        let lines: Vec<&str> = text.lines().collect();
        let at = at.index(lines.len());
        prop_assume!(!is_unchecked(lines[at]));
        let missing = lines[at].to_owned();
        let kept: Vec<&str> = lines.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, line)| *line).collect();
        *text = kept.join("\n") + "\n";
        prop_assert!(sample.check().is_err(), "without {missing}");
    }

    #[test]
    fn no_text_can_be_cut_off(playlist: prop::sample::Index, at: prop::sample::Index) {
        let mut sample = Sample::good();
        let mut texts: Vec<&mut String> = sample.playlists.values_mut().chain([&mut sample.master]).collect();
        let count = texts.len();
        let text = &mut *texts[playlist.index(count)];
        let cut = at.index(text.len() - 1);
        text.truncate(cut);
        prop_assert!(sample.check().is_err(), "cut at {cut}");
    }

    #[test]
    fn arbitrary_text_neither_panics_nor_passes(text in "(#EXT[A-Z0-9:=\",.\n-]{0,40}|[a-z0-9./\n]{0,20}|\\PC{0,20}){0,20}") {
        let mut sample = Sample::good();
        sample.master = format!("#EXTM3U\n{text}");
        prop_assert!(sample.check().is_err());
        let mut sample = Sample::good();
        sample.playlists.values_mut().for_each(|playlist| *playlist = format!("#EXTM3U\n{text}"));
        prop_assert!(sample.check().is_err());
        prop_assert!(rendition_keys(PREFIX, &text).is_err());
    }
}
