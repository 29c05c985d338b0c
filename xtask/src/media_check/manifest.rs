//! `MANIFEST.tsv`: facts about each file of the folder. The first line names the columns; all but `path` and `kind` are
//! optional. The facts come from ffprobe and a test decode.

use std::collections::HashMap;
use std::path::{Component, Path};

use marquee_cli::failure::Failure;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) path: String,
    pub(super) kind: Kind,
    /// The expectation: `accept`, `accept-or-warn`, `audio-only`, `reject` …
    pub(super) expect: String,
    pub(super) facts: Facts,
    pub(super) published: Published,
}

/// What must be published of a file. Fields without a value are compared by the facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Published {
    /// Seconds of the film.
    pub(super) plays: Option<f64>,
    /// Width and height of the largest picture.
    pub(super) shows: Option<(u64, u64)>,
    /// Frames a second.
    pub(super) rate: Option<f64>,
    /// The sounds' languages in their order: `und fr`, or `none` for a silent film.
    pub(super) sounds: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// All kinds but the two below.
    Ok,
    Hostile,
    Captions,
}

/// The facts of the manifest about a file. Unknown ones are `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) size_bytes: Option<u64>,
    /// ffprobe's name of the container.
    pub(super) container: Option<String>,
    pub(super) seconds: Option<f64>,
    pub(super) video: Option<Video>,
    /// ffprobe's names of the codecs of all sound.
    pub(super) sounds: Vec<String>,
    pub(super) encrypted: bool,
    /// Pictures that FFmpeg could decode from the first seconds.
    pub(super) pictures: Option<u64>,
    /// FFmpeg decoded these seconds completely (`rc=0`), so that `pictures` are all of them.
    pub(super) decodes: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Video {
    /// ffprobe's name; `?` if unknown.
    pub(super) codec: String,
    pub(super) width: u64,
    pub(super) height: u64,
    /// Whether it is shown rotated by 90 degrees.
    pub(super) turned: bool,
    /// Width and height of a pixel.
    pub(super) pixel: (u64, u64),
    /// Frames a second, if the rate is constant and screens can show it.
    pub(super) steady_rate: Option<f64>,
}

impl Video {
    /// Width and height on a screen.
    pub(super) fn display(&self) -> (u64, u64) {
        let width = (2 * self.width * self.pixel.0 + self.pixel.1) / (2 * self.pixel.1);
        if self.turned {
            (self.height, width)
        } else {
            (width, self.height)
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Vec<Row>, Failure> {
    let mut lines = text
        .lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.trim().is_empty());
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    for needed in ["path", "kind"] {
        if !header.contains(&needed) {
            return Err(wrong(&format!("the first line has no column `{needed}`")));
        }
    }

    lines
        .map(|line| {
            let cells: HashMap<&str, &str> = header.iter().copied().zip(line.split('\t').map(str::trim)).collect();
            row(&cells)
        })
        .collect()
}

fn row(cells: &HashMap<&str, &str>) -> Result<Row, Failure> {
    let cell = |name: &str| cells.get(name).copied().filter(|cell| !cell.is_empty() && *cell != "-");
    let path = cell("path").unwrap_or_default();
    if path.is_empty()
        || !Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
    {
        return Err(wrong(&format!("`{path}` is not a path inside the folder")));
    }
    Ok(Row {
        path: path.to_owned(),
        kind: match cell("kind") {
            Some("hostile") => Kind::Hostile,
            Some("captions") => Kind::Captions,
            _ => Kind::Ok,
        },
        expect: cell("expect").unwrap_or_default().to_owned(),
        facts: Facts {
            size_bytes: cell("size").and_then(|size| size.parse().ok()),
            container: cell("format").map(str::to_owned),
            seconds: cell("duration").and_then(|seconds| seconds.parse().ok()),
            video: cell("summary").and_then(video),
            sounds: cell("summary").map(sounds).unwrap_or_default(),
            encrypted: cell("feat").is_some_and(|features| features.split(' ').any(|feature| feature == "encrypted")),
            pictures: cell("decode").and_then(pictures),
            decodes: cell("decode").is_some_and(|decode| decode.split(' ').any(|word| word == "rc=0")),
        },
        published: Published {
            plays: cell("plays").and_then(|seconds| seconds.parse().ok()),
            shows: cell("shows").and_then(|size| pair(size, 'x')),
            rate: cell("rate").and_then(|rate| rate.parse().ok()),
            sounds: cell("sounds").map(|sounds| match sounds {
                "none" => Vec::new(),
                languages => languages.split_whitespace().map(str::to_owned).collect(),
            }),
        },
    })
}

/// `h264 320x240 yuv420p r=30/1 | aac …`: the video stream, if any, is before the first bar.
fn video(summary: &str) -> Option<Video> {
    let mut words = summary.split('|').next()?.split_whitespace();
    let codec = words.next().filter(|word| !word.starts_with('('))?;
    let (width, height) = pair(words.next()?, 'x')?;
    let words: Vec<&str> = words.collect();
    let named = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    let rate = named("r=").filter(|rate| named("avg=") == Some(rate));
    let even = rate
        .and_then(|rate| pair::<u32>(rate, '/'))
        .map(|(frames, seconds)| f64::from(frames) / f64::from(seconds));
    Some(Video {
        codec: codec.to_owned(),
        width,
        height,
        turned: named("rot=").is_some_and(|angle| matches!(angle, "90" | "-90" | "270" | "-270")),
        pixel: named("sar=").and_then(|shape| pair(shape, ':')).unwrap_or((1, 1)),
        steady_rate: even.filter(|rate| (20.0..=60.0).contains(rate)),
    })
}

/// `320x240`, `30/1`, `64:45`: two numbers other than 0.
fn pair<T: std::str::FromStr + Default + PartialEq>(text: &str, between: char) -> Option<(T, T)> {
    let (one, other) = text.split_once(between)?;
    let number = |text: &str| text.parse::<T>().ok().filter(|number| *number != T::default());
    Some((number(one)?, number(other)?))
}

/// The sounds are between the first bar and the next: `aac 2ch 48000, ac3 6ch 48000`.
fn sounds(summary: &str) -> Vec<String> {
    let streams = summary
        .split('|')
        .nth(1)
        .filter(|streams| !streams.trim_start().starts_with("subs "));
    let codecs = streams
        .into_iter()
        .flat_map(|streams| streams.split(','))
        .filter_map(|one| one.split_whitespace().next());
    codecs.map(str::to_owned).collect()
}

/// `rc=0 v=90 a=130 errlines=0`
fn pictures(decode: &str) -> Option<u64> {
    decode.split(' ').find_map(|word| word.strip_prefix("v=")?.parse().ok())
}

fn wrong(why: &str) -> Failure {
    Failure::usage(
        format!("MANIFEST.tsv cannot be used: {why}"),
        "see xtask/README.md for its columns",
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const HEADER: &str = "path\tkind\tsize\tformat\tduration\tsummary\tfeat\texpect\tdecode";

    /// One row from its cells, in the order of `HEADER`.
    pub(in super::super) fn row_of(cells: &[&str]) -> Row {
        parse(&format!("{HEADER}\r\n{}\r\n", cells.join("\t")))
            .unwrap()
            .remove(0)
    }

    #[test]
    fn a_video_is_known_by_its_summary() {
        let row = row_of(&[
            "ok/a.mp4",
            "ok",
            "2494339",
            "mov,mp4",
            "0.3127",
            "h264 3840x2160 yuvj420p r=60/1 rot=-90 | aac 2ch 48000",
            "moov-end rot-90",
            "accept",
            "rc=0 v=18 a=14 errlines=0",
        ]);
        assert_eq!(
            row.facts.video,
            Some(Video {
                codec: "h264".into(),
                width: 3840,
                height: 2160,
                turned: true,
                pixel: (1, 1),
                steady_rate: None,
            })
        );
        assert_eq!(
            (row.kind, row.facts.pictures, row.facts.seconds),
            (Kind::Ok, Some(18), Some(0.3127))
        );
    }

    #[test]
    fn sound_alone_and_unreadable_files_have_no_video() {
        let audio = row_of(&[
            "a.mp3",
            "ok",
            "1",
            "mp3",
            "2.6",
            "| mp3 2ch 48000",
            "audio-only",
            "audio-only",
            "rc=0 v=0 a=9",
        ]);
        assert_eq!(
            (audio.facts.video, audio.facts.container.as_deref()),
            (None, Some("mp3"))
        );
        let broken = row_of(&[
            "a.mp4",
            "hostile",
            "1",
            "-",
            "-",
            "(ffprobe: a.mp4: Invalid data)",
            "encrypted",
            "reject",
            "rc=1 v=0",
        ]);
        assert_eq!((broken.facts.video, broken.facts.container), (None, None));
        assert!(broken.facts.encrypted);
    }

    #[test]
    fn only_path_and_kind_are_needed() {
        let rows = parse("kind\tpath\nhostile\ta b.mp4\n\n").unwrap();
        assert_eq!(
            rows,
            [Row {
                path: "a b.mp4".into(),
                kind: Kind::Hostile,
                expect: String::new(),
                facts: Facts::default(),
                published: Published::default(),
            }]
        );
        assert!(parse("path\tsize\n").is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn paths_stay_in_the_folder() {
        for path in ["/etc/passwd", "../a.mp4", "a/../../b.mp4", ""] {
            assert!(parse(&format!("path\tkind\n{path}\tok\n")).is_err(), "{path}");
        }
    }
}
