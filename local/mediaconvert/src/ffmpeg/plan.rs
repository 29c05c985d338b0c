//! The plan of a job: one FFmpeg command, and the outputs that it writes.

use super::{
    super::{
        job::JobError,
        probe::{FORMATS, Facts, Ratio, Stream},
        settings::{
            AudioDescription, Container, GroupType, Input, JobSettings, LanguageCodeControl, Output, OutputGroup,
            PadVideo, VideoCodec, VideoDescription,
        },
    },
    arguments::args,
    encoders::{self, Cadence},
    filters::{self, Branch, Chain, TreatmentInput},
    muxers::muxing,
    output_format::OutputFormat,
    scaling::{self, Geometry},
    source,
};

/// Larger pictures are not decoded: 8192 × 4320.
const MAX_PIXELS: &str = "36000000";
/// The limit of a single allocation of FFmpeg.
const MAX_ALLOCATION: &str = "1500000000";

/// The command and its outputs.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) arguments: Vec<String>,
    pub(crate) outputs: Vec<PlannedOutput>,
    /// The expected length of the longest output.
    pub(crate) seconds: f64,
}

/// An output of the job, and the file that FFmpeg writes for it.
#[derive(Clone, Debug)]
pub(crate) struct PlannedOutput {
    pub(crate) group: usize,
    pub(crate) index: usize,
    pub(crate) format: OutputFormat,
    /// Below the job's folder.
    pub(crate) file: String,
    pub(crate) video: Option<PlannedVideo>,
    pub(crate) audio: Option<PlannedAudio>,
    pub(crate) seconds: f64,
}

/// The picture of an output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlannedVideo {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rate: Ratio,
}

/// The audio of an output.
#[derive(Clone, Debug)]
pub(crate) struct PlannedAudio {
    pub(crate) channels: u32,
    pub(crate) language: Option<String>,
}

/// Plans a job. Settings that do not fit the source are the job's error.
pub(crate) fn plan(settings: &JobSettings, facts: &Facts, input_file: &str) -> Result<Plan, JobError> {
    let input = settings
        .inputs
        .first()
        .ok_or_else(|| JobError::new(1040, "The job has no input"))?;
    let planner = Planner {
        input,
        facts,
        video: facts.video(),
        audio_end: audio_end(settings, input, facts),
    };
    let mut branches = Vec::new();
    let mut chains = Vec::new();
    let mut outputs = Vec::new();
    let mut tail = Vec::new();
    for (group_index, group) in settings.output_groups.iter().enumerate() {
        for (index, output) in group.outputs.iter().enumerate() {
            let place = Place {
                group: group_index,
                index,
                number: outputs.len(),
            };
            let (planned_output, branch, arguments) = planner.output(group, output, place, &mut chains)?;
            branches.extend(branch);
            tail.extend(arguments);
            outputs.push(planned_output);
        }
    }
    let mut arguments = planner.input_arguments(input_file, !branches.is_empty());
    let pictures = planner.video.filter(|_| !branches.is_empty());
    let pictures = pictures.map(|video| filters::graph(video.index, &branches));
    let graph: Vec<String> = pictures.into_iter().chain(chains.iter().map(Chain::text)).collect();
    if !graph.is_empty() {
        arguments.extend(["-filter_complex".to_owned(), graph.join(";")]);
    }
    arguments.extend(tail);
    let seconds = outputs.iter().map(|output| output.seconds).fold(0.0, f64::max);
    Ok(Plan {
        arguments,
        outputs,
        seconds,
    })
}

struct Planner<'a> {
    input: &'a Input,
    facts: &'a Facts,
    video: Option<&'a Stream>,
    /// The end of the longest audio that an output takes.
    audio_end: f64,
}

/// The end of the longest audio that an output takes; other tracks do not count.
fn audio_end(settings: &JobSettings, input: &Input, facts: &Facts) -> f64 {
    let outputs = settings.output_groups.iter().flat_map(|group| &group.outputs);
    let sounds = outputs.flat_map(|output| &output.audio_descriptions);
    let taken = sounds.filter_map(|description| source::sound(input, facts, description).ok());
    taken
        .flat_map(|sound| sound.streams)
        .map(|stream| end_of(stream, facts))
        .fold(0.0, f64::max)
}

/// The end of a track, from the start of the file.
fn end_of(stream: &Stream, facts: &Facts) -> f64 {
    let late = (stream.start() - facts.start()).max(0.0);
    stream
        .duration()
        .map_or_else(|| facts.duration().unwrap_or_default(), |own| late + own)
}

#[derive(Clone, Copy)]
struct Place {
    group: usize,
    index: usize,
    /// The index over all groups.
    number: usize,
}

impl Planner<'_> {
    fn input_arguments(&self, file: &str, decodes_video: bool) -> Vec<String> {
        let mut arguments = args(
            "-nostdin -hide_banner -nostats -v warning -y -progress pipe:1 -stats_period 0.5 -max_alloc",
            &[MAX_ALLOCATION],
        );
        arguments.extend(args("-protocol_whitelist file -format_whitelist", &[FORMATS]));
        if let Some(video) = self.video.filter(|_| decodes_video) {
            arguments.extend(args("-max_pixels:v", &[MAX_PIXELS]));
            // The settings decide the rotation; the source's is neither applied nor copied.
            arguments.extend([
                "-noautorotate".to_owned(),
                format!("-display_rotation:{}", video.index),
                "0".to_owned(),
            ]);
            // Transparent parts of a GIF become black instead of white.
            if video.is_gif() {
                arguments.extend(args("-trans_color", &["0"]));
            }
        }
        // The graph fits frames of another size. Audio whose format changes ends the run; it is repaired for another one.
        arguments.extend(args("-reinit_filter 0 -i", &[file]));
        arguments
    }

    fn output(
        &self,
        group: &OutputGroup,
        output: &Output,
        place: Place,
        chains: &mut Vec<Chain>,
    ) -> Result<(PlannedOutput, Option<Branch>, Vec<String>), JobError> {
        let kind = group.output_group_settings.kind;
        let mut arguments = Vec::new();
        let mut branch = None;
        let mut video = None;
        let mut seconds: f64 = 0.0;
        if let Some(description) = &output.video_description {
            let (planned, its_branch, encoding) = self.picture(group, description, place)?;
            arguments.extend(["-map".to_owned(), format!("[{}]", its_branch.label)]);
            arguments.extend(encoding);
            seconds = self.picture_seconds().unwrap_or_default();
            video = Some(planned);
            branch = Some(its_branch);
        }
        let mut audio = None;
        for (track, description) in output.audio_descriptions.iter().enumerate() {
            let (planned, length, encoding) = self.sound(description, track, chains)?;
            arguments.extend(encoding);
            if video.is_none() {
                seconds = length;
            }
            audio = audio.or(Some(planned));
        }
        arguments.extend(args("-map_metadata -1 -map_chapters -1", &[]));
        let is_picture = output.container_settings.container == Some(Container::Raw);
        let format = match kind {
            GroupType::Cmaf => OutputFormat::FragmentedMp4,
            GroupType::Hls => OutputFormat::TransportStream,
            GroupType::File if is_picture => OutputFormat::Jpegs,
            GroupType::File => OutputFormat::Mp4,
        };
        let stem = format!("out/{}-{}", place.group, place.index);
        let (file, muxing) = muxing(format, group, output, &stem, video.is_some());
        arguments.extend(muxing);
        let Place { group, index, .. } = place;
        Ok((
            PlannedOutput {
                group,
                index,
                format,
                file,
                video,
                audio,
                seconds,
            },
            branch,
            arguments,
        ))
    }

    fn picture(
        &self,
        group: &OutputGroup,
        description: &VideoDescription,
        place: Place,
    ) -> Result<(PlannedVideo, Branch, Vec<String>), JobError> {
        let video = self
            .video
            .ok_or_else(|| JobError::new(1020, "Can't find any video in the input stream"))?;
        if video.width == 0 || video.height == 0 || !video.is_decodable() {
            let message = format!(
                "Unsupported video codec or format in the input: [{}]",
                video.codec_name_or_tag()
            );
            return Err(JobError::new(1030, message));
        }
        let rotation = source::rotation(self.input, self.facts, video);
        let geometry = scaling::geometry(source::picture(video, rotation), description, place.index)?;
        let h264 = &description.codec_settings.h264_settings;
        let rate = h264
            .specified_rate()
            .or_else(|| video.frame_rate())
            .unwrap_or(ASSUMED_RATE);
        let treatment_input = TreatmentInput {
            video,
            rotation,
            rate,
            black: self.black(),
            clip: self.clip(),
        };
        let Geometry { width, height, filters } = geometry;
        let (filters, encoding) = match description.codec_settings.codec {
            VideoCodec::H264 => {
                let segments = group.output_group_settings.segments();
                let seconds = segments.map(|segments| f64::from(segments.length));
                let exact = segments
                    .filter(|segments| segments.is_exact())
                    .map(|segments| f64::from(segments.length));
                (filters, encoders::h264(h264, Cadence::new(h264, seconds, exact), rate))
            }
            VideoCodec::FrameCapture => {
                let settings = description.codec_settings.frame_capture_settings;
                (filters::captures(settings, &filters), encoders::jpeg(settings))
            }
        };
        let label = format!("v{}", place.number);
        let branch = Branch {
            treatment: treatment_input.treatment(description),
            filters,
            label,
        };
        Ok((PlannedVideo { width, height, rate }, branch, encoding))
    }

    fn sound(
        &self,
        description: &AudioDescription,
        track: usize,
        chains: &mut Vec<Chain>,
    ) -> Result<(PlannedAudio, f64, Vec<String>), JobError> {
        let source::Sound { streams, offset } = source::sound(self.input, self.facts, description)?;
        if let Some(unknown) = streams.iter().find(|stream| !stream.is_decodable()) {
            let message = format!(
                "Unsupported audio codec in the input: [{}]",
                unknown.codec_name_or_tag()
            );
            return Err(JobError::new(1030, message));
        }
        let ends = streams.iter().map(|stream| end_of(stream, self.facts));
        let own = ends.fold(0.0, f64::max);
        let settings = &description.codec_settings.aac_settings;
        // Where joined recordings overlap, audio that drifted by more than this is cut, to end with the picture.
        let mut filters = vec!["aresample=async=1:min_hard_comp=0.05:first_pts=0".to_owned()];
        match offset {
            0 => {}
            1.. => filters.push(format!("adelay={offset}:all=1")),
            _ => filters.push(format!(
                "atrim=start={:.3},asetpts=PTS-STARTPTS",
                f64::from(-offset) / 1000.0
            )),
        }
        let own = match self.clip() {
            Some(seconds) => {
                filters.push(format!("atrim=end={seconds:.6}"));
                own.min(seconds)
            }
            None => own,
        };
        // Silence follows audio that ends before the picture.
        let picture = self.picture_seconds();
        if let Some(seconds) = picture {
            filters.push(format!("apad=whole_dur={seconds:.3}"));
        }
        let mut arguments = match streams.as_slice() {
            [stream] => args(
                "-map",
                &[
                    &format!("0:{}", stream.index),
                    &format!("-filter:a:{track}"),
                    &filters.join(","),
                ],
            ),
            several => {
                let label = format!("a{}", chains.len());
                let map = args("-map", &[&format!("[{label}]")]);
                chains.push(if several.is_empty() {
                    let film = picture.or(self.facts.duration()).unwrap_or_default();
                    Chain::silence(&label, film, settings.sample_rate)
                } else {
                    Chain::merged(&label, several, own, &filters.join(","))
                });
                map
            }
        };
        arguments.extend(encoders::aac(settings, track));
        let language = language(description, streams.first().copied());
        if let Some(language) = &language {
            arguments.extend([format!("-metadata:s:a:{track}"), format!("language={language}")]);
        }
        let planned = PlannedAudio {
            channels: settings.coding_mode.channels(),
            language,
        };
        Ok((planned, own.max(picture.unwrap_or_default()), arguments))
    }

    /// The length of the picture in the outputs, with black.
    fn picture_seconds(&self) -> Option<f64> {
        let whole = end_of(self.video?, self.facts) + self.black().unwrap_or_default();
        Some(self.clip().map_or(whole, |clip| whole.min(clip)))
    }

    /// The time from the end of the picture to the end of the audio, if black fills it.
    fn black(&self) -> Option<f64> {
        let pads = self.input.video_selector.pad_video == Some(PadVideo::Black);
        let video = end_of(self.video.filter(|_| pads)?, self.facts);
        let sound = self.audio_end;
        (sound > video + 0.02).then_some(sound - video)
    }

    /// The length of the clip, if the settings have one.
    fn clip(&self) -> Option<f64> {
        let end = self.input.clippings.first()?.end_timecode?;
        let rate = self.video.and_then(Stream::frame_rate).unwrap_or(ASSUMED_RATE);
        Some(end.end(rate.as_f64()))
    }
}

/// The rate for a file without one: its frames have times, so any rate that is high enough shows them.
const ASSUMED_RATE: Ratio = Ratio {
    numerator: 30,
    denominator: 1,
};

fn language(description: &AudioDescription, stream: Option<&Stream>) -> Option<String> {
    let configured = description
        .custom_language_code
        .as_ref()
        .or(description.language_code.as_ref());
    // Three-letter codes are in lower case; a tag of BCP 47 keeps its case.
    let configured = configured.map(|code| {
        if code.len() == 3 {
            code.to_lowercase()
        } else {
            code.clone()
        }
    });
    let followed = stream.and_then(Stream::language).map(str::to_lowercase);
    match description.language_code_control {
        LanguageCodeControl::UseConfigured => configured,
        LanguageCodeControl::FollowInput => followed.or(configured),
    }
}
