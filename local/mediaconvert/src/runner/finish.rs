//! The end of a job: checks the length of the outputs, then uploads files and, last, playlists, and returns the job's
//! `outputGroupDetails`.

use serde_json::{Map, Value, json};

use super::{
    super::{
        ffmpeg::{output_format::OutputFormat, plan::PlannedOutput},
        job::{JobError, Phase},
        package::playlists::{self, Bandwidth, Rendition, RenditionKind, Style},
        probe,
        settings::{self, AudioTrackType, DescriptiveFlag, GroupType, Inclusion, Output, OutputGroup},
    },
    End,
    collect::Collector,
    transcode::Work,
    upload::{Body, Upload},
};

/// The start of the names that MediaConvert gives to unnamed audio groups.
const AUDIO_GROUP: &str = "program_audio_";

/// AAC-LC in the form of RFC 6381.
const AAC: &str = "mp4a.40.2";

/// Uploads what is left and returns the `outputGroupDetails`.
pub(super) async fn finish(
    work: &Work<'_>,
    collectors: &[Collector],
    upload: &mut Upload<'_>,
) -> Result<Vec<Value>, End> {
    work.service.store.note_progress(&work.job.id, |job| {
        job.phase = Some(Phase::Uploading);
        job.percent = Some(99);
    });
    let mut finished = Vec::new();
    for (planned, collector) in work.plan.outputs.iter().zip(collectors) {
        let seconds = length(work, planned, collector).await?;
        if planned.format != OutputFormat::Jpegs && seconds + tolerance(planned.seconds) < planned.seconds {
            let message = format!(
                "Demuxer: [ReadPacketData File read failed - end of file hit after [{seconds:.3}] of [{:.3}] seconds. \
                 Is file truncated?]",
                planned.seconds
            );
            return Err(JobError::new(1076, message).into());
        }
        // If an output is longer than measured, picture and audio were fitted to a wrong length.
        if planned.format != OutputFormat::Jpegs && seconds > planned.seconds + tolerance(planned.seconds) {
            let message = format!(
                "Demuxer: [Timestamps of the input reach [{:.3}] seconds, and [{seconds:.3}] seconds were decoded]",
                planned.seconds
            );
            return Err(JobError::new(1076, message).into());
        }
        finished.push(Finished {
            planned,
            collector,
            seconds,
        });
    }
    let mut details = Vec::new();
    let mut manifests = Vec::new();
    for (index, group) in work.settings.output_groups.iter().enumerate() {
        let outputs: Vec<&Finished<'_>> = finished.iter().filter(|output| output.planned.group == index).collect();
        match group.output_group_settings.kind {
            GroupType::File => details.push(files(group, &outputs, upload).await?),
            kind => {
                manifests.extend(manifests_of(group, &outputs));
                details.push(streams(kind, &outputs));
            }
        }
    }
    // A playlist is uploaded after everything that it lists: playlists of renditions after the segments, multivariant playlists
    // last.
    for is_last in [false, true] {
        upload.settle().await?;
        for manifest in manifests.iter().filter(|manifest| manifest.lists_renditions == is_last) {
            let body = Body::Bytes(manifest.text.clone().into_bytes());
            upload.put(&manifest.bucket, manifest.key.clone(), body).await?;
        }
    }
    upload.settle().await?;
    Ok(details)
}

struct Finished<'a> {
    planned: &'a PlannedOutput,
    collector: &'a Collector,
    seconds: f64,
}

struct Manifest {
    bucket: String,
    key: String,
    text: String,
    lists_renditions: bool,
}

impl Finished<'_> {
    fn detail(&self) -> Map<String, Value> {
        let mut detail = Map::new();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a film is shorter than 2^63 milliseconds"
        )]
        let milliseconds = (self.seconds * 1000.0).round() as i64;
        detail.insert("durationInMs".to_owned(), json!(milliseconds));
        if let Some(video) = self.planned.video {
            let details = json!({ "widthInPx": video.width, "heightInPx": video.height });
            detail.insert("videoDetails".to_owned(), details);
        }
        detail
    }

    fn manifest(&self, rest: &str, text: String) -> Manifest {
        let destination = &self.collector.destination;
        Manifest {
            bucket: destination.bucket.clone(),
            key: destination.key(rest),
            text,
            lists_renditions: false,
        }
    }
}

/// Headers of sources are imprecise: by half a second, or a fiftieth.
fn tolerance(seconds: f64) -> f64 {
    (seconds / 50.0).max(0.5)
}

async fn length(work: &Work<'_>, planned: &PlannedOutput, collector: &Collector) -> Result<f64, End> {
    match planned.format {
        OutputFormat::FragmentedMp4 | OutputFormat::TransportStream => Ok(collector.seconds()),
        OutputFormat::Jpegs => Ok(0.0),
        OutputFormat::Mp4 => {
            let folder = work.service.work_folder(&work.job.id);
            let programs = (&work.service.settings.transcoding).into();
            let facts = probe::read(programs, &collector.file, &folder).await;
            let facts = facts.map_err(anyhow::Error::from)?;
            Ok(facts.duration().unwrap_or_default())
        }
    }
}

async fn files(group: &OutputGroup, outputs: &[&Finished<'_>], upload: &mut Upload<'_>) -> Result<Value, End> {
    let mut details = Vec::new();
    for finished in outputs {
        let collector = finished.collector;
        let mut detail = finished.detail();
        let rest = if finished.planned.format == OutputFormat::Jpegs {
            // Only the last picture is listed, as on AWS.
            let last = collector.pictures.last();
            let last = last.ok_or_else(|| JobError::new(1075, "No frames to capture"))?;
            format!("{}.{last}.jpg", collector.modifier)
        } else {
            let extension = group.outputs[finished.planned.index].extension.as_deref();
            let rest = format!("{}.{}", collector.modifier, extension.unwrap_or("mp4"));
            let body = Body::File(collector.file.clone());
            let key = collector.destination.key(&rest);
            upload.put(&collector.destination.bucket, key, body).await?;
            rest
        };
        let path = collector.destination.url(&rest);
        detail.insert("outputFilePaths".to_owned(), json!([path]));
        details.push(Value::Object(detail));
    }
    Ok(json!({ "outputDetails": details, "type": GroupType::File.in_events() }))
}

fn streams(kind: GroupType, outputs: &[&Finished<'_>]) -> Value {
    let mut details = Vec::new();
    for finished in outputs {
        let mut detail = finished.detail();
        if kind == GroupType::Hls {
            let rest = format!("{}.m3u8", finished.collector.modifier);
            let path = finished.collector.destination.url(&rest);
            detail.insert("outputFilePaths".to_owned(), json!([path]));
        }
        details.push(Value::Object(detail));
    }
    let top = outputs
        .first()
        .map(|finished| finished.collector.destination.url(".m3u8"));
    json!({ "outputDetails": details, "playlistFilePaths": [top], "type": kind.in_events() })
}

/// The group's playlists.
fn manifests_of(group: &OutputGroup, outputs: &[&Finished<'_>]) -> Vec<Manifest> {
    let style = style(group);
    let mut manifests = Vec::new();
    let mut renditions = Vec::new();
    let sounds = Sounds::new(group, outputs);
    for finished in outputs {
        let Finished { planned, collector, .. } = finished;
        let output = &group.outputs[planned.index];
        let role = role_of(group, output);
        let map = collector.map.as_deref();
        let rest = format!("{}.m3u8", collector.modifier);
        manifests.push(finished.manifest(&rest, playlists::media(style, map, &collector.written)));
        let mut key_frames = None;
        if role.i_frame_only_manifest == Some(Inclusion::Include) {
            let rest = format!("{}_I-Frame.m3u8", collector.modifier);
            let text = playlists::key_frames(style, map, &collector.written);
            manifests.push(finished.manifest(&rest, text));
            let bandwidth = Bandwidth::measure_key_frames(&collector.written);
            key_frames = Some((collector.destination.name(&rest), bandwidth));
        }
        let mut codecs: Vec<String> = collector.codec.iter().cloned().collect();
        if planned.audio.is_some() && !codecs.iter().any(|codec| codec == AAC) {
            codecs.push(AAC.to_owned());
        }
        let kind = match planned.video {
            Some(video) => RenditionKind::Video {
                size: includes_resolution(group).then_some((video.width, video.height)),
                frame_rate: video.rate.as_f64(),
                audio_groups: match &role.audio_rendition_sets {
                    Some(named) => named_groups(named),
                    None if planned.audio.is_none() => sounds.unnamed_groups(),
                    None => Vec::new(),
                },
                key_frames,
            },
            None => sound(finished, output, role, &sounds),
        };
        renditions.push(Rendition {
            uri: collector.destination.name(&rest),
            bandwidth: Bandwidth::measure(&collector.written),
            codecs,
            kind,
        });
    }
    if let Some(first) = outputs.first() {
        manifests.push(Manifest {
            lists_renditions: true,
            ..first.manifest(".m3u8", playlists::multivariant(&renditions))
        });
    }
    manifests
}

/// The audio-only outputs of a group.
struct Sounds {
    /// Their indexes in the group.
    indexes: Vec<usize>,
    /// The indexes of those without a named audio group.
    unnamed: Vec<usize>,
    /// CMAF puts each unnamed audio output into a group of its own; HLS puts all into the first.
    one_group_each: bool,
    /// Whether the group also has video outputs.
    with_pictures: bool,
}

impl Sounds {
    fn new(group: &OutputGroup, outputs: &[&Finished<'_>]) -> Self {
        let sounds = outputs.iter().filter(|finished| finished.planned.video.is_none());
        let indexes: Vec<usize> = sounds.map(|finished| finished.planned.index).collect();
        let is_unnamed = |index: &&usize| role_of(group, &group.outputs[**index]).audio_group_id.is_none();
        Self {
            unnamed: indexes.iter().filter(is_unnamed).copied().collect(),
            one_group_each: group.output_group_settings.kind == GroupType::Cmaf,
            with_pictures: indexes.len() < outputs.len(),
            indexes,
        }
    }

    /// The generated group of an unnamed output.
    fn generated_group(&self, index: usize) -> String {
        let place = self.unnamed.iter().position(|unnamed| *unnamed == index);
        format!("{AUDIO_GROUP}{}", place.filter(|_| self.one_group_each).unwrap_or(0))
    }

    /// The groups of a video output that names none: all generated ones.
    fn unnamed_groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = self.unnamed.iter().map(|index| self.generated_group(*index)).collect();
        groups.dedup();
        if groups.is_empty() && !self.indexes.is_empty() {
            groups.push(format!("{AUDIO_GROUP}0"));
        }
        groups
    }
}

fn sound(finished: &Finished<'_>, output: &Output, role: &settings::Rendition, sounds: &Sounds) -> RenditionKind {
    let is_first = sounds.indexes.first() == Some(&finished.planned.index);
    let track_type = role.audio_track_type.unwrap_or(
        if is_first || (sounds.one_group_each && role.audio_group_id.is_none()) {
            AudioTrackType::AlternateAudioAutoSelectDefault
        } else {
            AudioTrackType::AlternateAudioAutoSelect
        },
    );
    // Without video, each audio output is a variant of its own.
    if track_type == AudioTrackType::AudioOnlyVariantStream || !sounds.with_pictures {
        return RenditionKind::AudioOnly;
    }
    let audio = finished.planned.audio.as_ref();
    let description = output.audio_descriptions.first();
    let name = description.and_then(|description| description.stream_name.clone());
    let group = role.audio_group_id.clone();
    RenditionKind::Audio {
        group: group.unwrap_or_else(|| sounds.generated_group(finished.planned.index)),
        name: name.unwrap_or_else(|| "Alternate Audio".to_owned()),
        language: audio.and_then(|audio| audio.language.clone()),
        channels: audio.map_or(2, |audio| audio.channels),
        selection: match track_type {
            AudioTrackType::AlternateAudioAutoSelectDefault => playlists::Selection::Default,
            AudioTrackType::AlternateAudioNotAutoSelect => playlists::Selection::Manual,
            _ => playlists::Selection::Automatic,
        },
        describes_video: role.descriptive_video_service_flag == Some(DescriptiveFlag::Flag),
    }
}

fn named_groups(named: &str) -> Vec<String> {
    let groups = named.split(',').map(|group| group.trim().to_owned());
    groups.filter(|group| !group.is_empty()).collect()
}

/// An output's settings for the multivariant playlist.
fn role_of<'a>(group: &OutputGroup, output: &'a Output) -> &'a settings::Rendition {
    match group.output_group_settings.kind {
        GroupType::Hls => &output.settings.hls_settings,
        _ => &output.container_settings.cmfc_settings,
    }
}

fn includes_resolution(group: &OutputGroup) -> bool {
    let settings = &group.output_group_settings;
    let cmaf = settings.cmaf_group_settings.as_ref();
    let hls = settings.hls_group_settings.as_ref();
    let cmaf = cmaf.and_then(|cmaf| cmaf.stream_inf_resolution);
    cmaf.or(hls.and_then(|hls| hls.stream_inf_resolution)) != Some(Inclusion::Exclude)
}

fn style(group: &OutputGroup) -> Style {
    let settings = &group.output_group_settings;
    let cmaf = settings.cmaf_group_settings.as_ref();
    let hls = settings.hls_group_settings.as_ref();
    let durations = cmaf.and_then(|cmaf| cmaf.manifest_duration_format);
    let target = cmaf.and_then(|cmaf| cmaf.target_duration_compatibility_mode);
    Style {
        durations: durations
            .or(hls.and_then(|hls| hls.manifest_duration_format))
            .unwrap_or_default(),
        target: target
            .or(hls.and_then(|hls| hls.target_duration_compatibility_mode))
            .unwrap_or_default(),
    }
}
