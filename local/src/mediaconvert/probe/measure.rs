//! Lengths and frame rates that headers do not tell, from the times of the file's last packets. Nothing is decoded.

use std::{collections::BTreeMap, path::Path};

use super::{
    super::ffmpeg::process::{self, Limits, Outcome},
    FORMATS, Facts, Ratio, Stream,
};

/// How much of a file's end is read.
const SECONDS: f64 = 15.0;
/// And how many packets at most, whatever their times are.
const PACKETS: u32 = 50_000;

/// One packet's stream, time and length.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Packet {
    stream: u32,
    time: f64,
    length: f64,
}

/// Is there something that headers do not tell? Indexes of MP4 are exact; other containers guess or are silent.
pub(super) fn is_needed(facts: &Facts) -> bool {
    let mut tracks = facts.streams.iter().filter(|stream| is_track(stream));
    tracks.any(|stream| {
        !facts.is_mp4() || stream.nb_frames.is_none() || stream.duration().is_none() || lacks_rate(stream)
    })
}

/// Fills in what the packets tell. Without a result the headers' words stand.
pub(super) async fn measure(ffprobe: &Path, file: &Path, folder: &Path, facts: &mut Facts) -> anyhow::Result<()> {
    let start = facts.start();
    let from = start + (facts.duration().unwrap_or_default() - SECONDS).max(0.0);
    let entries = "packet=stream_index,pts_time,duration_time";
    let interval = format!("{from:.3}%+#{PACKETS}");
    let arguments = [
        "-v",
        "quiet",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-show_entries",
        entries,
        "-of",
        "compact=p=0",
        "-read_intervals",
        &interval,
    ];
    let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    arguments.push(file.to_string_lossy().into_owned());
    let limits = Limits {
        wall_seconds: 20,
        ..Limits::default()
    };
    if let Outcome::Exited { stdout, .. } = process::output(ffprobe, &arguments, folder, limits).await? {
        let text = String::from_utf8_lossy(&stdout);
        let packets: Vec<Packet> = text.lines().filter_map(packet).collect();
        apply(facts, &packets);
    }
    Ok(())
}

fn packet(line: &str) -> Option<Packet> {
    let members: BTreeMap<&str, &str> = line.split('|').filter_map(|member| member.split_once('=')).collect();
    Some(Packet {
        stream: members.get("stream_index")?.parse().ok()?,
        time: members.get("pts_time")?.parse().ok()?,
        length: members
            .get("duration_time")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0.0),
    })
}

fn apply(facts: &mut Facts, packets: &[Packet]) {
    for stream in facts.streams.iter_mut().filter(|stream| is_track(stream)) {
        let mut own: Vec<Packet> = packets
            .iter()
            .filter(|packet| packet.stream == stream.index)
            .copied()
            .collect();
        own.sort_by(|one, other| one.time.total_cmp(&other.time));
        let (Some(first), Some(last)) = (own.first(), own.last()) else {
            continue;
        };
        let span = last.time - first.time;
        #[expect(clippy::cast_precision_loss, reason = "at most PACKETS")]
        let between = span / (own.len().max(2) - 1) as f64;
        if lacks_rate(stream) && own.len() > 2 && between > 0.0 {
            stream.set_frame_rate(1.0 / between);
        }
        // Containers of milliseconds say nothing of a picture's own length: it lasts as long as the others.
        let last_length = if stream.is_video() && own.len() > 2 {
            between
        } else {
            last.length
        };
        stream.set_duration(last.time + last_length - stream.start());
    }
}

fn is_track(stream: &Stream) -> bool {
    stream.is_video() || stream.codec_type == "audio"
}

/// A rate that cannot be: base rates of Matroska and WMV files are clocks, not rates.
fn lacks_rate(stream: &Stream) -> bool {
    let average = stream.avg_frame_rate.as_deref().and_then(Ratio::parse);
    stream.is_video() && average.is_none_or(|average| average.as_f64() > 240.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn packets_tell_the_rate_and_where_tracks_end() {
        let mut facts: Facts = serde_json::from_value(json!({
            "format": { "format_name": "matroska,webm", "duration": "9.0", "start_time": "0.0" },
            "streams": [
                { "index": 0, "codec_type": "video", "avg_frame_rate": "1000/1", "r_frame_rate": "60/1", "start_time": "0.0" },
                { "index": 1, "codec_type": "audio", "start_time": "0.0" },
                { "index": 2, "codec_type": "subtitle" },
            ],
        }))
        .unwrap();
        assert!(is_needed(&facts));
        // Decoding order: times come out of order.
        let lines = (0..30).map(|frame| {
            let frame = frame ^ 1;
            format!(
                "stream_index=0|pts_time={:.3}|duration_time=0.001",
                f64::from(frame) / 30.0
            )
        });
        let text: Vec<String> = lines
            .chain(["stream_index=1|pts_time=1.2|duration_time=0.05".to_owned()])
            .collect();
        let packets: Vec<Packet> = text.iter().filter_map(|line| packet(line)).collect();
        apply(&mut facts, &packets);
        assert_eq!(facts.streams[0].frame_rate(), Ratio::new(30, 1));
        assert!((facts.streams[0].duration().unwrap() - 1.0).abs() < 0.1);
        assert_eq!(facts.streams[1].duration(), Some(1.25));
    }

    #[test]
    fn an_mp4_with_an_index_needs_no_second_look() {
        let facts: Facts = serde_json::from_value(json!({
            "format": { "format_name": "mov,mp4,m4a,3gp,3g2,mj2" },
            "streams": [{ "index": 0, "codec_type": "video", "avg_frame_rate": "25/1", "duration": "4.0",
                "nb_frames": "100" }],
        }))
        .unwrap();
        assert!(!is_needed(&facts));
    }

    #[test]
    fn a_packet_without_a_time_is_passed_over() {
        assert_eq!(packet("stream_index=0|pts_time=N/A|duration_time=0.04"), None);
        let timed = Packet {
            stream: 1,
            time: 0.5,
            length: 0.0,
        };
        assert_eq!(packet("stream_index=1|pts_time=0.5|duration_time=N/A"), Some(timed));
    }
}
