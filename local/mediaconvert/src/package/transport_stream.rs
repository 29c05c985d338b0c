//! MPEG-TS segments of FFmpeg's HLS muxer, which lists them in a growing playlist.

/// The listed segments: file names and seconds.
pub(crate) fn listed(playlist: &str) -> Vec<(&str, f64)> {
    let mut segments = Vec::new();
    let mut seconds = None;
    for line in playlist.lines() {
        if let Some(duration) = line.strip_prefix("#EXTINF:") {
            seconds = duration.split(',').next().and_then(|duration| duration.parse().ok());
        } else if !line.starts_with('#') && !line.is_empty() {
            // A name without a duration is a line that is being written.
            if let Some(seconds) = seconds.take() {
                segments.push((line, seconds));
            }
        }
    }
    segments
}

/// The H.264 codec in the form of RFC 6381, from the parameter set of a segment.
pub(crate) fn video_codec(segment: &[u8]) -> Option<String> {
    segment.windows(7).find_map(|bytes| match bytes {
        [0, 0, 1, kind, profile, constraints, level] if kind & 0x1f == 7 => {
            Some(format!("avc1.{profile:02x}{constraints:02x}{level:02x}"))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_playlist_lists_complete_segments() {
        let text = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.000000,\n000000001.ts\n#EXTINF:5.5,\n";
        assert_eq!(listed(text), [("000000001.ts", 6.0)]);
    }

    #[test]
    fn the_codec_is_in_the_parameter_set() {
        let segment = [0x47, 0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, 0x64, 0x00, 0x1f, 0xac];
        assert_eq!(video_codec(&segment).as_deref(), Some("avc1.64001f"));
        assert_eq!(video_codec(&[0; 20]), None);
    }
}
