//! Repairs of a source before it is transcoded: FFmpeg rewrites once what it cannot transcode in one run.

use super::super::{
    probe::{FORMATS, Facts},
    settings::VideoGenerator,
};
use super::arguments::args;

/// Timestamps of FLV that go back are those of a joined file: they are made to continue. FFmpeg does so itself for MPEG streams,
/// but its FLV demuxer lets the second part overlap the first.
const CONTINUOUS_DTS: &str =
    "if(eq(N,0),DTS,if(lt(DTS,PREV_INDTS),PREV_OUTDTS+max(DURATION,1),PREV_OUTDTS+DTS-PREV_INDTS))";

/// The filters that make timestamps continuous; none for containers that do not need them.
pub(crate) fn continuous_timestamps(facts: &Facts) -> Vec<String> {
    if !facts.format.names.split(',').any(|name| name == "flv") {
        return Vec::new();
    }
    let filter = format!("setts=dts='{CONTINUOUS_DTS}':pts='PTS-DTS+{CONTINUOUS_DTS}'");
    ["-bsf:v", &filter, "-bsf:a", &filter].map(str::to_owned).to_vec()
}

/// How the audio is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audio {
    /// Unchanged.
    Copied,
    /// Decoded to one rate and one number of channels, because the encoder cannot change them on the way.
    Decoded,
}

/// Rewrites picture and audio of a source as a Matroska file.
pub(crate) fn arguments(facts: &Facts, source: &str, audio: Audio, target: &str) -> Vec<String> {
    let mut arguments = args(
        "-nostdin -v warning -y -protocol_whitelist file -format_whitelist",
        &[FORMATS],
    );
    arguments.extend(args("-i", &[source]));
    for stream in facts.video().into_iter().chain(facts.audio()) {
        arguments.extend(args("-map", &[&format!("0:{}", stream.index)]));
    }
    arguments.extend(args("-c copy -copyinkf", &[]));
    match audio {
        Audio::Copied => arguments.extend(continuous_timestamps(facts)),
        Audio::Decoded => {
            arguments.extend(args("-c:a pcm_s16le -ar 48000", &[]));
            for (track, stream) in facts.audio().enumerate() {
                arguments.extend(args(
                    &format!("-ac:a:{track}"),
                    &[&stream.channels.clamp(1, 8).to_string()],
                ));
            }
        }
    }
    arguments.extend(args("-f matroska", &[target]));
    arguments
}

/// Writes a film of a still image on black, with the audio of another file.
pub(crate) fn generated(
    facts: &Facts,
    generator: &VideoGenerator,
    image: &str,
    audio: &str,
    target: &str,
) -> Vec<String> {
    let VideoGenerator {
        width,
        height,
        framerate_numerator: numerator,
        framerate_denominator: denominator,
        duration,
        ..
    } = generator;
    let seconds = f64::from(*duration) / 1000.0;
    let black = format!("color=c=black:s={width}x{height}:r={numerator}/{denominator}:d={seconds:.3}");
    let mut arguments = args("-nostdin -v warning -y -f lavfi -i", &[&black]);
    // With the format named: any other kind of file is refused.
    arguments.extend(args("-protocol_whitelist file -f png_pipe -i", &[image]));
    arguments.extend(args(
        "-protocol_whitelist file -format_whitelist",
        &[FORMATS, "-i", audio],
    ));
    arguments.extend(args(
        "-filter_complex",
        &["[0:v][1:v]overlay=0:0:format=auto,format=yuv420p[v]"],
    ));
    arguments.extend(args("-map [v]", &[]));
    for stream in facts.audio() {
        arguments.extend(args("-map", &[&format!("2:{}", stream.index)]));
    }
    arguments.extend(args(
        // Decoded: copied MP3 begins before zero, which would shift the picture.
        "-c:v libx264 -preset ultrafast -qp 0 -c:a pcm_s16le -f matroska",
        &[target],
    ));
    arguments
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(format: &str) -> Facts {
        serde_json::from_value(json!({
            "format": { "format_name": format },
            "streams": [
                { "index": 0, "codec_type": "data" },
                { "index": 1, "codec_type": "video" },
                { "index": 2, "codec_type": "audio", "channels": 1 },
            ],
        }))
        .unwrap()
    }

    #[test]
    fn only_flv_needs_continuous_timestamps() {
        assert!(continuous_timestamps(&facts("mpegts")).is_empty());
        assert!(continuous_timestamps(&facts("flv"))[1].contains("PREV_OUTDTS+DTS-PREV_INDTS"));
    }

    #[test]
    fn an_image_is_shown_for_the_given_duration() {
        let generator = serde_json::from_value(
            json!({ "duration": 2_500, "framerateNumerator": 10, "framerateDenominator": 1,
            "width": 600, "height": 598, "imageInput": "s3://b/cover.png" }),
        )
        .unwrap();
        let line = generated(&facts("mp3"), &generator, "image", "input", "repaired").join(" ");
        assert!(
            line.contains("-f lavfi -i color=c=black:s=600x598:r=10/1:d=2.500"),
            "{line}"
        );
        assert!(line.contains("-f png_pipe -i image"), "{line}");
        assert!(line.contains("-map [v] -map 2:2 -c:v libx264"), "{line}");
    }

    #[test]
    fn only_picture_and_audio_are_kept() {
        let line = arguments(&facts("mpegts"), "input", Audio::Decoded, "repaired").join(" ");
        assert!(
            line.contains(
                "-map 0:1 -map 0:2 -c copy -copyinkf -c:a pcm_s16le -ar 48000 -ac:a:0 1 -f matroska repaired"
            ),
            "{line}"
        );
    }
}
