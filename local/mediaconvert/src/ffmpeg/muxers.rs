//! Output formats of FFmpeg, with their options.

use super::{
    super::settings::{CompositionOffsets, MoovPlacement, Output, OutputGroup},
    arguments::args,
    output_format::OutputFormat,
};

/// The container's arguments, ending in the file's name.
pub(super) fn muxing(
    format: OutputFormat,
    group: &OutputGroup,
    output: &Output,
    stem: &str,
    has_video: bool,
) -> (String, Vec<String>) {
    match format {
        OutputFormat::FragmentedMp4 => {
            let offsets = group.output_group_settings.cmaf_group_settings.as_ref();
            let signed = offsets.and_then(|cmaf| cmaf.video_composition_offsets) == Some(CompositionOffsets::Signed);
            // Timestamps stay, and an edit list hides the encoder's delay: picture and audio are in separate files and must not be
            // shifted separately.
            let mut flags = "+cmaf+delay_moov+skip_trailer".to_owned();
            if signed {
                flags.push_str("+negative_cts_offsets");
            }
            if has_video {
                flags.push_str("+frag_keyframe");
            }
            let file = format!("{stem}.mp4");
            let mut arguments = args(
                "-avoid_negative_ts disabled -flush_packets 1 -f mp4 -movflags",
                &[&flags],
            );
            if !has_video {
                arguments.extend(args("-frag_duration 1000000", &[]));
            }
            arguments.push(file.clone());
            (file, arguments)
        }
        OutputFormat::TransportStream => {
            let length = group
                .output_group_settings
                .segments()
                .map_or(10, |segments| segments.length)
                .to_string();
            let file = format!("{stem}/index.m3u8");
            // The muxer starts at 1.4 s and shifts each output that begins earlier: with the offset none does. Timestamps begin at two
            // seconds, as MediaConvert's do.
            let arguments = args(
                "-output_ts_offset 0.6 -f hls -hls_playlist_type event -start_number 1 -hls_segment_type mpegts \
                 -hls_flags independent_segments+temp_file -hls_time",
                &[&length, "-hls_segment_filename", &format!("{stem}/%09d.ts"), &file],
            );
            (file, arguments)
        }
        OutputFormat::Mp4 => {
            let file = format!("{stem}.mp4");
            let front = output.container_settings.mp4_settings.moov_placement != Some(MoovPlacement::Normal);
            let flags: &[&str] = if front { &["-movflags", "+faststart"] } else { &[] };
            let mut arguments = args("-f mp4", flags);
            arguments.push(file.clone());
            (file, arguments)
        }
        OutputFormat::Jpegs => {
            let file = format!("{stem}/%07d.jpg");
            (
                file.clone(),
                args("-f image2 -start_number 0 -atomic_writing 1", &[&file]),
            )
        }
    }
}
