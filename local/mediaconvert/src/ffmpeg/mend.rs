//! Mending a source before it is transcoded: what FFmpeg cannot follow in one run is written anew, once.

use super::super::{
    probe::{FORMATS, Facts},
    settings::VideoGenerator,
};
use super::arguments::args;

/// An FLV clock that goes back is one that began again in a joined file: it counts on from where it was. MPEG streams are
/// mended by FFmpeg itself; FLV's demuxer lets the second half overlap the first.
const COUNT_ON: &str = "if(eq(N,0),DTS,if(lt(DTS,PREV_INDTS),PREV_OUTDTS+max(DURATION,1),PREV_OUTDTS+DTS-PREV_INDTS))";

/// Copying with a clock that runs forward only; nothing for containers that need no such help.
pub(crate) fn running_clock(facts: &Facts) -> Vec<String> {
    if !facts.format.names.split(',').any(|name| name == "flv") {
        return Vec::new();
    }
    let filter = format!("setts=dts='{COUNT_ON}':pts='PTS-DTS+{COUNT_ON}'");
    ["-bsf:v", &filter, "-bsf:a", &filter].map(str::to_owned).to_vec()
}

/// How the sound is treated on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// As it is.
    Copied,
    /// Decoded to one rate and one number of channels: encoding cannot follow a change in the middle.
    Decoded,
}

/// Copies picture and sound of a source into a Matroska file.
pub(crate) fn arguments(facts: &Facts, source: &str, sound: Sound, mended: &str) -> Vec<String> {
    let mut arguments = args(
        "-nostdin -v warning -y -protocol_whitelist file -format_whitelist",
        &[FORMATS],
    );
    arguments.extend(args("-i", &[source]));
    for stream in facts.video().into_iter().chain(facts.audio()) {
        arguments.extend(args("-map", &[&format!("0:{}", stream.index)]));
    }
    arguments.extend(args("-c copy -copyinkf", &[]));
    match sound {
        Sound::Copied => arguments.extend(running_clock(facts)),
        Sound::Decoded => {
            arguments.extend(args("-c:a pcm_s16le -ar 48000", &[]));
            for (track, stream) in facts.audio().enumerate() {
                arguments.extend(args(
                    &format!("-ac:a:{track}"),
                    &[&stream.channels.clamp(1, 8).to_string()],
                ));
            }
        }
    }
    arguments.extend(args("-f matroska", &[mended]));
    arguments
}

/// Writes the film of an image that stands still, on black, and the sound of another file.
pub(crate) fn generated(
    facts: &Facts,
    generator: &VideoGenerator,
    image: &str,
    sound: &str,
    written: &str,
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
    // By its name: an image that is none is refused, whatever it is.
    arguments.extend(args("-protocol_whitelist file -f png_pipe -i", &[image]));
    arguments.extend(args(
        "-protocol_whitelist file -format_whitelist",
        &[FORMATS, "-i", sound],
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
        // Decoded: a copy of MP3 begins before nought, and would move the picture.
        "-c:v libx264 -preset ultrafast -qp 0 -c:a pcm_s16le -f matroska",
        &[written],
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
    fn only_flv_needs_its_clock_mended() {
        assert!(running_clock(&facts("mpegts")).is_empty());
        assert!(running_clock(&facts("flv"))[1].contains("PREV_OUTDTS+DTS-PREV_INDTS"));
    }

    #[test]
    fn an_image_stands_still_for_as_long_as_it_is_told() {
        let generator = serde_json::from_value(
            json!({ "duration": 2_500, "framerateNumerator": 10, "framerateDenominator": 1,
            "width": 600, "height": 598, "imageInput": "s3://b/cover.png" }),
        )
        .unwrap();
        let line = generated(&facts("mp3"), &generator, "image", "input", "mended").join(" ");
        assert!(
            line.contains("-f lavfi -i color=c=black:s=600x598:r=10/1:d=2.500"),
            "{line}"
        );
        assert!(line.contains("-f png_pipe -i image"), "{line}");
        assert!(line.contains("-map [v] -map 2:2 -c:v libx264"), "{line}");
    }

    #[test]
    fn picture_and_sound_are_kept_and_nothing_else() {
        let line = arguments(&facts("mpegts"), "input", Sound::Decoded, "mended").join(" ");
        assert!(
            line.contains("-map 0:1 -map 0:2 -c copy -copyinkf -c:a pcm_s16le -ar 48000 -ac:a:0 1 -f matroska mended"),
            "{line}"
        );
    }
}
