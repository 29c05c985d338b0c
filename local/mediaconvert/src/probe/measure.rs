//! Durations and frame rates that headers lack, measured on the times of packets. Nothing is decoded.
//!
//! If the container states its duration and its timestamps only grow, FFprobe reads the last packets. Otherwise FFmpeg reads all of
//! them: in joined streams the timestamps restart, and a recording without a duration has no known end to seek to.

use std::{collections::BTreeMap, path::Path};

use super::{
    super::ffmpeg::{
        process::{self, Limits, Outcome},
        repair,
    },
    FORMATS, Facts, Programs, Ratio, Stream,
    ends::{AllEnds, Packet},
};

/// The end of a file that is read, in seconds.
const TAIL_SECONDS: f64 = 15.0;
/// The limit on packets there.
const MAX_PACKETS: u32 = 50_000;
/// Containers whose timestamps may restart.
const RESTARTING: [&str; 5] = ["mpegts", "mpeg", "mpegvideo", "flv", "asf"];
/// An index that is longer than its header states by this factor is checked.
const DOUBTFUL: f64 = 1.05;

/// Whether headers lack something. Indexes of MP4 are exact; other containers estimate or state nothing.
pub(super) fn is_needed(facts: &Facts) -> bool {
    let mut tracks = facts.streams.iter().filter(|stream| is_track(stream));
    tracks.any(|stream| {
        !facts.is_mp4()
            || stream.nb_frames.is_none()
            || stream.duration().is_none()
            || lacks_rate(facts, stream)
            || is_doubtful(facts, stream)
    })
}

/// Replaces the headers' values by measured ones, where there are any.
pub(super) async fn measure(
    programs: Programs<'_>,
    file: &Path,
    folder: &Path,
    facts: &mut Facts,
) -> anyhow::Result<()> {
    let restarts = facts.format.names.split(',').any(|name| RESTARTING.contains(&name));
    let doubtful = facts.streams.iter().any(|stream| is_doubtful(facts, stream));
    if restarts || doubtful || facts.duration().is_none() {
        let ends = read_all(programs.ffmpeg, file, folder, facts).await?;
        apply_all(facts, &ends);
    } else {
        let ends = read_last(programs.ffprobe, file, folder, facts).await?;
        apply(facts, &ends, facts.duration().map(|seconds| facts.start() + seconds));
    }
    Ok(())
}

/// Whether an MP4's index is longer than its header states: an edit list hides the rest, or the header is wrong.
fn is_doubtful(facts: &Facts, stream: &Stream) -> bool {
    let listed = stream
        .nb_frames
        .as_deref()
        .and_then(|frames| frames.parse::<f64>().ok());
    let rate = stream.avg_frame_rate.as_deref().and_then(Ratio::parse);
    let (Some(listed), Some(rate), Some(stated)) = (listed, rate, stream.duration()) else {
        return false;
    };
    facts.is_mp4() && stream.is_video() && listed / rate.as_f64() > stated * DOUBTFUL
}

async fn read_last(ffprobe: &Path, file: &Path, folder: &Path, facts: &Facts) -> anyhow::Result<AllEnds> {
    let from = facts.start() + (facts.duration().unwrap_or_default() - TAIL_SECONDS).max(0.0);
    let interval = format!("{from:.3}%+#{MAX_PACKETS}");
    let mut arguments: Vec<String> = [
        "-v",
        "quiet",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-show_entries",
        "packet=stream_index,pts_time,duration_time",
        "-of",
        "compact=p=0",
        "-read_intervals",
        &interval,
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(file.to_string_lossy().into_owned());
    let limits = Limits {
        wall_seconds: 20,
        ..Limits::default()
    };
    let mut ends = AllEnds::default();
    if let Outcome::Exited { stdout, .. } = process::output(ffprobe, &arguments, folder, limits).await? {
        for packet in String::from_utf8_lossy(&stdout).lines().filter_map(parse_packet) {
            ends.add(packet);
        }
    }
    Ok(ends)
}

/// The times of all packets, as the decoder will get them.
async fn read_all(ffmpeg: &Path, file: &Path, folder: &Path, facts: &Facts) -> anyhow::Result<AllEnds> {
    let mut arguments: Vec<String> = "-nostdin -v quiet -protocol_whitelist file -format_whitelist"
        .split(' ')
        .chain([FORMATS, "-i"])
        .map(str::to_owned)
        .collect();
    arguments.push(file.to_string_lossy().into_owned());
    let tracks: Vec<u32> = facts
        .streams
        .iter()
        .filter(|stream| is_track(stream))
        .map(|stream| stream.index)
        .collect();
    for index in &tracks {
        arguments.extend(["-map".to_owned(), format!("0:{index}")]);
    }
    arguments.extend(["-c", "copy", "-copyinkf"].map(str::to_owned));
    arguments.extend(repair::continuous_timestamps(facts));
    arguments.extend(["-f", "framecrc", "pipe:1"].map(str::to_owned));
    let mut ends = AllEnds::default();
    let mut time_bases: BTreeMap<usize, f64> = BTreeMap::new();
    let read = |line: &str| {
        if let Some(time_base) = line.strip_prefix("#tb ") {
            time_bases.extend(parse_time_base(time_base));
        } else if let Some(packet) = parse_crc_line(line, &time_bases, &tracks, facts.is_raw())
            // Packets before zero are hidden by an edit list.
            && (!facts.is_mp4() || packet.time >= 0.0)
        {
            ends.add(packet);
        }
        true
    };
    let outcome = process::run(ffmpeg, &arguments, folder, Limits::default(), &process::never(), read).await?;
    // If the file is too long to be read in time, its headers are better than a part of its packets.
    Ok(match outcome {
        Outcome::Exited { .. } => ends,
        Outcome::Killed { .. } => AllEnds::default(),
    })
}

/// `0: 1/90000`: the time base of an output.
fn parse_time_base(text: &str) -> Option<(usize, f64)> {
    let (output, unit) = text.split_once(": ")?;
    Some((output.trim().parse().ok()?, Ratio::parse(unit.trim())?.as_f64()))
}

/// `0, -1024, 0, 1024, …`: output, decode time, presentation time, length. A raw stream has decode times only.
fn parse_crc_line(line: &str, time_bases: &BTreeMap<usize, f64>, tracks: &[u32], raw: bool) -> Option<Packet> {
    let mut cells = line.split(',').map(str::trim);
    let output: usize = cells.next()?.parse().ok()?;
    let unit = time_bases.get(&output)?;
    // The smallest number means no time.
    let mut ticks = cells.map(|cell| cell.parse::<i64>().ok().filter(|ticks| *ticks != i64::MIN));
    let (decoded, shown, length) = (ticks.next()?, ticks.next()?, ticks.next()?);
    #[expect(clippy::cast_precision_loss, reason = "ticks of a film are far below 2^52")]
    let seconds = |ticks: i64| ticks as f64 * unit;
    Some(Packet {
        stream: *tracks.get(output)?,
        time: seconds(if raw { decoded } else { shown }?),
        length: seconds(length?),
    })
}

fn parse_packet(line: &str) -> Option<Packet> {
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

/// Takes start and end of tracks and file from their packets.
fn apply_all(facts: &mut Facts, ends: &AllEnds) {
    let Some((first, end)) = ends.whole() else { return };
    for stream in facts.streams.iter_mut().filter(|stream| is_track(stream)) {
        if let Some(ends) = ends.get(stream.index) {
            stream.start_time = Some(format!("{:.6}", ends.first));
        }
    }
    facts.format.start_time = Some(format!("{first:.6}"));
    facts.format.duration = Some(format!("{:.6}", end - first));
    apply(facts, ends, None);
}

/// Takes durations and rates of tracks from their packets. Pictures end by `limit`, unless there are packets after it.
fn apply(facts: &mut Facts, ends: &AllEnds, limit: Option<f64>) {
    let rateless: Vec<_> = facts.streams.iter().map(|stream| lacks_rate(facts, stream)).collect();
    let tracks = facts.streams.iter_mut().zip(rateless);
    for (stream, rateless) in tracks.filter(|(stream, _)| is_track(stream)) {
        let Some(ends) = ends.get(stream.index) else { continue };
        if let Some(gap) = ends.mean_gap().filter(|_| rateless) {
            stream.set_frame_rate(1.0 / gap);
        }
        let end = if stream.is_video() {
            let end = ends.picture_end(stream.frame_rate().map(Ratio::as_f64));
            limit.map_or(end, |limit| end.min(limit.max(ends.last())))
        } else {
            ends.stated_end()
        };
        stream.set_duration(end - stream.start());
    }
}

fn is_track(stream: &Stream) -> bool {
    stream.is_video() || stream.codec_type == "audio"
}

/// Whether the stated rate is useless: base rates of Matroska and WMV are time bases, and the rate of a raw stream is always 25.
fn lacks_rate(facts: &Facts, stream: &Stream) -> bool {
    let average = stream.avg_frame_rate.as_deref().and_then(Ratio::parse);
    stream.is_video() && (facts.is_raw() || average.is_none_or(|average| average.as_f64() > 240.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(format: &str) -> Facts {
        serde_json::from_value(json!({
            "format": { "format_name": format, "duration": "9.0", "start_time": "0.0" },
            "streams": [
                { "index": 0, "codec_type": "video", "avg_frame_rate": "1000/1", "r_frame_rate": "60/1", "start_time": "0.0" },
                { "index": 1, "codec_type": "audio", "start_time": "0.0" },
                { "index": 2, "codec_type": "subtitle" },
            ],
        }))
        .unwrap()
    }

    fn ends(packets: impl IntoIterator<Item = Packet>) -> AllEnds {
        let mut ends = AllEnds::default();
        packets.into_iter().for_each(|packet| ends.add(packet));
        ends
    }

    #[test]
    fn packets_give_the_rate_and_the_end_of_tracks() {
        let mut facts = facts("matroska,webm");
        assert!(is_needed(&facts));
        // In decode order, presentation times are not sorted.
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
        apply(
            &mut facts,
            &ends(text.iter().filter_map(|line| parse_packet(line))),
            Some(9.0),
        );
        assert_eq!(facts.streams[0].frame_rate(), Ratio::new(30, 1));
        assert!((facts.streams[0].duration().unwrap() - 1.0).abs() < 0.01);
        assert_eq!(facts.streams[1].duration(), Some(1.25));
    }

    #[test]
    fn a_picture_does_not_outlast_its_container() {
        let mut facts = facts("matroska,webm");
        let frame = |time: f64| Packet {
            stream: 0,
            time,
            length: 0.0,
        };
        let frames = [0.0, 0.04, 4.0, 8.95, 8.99].map(frame);
        apply(&mut facts, &ends(frames), Some(9.0));
        assert_eq!(facts.streams[0].duration(), Some(9.0));
        // A container's duration is ignored if its last picture is later.
        apply(&mut facts, &ends(frames), Some(5.0));
        assert_eq!(facts.streams[0].duration(), Some(8.99));
    }

    #[test]
    fn timestamps_that_restart_continue() {
        let mut facts = facts("mpegts");
        facts.format.duration = Some("3.24".to_owned());
        let text = "#tb 0: 1/90000\n#tb 1: 1/48000\n0, 0, 2700, 3600, 17, 0xa\n1, 0, 0, 1024, 2, 0xb\n\
                    0, 530000, 540000, 3600, 17, 0xa\n0, 0, -9223372036854775808, 3600, 17, 0xa";
        let mut time_bases = BTreeMap::new();
        let mut all = AllEnds::default();
        for line in text.lines() {
            time_bases.extend(line.strip_prefix("#tb ").and_then(parse_time_base));
            if let Some(packet) = parse_crc_line(line, &time_bases, &[0, 1], false) {
                all.add(packet);
            }
        }
        apply_all(&mut facts, &all);
        assert!((facts.duration().unwrap() - 6.04).abs() < 1e-6, "{:?}", facts.format);
        assert!((facts.streams[0].start() - 0.03).abs() < 1e-6);
        assert!((facts.streams[1].duration().unwrap() - 1024.0 / 48_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_raw_stream_has_the_rate_and_length_of_its_pictures() {
        let mut facts = facts("h264");
        facts.streams[0].avg_frame_rate = Some("25/1".to_owned());
        let time_bases = BTreeMap::from([(0, 1.0 / 1_200_000.0)]);
        let lines = (0..60).map(|frame| format!("0, {}, {}, 40040, 17, 0xa", frame * 40_040 - 96_000, i64::MIN));
        let packets: Vec<_> = lines
            .filter_map(|line| parse_crc_line(&line, &time_bases, &[0], true))
            .collect();
        apply_all(&mut facts, &ends(packets));
        assert_eq!(facts.streams[0].frame_rate(), Ratio::new(30_000, 1001));
        assert!((facts.duration().unwrap() - 2.002).abs() < 1e-6, "{:?}", facts.format);
    }

    #[test]
    fn an_index_that_is_longer_than_the_header_is_checked() {
        let needed = |stated: &str| {
            let facts: Facts = serde_json::from_value(json!({
                "format": { "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": stated },
                "streams": [{ "index": 0, "codec_type": "video", "avg_frame_rate": "2/1", "duration": stated,
                    "nb_frames": "2400" }],
            }))
            .unwrap();
            is_needed(&facts)
        };
        assert!(needed("1.0"));
        assert!(!needed("1199.5"));
    }

    #[test]
    fn an_mp4_with_an_index_is_not_measured() {
        let facts: Facts = serde_json::from_value(json!({
            "format": { "format_name": "mov,mp4,m4a,3gp,3g2,mj2" },
            "streams": [{ "index": 0, "codec_type": "video", "avg_frame_rate": "25/1", "duration": "4.0",
                "nb_frames": "100" }],
        }))
        .unwrap();
        assert!(!is_needed(&facts));
    }

    #[test]
    fn a_packet_without_a_time_is_ignored() {
        assert_eq!(parse_packet("stream_index=0|pts_time=N/A|duration_time=0.04"), None);
        let timed = Packet {
            stream: 1,
            time: 0.5,
            length: 0.0,
        };
        assert_eq!(
            parse_packet("stream_index=1|pts_time=0.5|duration_time=N/A"),
            Some(timed)
        );
    }
}
