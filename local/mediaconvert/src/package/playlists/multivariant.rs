//! The multivariant playlist.

use std::fmt::Write as _;

use super::{Bandwidth, line};

/// A rendition in the multivariant playlist.
#[derive(Clone, Debug)]
pub(crate) struct Rendition {
    pub(crate) uri: String,
    pub(crate) bandwidth: Bandwidth,
    pub(crate) codecs: Vec<String>,
    pub(crate) kind: RenditionKind,
}

/// The content of a rendition.
#[derive(Clone, Debug)]
pub(crate) enum RenditionKind {
    /// Video, possibly with audio in the same segments.
    Video {
        size: Option<(u32, u32)>,
        frame_rate: f64,
        /// The groups of audio for it.
        audio_groups: Vec<String>,
        /// The playlist of its key frames, and their bandwidth.
        key_frames: Option<(String, Bandwidth)>,
    },
    /// Audio for video renditions.
    Audio {
        group: String,
        name: String,
        language: Option<String>,
        channels: u32,
        selection: Selection,
        /// It is an audio description.
        describes_video: bool,
    },
    /// Audio without video.
    AudioOnly,
}

/// How a player selects a rendition of audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// By default.
    Default,
    /// Automatically, by the viewer's language.
    Automatic,
    /// Only by the viewer.
    Manual,
}

/// Writes the multivariant playlist.
pub(crate) fn multivariant(renditions: &[Rendition]) -> String {
    let mut text = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n".to_owned();
    for rendition in renditions {
        match &rendition.kind {
            RenditionKind::Video { audio_groups, .. } if !audio_groups.is_empty() => {
                for group in audio_groups {
                    variant(&mut text, rendition, Some(group), renditions);
                }
            }
            RenditionKind::Video { .. } | RenditionKind::AudioOnly => variant(&mut text, rendition, None, renditions),
            RenditionKind::Audio { .. } => {}
        }
    }
    for rendition in renditions {
        if let RenditionKind::Audio {
            group,
            name,
            language,
            channels,
            selection,
            describes_video,
        } = &rendition.kind
        {
            let language = language
                .as_ref()
                .map(|language| format!("LANGUAGE=\"{language}\","))
                .unwrap_or_default();
            let described = if *describes_video {
                "CHARACTERISTICS=\"public.accessibility.describes-video\","
            } else {
                ""
            };
            let (auto, default) = match selection {
                Selection::Default => ("YES", "YES"),
                Selection::Automatic => ("YES", "NO"),
                Selection::Manual => ("NO", "NO"),
            };
            let uri = &rendition.uri;
            line(
                &mut text,
                format_args!(
                    "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{group}\",{language}NAME=\"{name}\",AUTOSELECT={auto},\
                     DEFAULT={default},{described}CHANNELS=\"{channels}\",URI=\"{uri}\""
                ),
            );
        }
    }
    for rendition in renditions {
        if let RenditionKind::Video {
            size: Some((width, height)),
            key_frames: Some((uri, bandwidth)),
            ..
        } = &rendition.kind
        {
            let codecs = rendition.codecs.first().map_or("", String::as_str);
            line(
                &mut text,
                format_args!(
                    "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{codecs}\",\
                     RESOLUTION={width}x{height},URI=\"{uri}\"",
                    bandwidth.peak, bandwidth.average
                ),
            );
        }
    }
    text
}

fn variant(text: &mut String, rendition: &Rendition, audio_group: Option<&String>, all: &[Rendition]) {
    let in_group =
        |other: &&Rendition| matches!(&other.kind, RenditionKind::Audio { group, .. } if Some(group) == audio_group);
    // A player fetches one audio rendition at a time: the largest counts.
    let sound = all.iter().filter(in_group).max_by_key(|other| other.bandwidth.peak);
    let bandwidth = rendition
        .bandwidth
        .plus(sound.map(|sound| sound.bandwidth).unwrap_or_default());
    let mut codecs = rendition.codecs.clone();
    for codec in all.iter().filter(in_group).flat_map(|other| &other.codecs) {
        if !codecs.contains(codec) {
            codecs.push(codec.clone());
        }
    }
    let mut attributes = format!(
        "BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\"",
        bandwidth.peak,
        bandwidth.average,
        codecs.join(",")
    );
    if let RenditionKind::Video { size, frame_rate, .. } = &rendition.kind {
        let size = size
            .map(|(width, height)| format!(",RESOLUTION={width}x{height}"))
            .unwrap_or_default();
        let _always_written = write!(attributes, ",VIDEO-RANGE=SDR{size},FRAME-RATE={frame_rate:.3}");
    }
    if let Some(group) = audio_group {
        let _always_written = write!(attributes, ",AUDIO=\"{group}\"");
    }
    line(text, format_args!("#EXT-X-STREAM-INF:{attributes}"));
    line(text, format_args!("{}", rendition.uri));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_multivariant_playlist() {
        let bandwidth = |peak| Bandwidth {
            peak,
            average: peak / 2,
        };
        let video = Rendition {
            uri: "f_720.m3u8".to_owned(),
            bandwidth: bandwidth(1000),
            codecs: vec!["avc1.4d401f".to_owned()],
            kind: RenditionKind::Video {
                size: Some((1280, 720)),
                frame_rate: 24.0,
                audio_groups: vec!["program_audio_0".to_owned()],
                key_frames: Some(("f_720_I-Frame.m3u8".to_owned(), bandwidth(300))),
            },
        };
        let audio = Rendition {
            uri: "f_audio.m3u8".to_owned(),
            bandwidth: bandwidth(100),
            codecs: vec!["mp4a.40.2".to_owned()],
            kind: RenditionKind::Audio {
                group: "program_audio_0".to_owned(),
                name: "English".to_owned(),
                language: Some("eng".to_owned()),
                channels: 2,
                selection: Selection::Default,
                describes_video: false,
            },
        };
        assert_eq!(
            multivariant(&[video, audio]),
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-STREAM-INF:BANDWIDTH=1100,AVERAGE-BANDWIDTH=550,CODECS=\"avc1.4d401f,mp4a.40.2\",VIDEO-RANGE=SDR,\
             RESOLUTION=1280x720,FRAME-RATE=24.000,AUDIO=\"program_audio_0\"\nf_720.m3u8\n\
             #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"program_audio_0\",LANGUAGE=\"eng\",NAME=\"English\",AUTOSELECT=YES,\
             DEFAULT=YES,CHANNELS=\"2\",URI=\"f_audio.m3u8\"\n\
             #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=300,AVERAGE-BANDWIDTH=150,CODECS=\"avc1.4d401f\",RESOLUTION=1280x720,\
             URI=\"f_720_I-Frame.m3u8\"\n"
        );
    }
}
