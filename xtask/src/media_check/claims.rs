//! Whether the manifest confirms the reason of a refusal.

use super::manifest::Facts;

/// Default limits of an installation, which a refusal may name.
pub(super) const MAX_SECONDS: f64 = 14_400.0;
const MAX_BYTES: u64 = 53_687_091_200;
const MAX_PIXELS: u64 = 8192 * 4320;
/// A shorter film may be refused as too short.
const MIN_SECONDS: f64 = 0.25;
/// Sides of a picture that MediaConvert can encode.
const SIDES: std::ops::RangeInclusive<u64> = 32..=8192;

/// Codecs and containers that MediaConvert's Probe names (the enums `Codec` and `Format` of its API), and GIF, which its jobs
/// read, by ffprobe's names. All others are unsupported.
const VIDEO_CODECS: [&str; 20] = [
    "av1",
    "dnxhd",
    "dvvideo",
    "gif",
    "h263",
    "h264",
    "hevc",
    "jpeg2000",
    "mjpeg",
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "prores",
    "qtrle",
    "rawvideo",
    "theora",
    "vc1",
    "vp8",
    "vp9",
    "wmv3",
];
const AUDIO_CODECS: [&str; 13] = [
    "aac", "ac3", "amr_nb", "amr_wb", "eac3", "flac", "mp2", "mp3", "opus", "vorbis", "wmapro", "wmav1", "wmav2",
];
const CONTAINERS: [&str; 15] = [
    "3g2",
    "3gp",
    "asf",
    "avi",
    "gif",
    "m4v",
    "matroska",
    "mov",
    "mp4",
    "mpeg",
    "mpegts",
    "mxf",
    "mxf_opatom",
    "ogg",
    "webm",
];

/// Whether the manifest confirms an error; `None` for errors that do not describe the file.
pub(super) fn claim(facts: &Facts, error: &str) -> Option<bool> {
    let video = facts.video.as_ref();
    let nothing_decodes = facts.pictures == Some(0);
    Some(match error {
        "EmptyFile" => facts.size_bytes == Some(0),
        "NotAVideo" => facts.container.is_none() || video.is_none() || nothing_decodes,
        "NoVideoStream" => video.is_none(),
        "Encrypted" => facts.encrypted,
        "UnsupportedFormat" => nothing_decodes || !is_supported(facts),
        "TooShort" => facts.seconds.is_some_and(|seconds| seconds < MIN_SECONDS),
        "TooLong" => facts.seconds.is_some_and(|seconds| seconds > MAX_SECONDS),
        "TooLarge" => facts.size_bytes.is_some_and(|bytes| bytes > MAX_BYTES),
        "TooManyPixels" => video.is_some_and(|video| video.width * video.height > MAX_PIXELS),
        _ => return None,
    })
}

fn is_supported(facts: &Facts) -> bool {
    let container = facts.container.as_deref().unwrap_or_default();
    let known_container = container.split(',').any(|name| CONTAINERS.contains(&name));
    let known_picture = facts.video.as_ref().is_some_and(|video| {
        let sides = SIDES.contains(&video.width) && SIDES.contains(&video.height);
        sides && VIDEO_CODECS.contains(&video.codec.as_str())
    });
    let silent = facts.sounds.is_empty();
    known_container && known_picture && (silent || has_supported_sound(facts))
}

/// Whether the file has sound that can be converted.
pub(super) fn has_supported_sound(facts: &Facts) -> bool {
    let known_sound = |codec: &String| codec.starts_with("pcm_") || AUDIO_CODECS.contains(&codec.as_str());
    facts.sounds.iter().any(known_sound)
}

#[cfg(test)]
mod tests {
    use super::super::manifest::Row;
    use super::super::manifest::tests::row_of;
    use super::*;

    fn is_confirmed(row: &Row, error: &str) -> bool {
        claim(&row.facts, error) == Some(true)
    }

    #[test]
    fn refusals_are_confirmed_by_the_manifest() {
        let short = row_of(&[
            "a.mp4",
            "ok",
            "9",
            "mov,mp4",
            "0.04",
            "h264 640x480 yuv420p",
            "",
            "accept",
            "rc=0 v=1",
        ]);
        assert!(is_confirmed(&short, "TooShort"));
        let wmv = row_of(&[
            "a.asf",
            "ok",
            "9",
            "asf",
            "9",
            "wmv2 640x356 yuv420p",
            "",
            "accept",
            "rc=0 v=1",
        ]);
        assert!(is_confirmed(&wmv, "UnsupportedFormat"));
        let flash = row_of(&[
            "a.flv",
            "ok",
            "9",
            "flv",
            "9",
            "h264 640x356 yuv420p",
            "",
            "accept",
            "rc=0 v=1",
        ]);
        assert!(is_confirmed(&flash, "UnsupportedFormat"));
        let tiny = row_of(&[
            "a.mp4",
            "ok",
            "9",
            "mov,mp4",
            "9",
            "h264 8x8 yuv420p",
            "",
            "accept",
            "rc=0 v=8",
        ]);
        assert!(is_confirmed(&tiny, "UnsupportedFormat"));
        let dts = row_of(&[
            "a.ts",
            "ok",
            "9",
            "mpegts",
            "9",
            "h264 640x426 yuv420p | dts 1ch 44100",
            "",
            "accept",
            "rc=0 v=8",
        ]);
        assert!(is_confirmed(&dts, "UnsupportedFormat"));
        let both = row_of(&[
            "a.ts",
            "ok",
            "9",
            "mpegts",
            "9",
            "h264 640x426 yuv420p | dts 1ch, aac 2ch | subs x",
            "",
            "accept",
            "rc=0 v=8",
        ]);
        assert!(!is_confirmed(&both, "UnsupportedFormat"));
        let huge = row_of(&[
            "a.mp4",
            "ok",
            "9",
            "mov,mp4",
            "9",
            "hevc 16384x8192 yuv420p",
            "",
            "accept",
            "rc=0 v=8",
        ]);
        assert!(is_confirmed(&huge, "TooManyPixels"));
        let endless = row_of(&[
            "a.mp4",
            "ok",
            "9",
            "mov,mp4",
            "143165.6",
            "h264 1080x720 yuv420p",
            "",
            "accept",
            "rc=0 v=8",
        ]);
        assert!(is_confirmed(&endless, "TooLong"));
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(VIDEO_CODECS.is_sorted() && AUDIO_CODECS.is_sorted() && CONTAINERS.is_sorted());
    }
}
