//! Lengths and frame rates that headers do not tell, from the times of the file's packets. Nothing is decoded.
//!
//! Two ways of reading. Where a container says how long it is and its clock only runs forward, FFprobe reads the last packets.
//! Elsewhere FFmpeg reads all of them: streams that were joined begin their clock again, which only reading on mends, and a
//! recording without a length has no end to jump to. A guess from the headers would pass half of such a film for the whole.

use std::{collections::BTreeMap, path::Path};

use super::{
    super::ffmpeg::{
        mend,
        process::{self, Limits, Outcome},
    },
    FORMATS, Facts, Programs, Ratio, Stream,
    ends::{AllEnds, Packet},
};

/// How much of a file's end is read.
const SECONDS: f64 = 15.0;
/// And how many packets at most, whatever their times are.
const PACKETS: u32 = 50_000;
/// Containers whose clock may begin again in the middle.
const RESTARTING: [&str; 5] = ["mpegts", "mpeg", "mpegvideo", "flv", "asf"];
/// An index that lists this much more than its header states is looked into.
const DOUBTFUL: f64 = 1.05;

/// Is there something that headers do not tell? Indexes of MP4 are exact; other containers guess or are silent.
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

/// Fills in what the packets tell. Without a result the headers' words stand.
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

/// Does an MP4's index list more than its header states? An edit list may hide the rest, or the header is wrong: decoders tell.
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
    let from = facts.start() + (facts.duration().unwrap_or_default() - SECONDS).max(0.0);
    let interval = format!("{from:.3}%+#{PACKETS}");
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
        for packet in String::from_utf8_lossy(&stdout).lines().filter_map(packet) {
            ends.add(packet);
        }
    }
    Ok(ends)
}

/// The times of all packets, on the clock that decoding will see.
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
    arguments.extend(mend::running_clock(facts));
    arguments.extend(["-f", "framecrc", "pipe:1"].map(str::to_owned));
    let mut ends = AllEnds::default();
    let mut clocks: BTreeMap<usize, f64> = BTreeMap::new();
    let read = |line: &str| {
        if let Some(clock) = line.strip_prefix("#tb ") {
            clocks.extend(clock_of(clock));
        } else if let Some(packet) = counted(line, &clocks, &tracks, facts.is_raw())
            // What an edit list hides before the first moment is not shown.
            && (!facts.is_mp4() || packet.time >= 0.0)
        {
            ends.add(packet);
        }
        true
    };
    let outcome = process::run(ffmpeg, &arguments, folder, Limits::default(), &process::never(), read).await?;
    // What was read of a file that is too long to be read in time says less than its headers.
    Ok(match outcome {
        Outcome::Exited { .. } => ends,
        Outcome::Killed { .. } => AllEnds::default(),
    })
}

/// `0: 1/90000`: the unit of an output's times.
fn clock_of(words: &str) -> Option<(usize, f64)> {
    let (output, unit) = words.split_once(": ")?;
    Some((output.trim().parse().ok()?, Ratio::parse(unit.trim())?.as_f64()))
}

/// `0, -1024, 0, 1024, …`: output, decoding time, time, length. The times of a raw stream are those of decoding: it states none.
fn counted(line: &str, clocks: &BTreeMap<usize, f64>, tracks: &[u32], raw: bool) -> Option<Packet> {
    let mut cells = line.split(',').map(str::trim);
    let output: usize = cells.next()?.parse().ok()?;
    let unit = clocks.get(&output)?;
    // The smallest number stands for no time.
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

/// After reading everything: tracks begin and end where their packets do, and so does the file.
fn apply_all(facts: &mut Facts, ends: &AllEnds) {
    let Some((first, end)) = ends.whole() else { return };
    for stream in facts.streams.iter_mut().filter(|stream| is_track(stream)) {
        if let Some(ends) = ends.of(stream.index) {
            stream.start_time = Some(format!("{:.6}", ends.first));
        }
    }
    facts.format.start_time = Some(format!("{first:.6}"));
    facts.format.duration = Some(format!("{:.6}", end - first));
    apply(facts, ends, None);
}

/// Lengths and rates of the tracks; none ends after `limit`, unless its own packets do.
fn apply(facts: &mut Facts, ends: &AllEnds, limit: Option<f64>) {
    let rateless: Vec<_> = facts.streams.iter().map(|stream| lacks_rate(facts, stream)).collect();
    let tracks = facts.streams.iter_mut().zip(rateless);
    for (stream, rateless) in tracks.filter(|(stream, _)| is_track(stream)) {
        let Some(ends) = ends.of(stream.index) else { continue };
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

/// A rate that cannot be: base rates of Matroska and WMV files are clocks, not rates; that of a raw stream is 25, whatever it is.
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
    fn packets_tell_the_rate_and_where_tracks_end() {
        let mut facts = facts("matroska,webm");
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
        apply(
            &mut facts,
            &ends(text.iter().filter_map(|line| packet(line))),
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
        // A container that ends before its own last picture is not believed.
        apply(&mut facts, &ends(frames), Some(5.0));
        assert_eq!(facts.streams[0].duration(), Some(8.99));
    }

    #[test]
    fn a_clock_that_begins_again_counts_on() {
        let mut facts = facts("mpegts");
        facts.format.duration = Some("3.24".to_owned());
        let text = "#tb 0: 1/90000\n#tb 1: 1/48000\n0, 0, 2700, 3600, 17, 0xa\n1, 0, 0, 1024, 2, 0xb\n\
                    0, 530000, 540000, 3600, 17, 0xa\n0, 0, -9223372036854775808, 3600, 17, 0xa";
        let mut clocks = BTreeMap::new();
        let mut all = AllEnds::default();
        for line in text.lines() {
            clocks.extend(line.strip_prefix("#tb ").and_then(clock_of));
            if let Some(packet) = counted(line, &clocks, &[0, 1], false) {
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
        let clocks = BTreeMap::from([(0, 1.0 / 1_200_000.0)]);
        let lines = (0..60).map(|frame| format!("0, {}, {}, 40040, 17, 0xa", frame * 40_040 - 96_000, i64::MIN));
        let packets: Vec<_> = lines.filter_map(|line| counted(&line, &clocks, &[0], true)).collect();
        apply_all(&mut facts, &ends(packets));
        assert_eq!(facts.streams[0].frame_rate(), Ratio::new(30_000, 1001));
        assert!((facts.duration().unwrap() - 2.002).abs() < 1e-6, "{:?}", facts.format);
    }

    #[test]
    fn an_index_that_lists_more_than_the_header_states_is_looked_into() {
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
