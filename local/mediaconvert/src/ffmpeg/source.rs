//! What a job takes from its source: the rotated picture, and the selected audio.

use super::super::{
    job::JobError,
    probe::{Facts, Ratio, Stream},
    settings::{AudioDescription, AudioSelector, Input, Rotate, SelectorType},
};
use super::scaling::Source;

/// The clockwise rotation of the settings.
pub(super) fn rotation(input: &Input, facts: &Facts, video: &Stream) -> u32 {
    match input.video_selector.rotate {
        None | Some(Rotate::None) => 0,
        Some(Rotate::Quarter) => 90,
        Some(Rotate::Half) => 180,
        Some(Rotate::ThreeQuarters) => 270,
        // AWS: only MP4 and MOV, within one degree of a quarter turn; and only progressive 4:2:0 and 4:2:2.
        Some(Rotate::Auto) => {
            let chroma = video.pix_fmt.as_deref().unwrap_or_default();
            let known = facts.is_mp4() && !video.is_interlaced() && (chroma.contains("420") || chroma.contains("422"));
            match video.rotation() {
                89..=91 if known => 90,
                179..=181 if known => 180,
                269..=271 if known => 270,
                _ => 0,
            }
        }
    }
}

/// The picture after the rotation.
pub(super) fn picture(video: &Stream, rotation: u32) -> Source {
    let pixel = video.sample_aspect_ratio();
    if rotation.is_multiple_of(180) {
        Source {
            width: video.width,
            height: video.height,
            pixel,
        }
    } else {
        let pixel = Ratio {
            numerator: pixel.denominator,
            denominator: pixel.numerator,
        };
        Source {
            width: video.height,
            height: video.width,
            pixel,
        }
    }
}

/// The audio of an output.
#[derive(Clone, Debug)]
pub(super) struct Sound<'a> {
    /// The tracks whose channels are merged. None means silence.
    pub(super) streams: Vec<&'a Stream>,
    /// Its selector's offset in milliseconds.
    pub(super) offset: i32,
}

/// The selector of an output that names none.
const DEFAULT_SELECTOR: &str = "Audio Selector 1";

/// Selects the audio of an output.
pub(super) fn sound<'a>(input: &Input, facts: &'a Facts, audio: &AudioDescription) -> Result<Sound<'a>, JobError> {
    if input.audio_selectors.is_empty() {
        // Without any selector AWS takes the first track.
        let first = facts.audio().next().ok_or_else(|| missing(1, "track", 1))?;
        return Ok(Sound {
            streams: vec![first],
            offset: 0,
        });
    }
    let Some((position, selector)) = selector(input, audio) else {
        return Ok(Sound {
            streams: Vec::new(),
            offset: 0,
        });
    };
    let stream = match selector.selector_type {
        SelectorType::Track => return tracks(selector, facts, position),
        SelectorType::Stream => {
            let stream = selector.streams.first().copied().unwrap_or(1);
            let found = facts.audio().find(|audio| audio.index + 1 == stream);
            found.ok_or_else(|| missing(position, "stream", stream))
        }
        SelectorType::Pid => {
            let pid = selector.pids.first().copied().unwrap_or_default();
            let is_pid = |audio: &&Stream| {
                let id = audio.id.as_deref().unwrap_or_default().trim_start_matches("0x");
                u32::from_str_radix(id, 16) == Ok(pid)
            };
            facts.audio().find(is_pid).ok_or_else(|| missing(position, "PID", pid))
        }
        SelectorType::LanguageCode => {
            let language = selector
                .custom_language_code
                .as_ref()
                .or(selector.language_code.as_ref());
            let found = facts.audio().find(|audio| {
                audio
                    .language()
                    .zip(language)
                    .is_some_and(|(has, wanted)| has.eq_ignore_ascii_case(wanted))
            });
            // AWS falls back to the first track when the language is missing.
            found
                .or_else(|| facts.audio().next())
                .ok_or_else(|| missing(position, "track", 1))
        }
    };
    Ok(Sound {
        streams: vec![stream?],
        offset: selector.offset.unwrap_or_default(),
    })
}

fn tracks<'a>(selector: &AudioSelector, facts: &'a Facts, position: usize) -> Result<Sound<'a>, JobError> {
    let tracks = if selector.tracks.is_empty() {
        &[1][..]
    } else {
        &selector.tracks
    };
    let streams = tracks.iter().map(|track| {
        let index = usize::try_from(*track).unwrap_or(usize::MAX).wrapping_sub(1);
        facts
            .audio()
            .nth(index)
            .ok_or_else(|| missing(position, "track", *track))
    });
    Ok(Sound {
        streams: streams.collect::<Result<_, _>>()?,
        offset: selector.offset.unwrap_or_default(),
    })
}

/// The selector by its name (by default "Audio Selector 1"), else the default one, with its position from 1. Without either AWS
/// inserts silence.
fn selector<'a>(input: &'a Input, audio: &AudioDescription) -> Option<(usize, &'a AudioSelector)> {
    let selectors = || {
        input
            .audio_selectors
            .iter()
            .enumerate()
            .map(|(index, (name, it))| (index + 1, name, it))
    };
    let wanted = audio.audio_source_name.as_deref().unwrap_or(DEFAULT_SELECTOR);
    let named = selectors().find(|(_, name, _)| name.as_str() == wanted);
    let default = || selectors().find(|(_, _, selector)| selector.is_default());
    named
        .or_else(default)
        .map(|(position, _, selector)| (position, selector))
}

/// AWS's error for a missing track.
fn missing(selector: usize, what: &str, number: u32) -> JobError {
    JobError::new(
        1040,
        format!(
            "Invalid audio {what} specified for audio_selector [{selector}]. Audio {what} [{number}] not found in input \
             container."
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn input(settings: serde_json::Value) -> Input {
        serde_json::from_value(settings).unwrap()
    }

    fn facts() -> Facts {
        serde_json::from_value(json!({
            "format": { "format_name": "mov,mp4,m4a,3gp,3g2,mj2" },
            "streams": [
                { "index": 0, "codec_type": "video", "width": 1920, "height": 1080, "pix_fmt": "yuv420p",
                  "side_data_list": [{ "rotation": -90 }] },
                { "index": 1, "codec_type": "audio", "id": "0x101", "tags": { "language": "eng" } },
                { "index": 2, "codec_type": "audio", "id": "0x102", "tags": { "language": "deu" } },
            ],
        }))
        .unwrap()
    }

    fn description(name: Option<&str>) -> AudioDescription {
        serde_json::from_value(json!({ "audioSourceName": name, "codecSettings": { "aacSettings": {
            "bitrate": 128_000, "sampleRate": 48_000, "codingMode": "CODING_MODE_2_0" } } }))
        .unwrap()
    }

    #[test]
    fn only_auto_follows_the_containers_rotation() {
        let facts = facts();
        let video = facts.video().unwrap();
        let rotated = |rotate: &str| rotation(&input(json!({ "videoSelector": { "rotate": rotate } })), &facts, video);
        assert_eq!(rotated("AUTO"), 90);
        assert_eq!(rotated("DEGREES_270"), 270);
        assert_eq!(rotation(&input(json!({})), &facts, video), 0);
        let mut matroska = facts.clone();
        matroska.format.names = "matroska,webm".to_owned();
        let auto = input(json!({ "videoSelector": { "rotate": "AUTO" } }));
        assert_eq!(rotation(&auto, &matroska, video), 0);
        assert_eq!(picture(video, 90).width, 1080);
    }

    #[test]
    fn selectors_find_tracks_by_number_language_and_pid() {
        let facts = facts();
        let index = |selector: serde_json::Value| {
            let input = input(json!({ "audioSelectors": { "Audio Selector 1": selector } }));
            sound(&input, &facts, &description(Some("Audio Selector 1"))).map(|sound| sound.streams[0].index)
        };
        assert_eq!(index(json!({})).unwrap(), 1);
        assert_eq!(index(json!({ "tracks": [2] })).unwrap(), 2);
        assert_eq!(
            index(json!({ "selectorType": "LANGUAGE_CODE", "languageCode": "DEU" })).unwrap(),
            2
        );
        assert_eq!(index(json!({ "selectorType": "PID", "pids": [258] })).unwrap(), 2);
        assert_eq!(index(json!({ "selectorType": "STREAM", "streams": [2] })).unwrap(), 1);
        assert_eq!(
            index(json!({ "tracks": [3] })).unwrap_err().message,
            "Invalid audio track specified for audio_selector [1]. Audio track [3] not found in input container."
        );
    }

    #[test]
    fn several_tracks_give_their_channels_in_their_order() {
        let facts = facts();
        let input = input(json!({ "audioSelectors": { "a": { "tracks": [2, 1] } } }));
        let sound = sound(&input, &facts, &description(Some("a"))).unwrap();
        assert_eq!(
            sound.streams.iter().map(|stream| stream.index).collect::<Vec<_>>(),
            [2, 1]
        );
    }

    #[test]
    fn an_output_gets_the_selector_that_aws_documents() {
        let facts = facts();
        let taken = |selectors: Value, name: Option<&str>| {
            let input = input(json!({ "audioSelectors": selectors }));
            let sound = sound(&input, &facts, &description(name)).unwrap();
            sound.streams.first().map(|stream| stream.index)
        };
        let selectors = |second: &str| {
            json!({
                "Audio Selector 1": { "tracks": [1] },
                "Audio Selector 2": { "tracks": [2], "defaultSelection": second },
            })
        };
        assert_eq!(taken(selectors("DEFAULT"), None), Some(1), "no name is number 1");
        assert_eq!(taken(selectors("DEFAULT"), Some("missing")), Some(2), "the default one");
        assert_eq!(taken(selectors("NOT_DEFAULT"), Some("missing")), None, "silence");
    }
}
