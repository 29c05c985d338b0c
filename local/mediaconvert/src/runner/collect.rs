//! Collects the finished parts of each output while FFmpeg runs, cuts them into segments and uploads these.

use std::{
    collections::BTreeSet,
    io::{ErrorKind, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::{
    super::{
        ffmpeg::{output_format::OutputFormat, plan::PlannedOutput},
        job::JobError,
        package::{
            fmp4::{Header, Part, Reader},
            names::Destination,
            playlists::Written,
            segments::{Cutting, KeyFrame, Segmenter},
            transport_stream,
        },
        settings::{Output, OutputGroup, Segments},
    },
    End,
    upload::{Body, Upload},
};

/// The collector of an output.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) destination: Destination,
    pub(super) modifier: String,
    /// FFmpeg's file.
    pub(super) file: PathBuf,
    collecting: Collecting,
    pub(super) written: Vec<Written>,
    has_picture: bool,
    /// In the form of RFC 6381, once a segment has it.
    pub(super) codec: Option<String>,
    /// The name of the initialization segment.
    pub(super) map: Option<String>,
    /// The numbers of the uploaded pictures.
    pub(super) pictures: BTreeSet<String>,
}

#[derive(Debug)]
enum Collecting {
    Fragments(Box<Fragments>),
    TransportStream,
    File,
    Pictures,
}

#[derive(Debug)]
struct Fragments {
    reader: Reader,
    cutting: Cutting,
    segmenter: Option<Segmenter>,
    /// The bytes of the file that were read.
    offset: u64,
    extension: &'static str,
}

impl Collector {
    /// A collector for an output.
    pub(super) fn new(
        folder: &Path,
        group: &OutputGroup,
        output: &Output,
        planned: &PlannedOutput,
        input: &str,
    ) -> Result<Self, JobError> {
        let url = group.output_group_settings.destination();
        let destination = url.and_then(|url| Destination::parse(url, input));
        let collecting = match planned.format {
            OutputFormat::FragmentedMp4 => Collecting::Fragments(Box::new(Fragments {
                reader: Reader::default(),
                cutting: cutting(group, planned),
                segmenter: None,
                offset: 0,
                extension: if planned.video.is_some() { "cmfv" } else { "cmfa" },
            })),
            OutputFormat::TransportStream => Collecting::TransportStream,
            OutputFormat::Mp4 => Collecting::File,
            OutputFormat::Jpegs => Collecting::Pictures,
        };
        Ok(Self {
            destination: destination.ok_or_else(|| JobError::new(1040, "An output group has no destination"))?,
            modifier: output.name_modifier().to_owned(),
            file: folder.join(&planned.file),
            collecting,
            written: Vec::new(),
            has_picture: planned.video.is_some(),
            codec: None,
            map: None,
            pictures: BTreeSet::new(),
        })
    }

    /// The uploaded length, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.written.iter().fold(0.0, |sum, segment| sum + segment.seconds)
    }

    /// Uploads what is complete.
    pub(super) async fn collect(&mut self, upload: &mut Upload<'_>) -> Result<(), End> {
        match self.collecting {
            Collecting::Fragments(_) => self.collect_fragments(upload).await,
            Collecting::TransportStream => self.collect_transport_stream(upload).await,
            Collecting::Pictures => self.collect_pictures(upload).await,
            Collecting::File => Ok(()),
        }
    }

    /// Uploads the rest, after FFmpeg has ended.
    pub(super) async fn collect_rest(&mut self, upload: &mut Upload<'_>) -> Result<(), End> {
        self.collect(upload).await?;
        let Collecting::Fragments(fragments) = &mut self.collecting else {
            return Ok(());
        };
        let extension = fragments.extension;
        let last = fragments.segmenter.as_mut().map(Segmenter::finish).unwrap_or_default();
        for segment in last {
            self.upload_segment(extension, 9, segment.bytes, segment.seconds, segment.keys, upload)
                .await?;
        }
        Ok(())
    }

    async fn collect_fragments(&mut self, upload: &mut Upload<'_>) -> Result<(), End> {
        let Collecting::Fragments(fragments) = &mut self.collecting else {
            return Ok(());
        };
        let bytes = read_from(&self.file, fragments.offset).await?;
        fragments.offset += bytes.len() as u64;
        let extension = fragments.extension;
        let mut header: Option<Header> = None;
        let mut segments = Vec::new();
        for part in fragments.reader.push(&bytes).map_err(anyhow::Error::from)? {
            match part {
                Part::Header(new) => {
                    fragments.segmenter = Some(Segmenter::new(fragments.cutting, &new));
                    header = Some(new);
                }
                Part::Fragment(fragment) => {
                    let complete = fragments.segmenter.as_mut().map(|segmenter| segmenter.push(&fragment));
                    segments.extend(complete.unwrap_or_default());
                }
            }
        }
        if let Some(header) = header {
            let rest = format!("{}init.{extension}", self.modifier);
            self.map = Some(self.destination.name(&rest));
            self.codec = Some(header.codec);
            let key = self.destination.key(&rest);
            upload
                .put(&self.destination.bucket, key, Body::Bytes(header.bytes))
                .await?;
        }
        for segment in segments {
            self.upload_segment(extension, 9, segment.bytes, segment.seconds, segment.keys, upload)
                .await?;
        }
        Ok(())
    }

    async fn collect_transport_stream(&mut self, upload: &mut Upload<'_>) -> Result<(), End> {
        // The playlist exists from the first segment on, and is replaced as a whole.
        let playlist = tokio::fs::read_to_string(&self.file).await.unwrap_or_default();
        let known = self.written.len();
        for (name, seconds) in transport_stream::listed(&playlist).into_iter().skip(known) {
            let path = self.file.with_file_name(name);
            let bytes = tokio::fs::read(&path).await.context("cannot read a segment")?;
            // In audio alone, some bytes would look like a parameter set.
            if self.has_picture && self.codec.is_none() {
                self.codec = transport_stream::video_codec(&bytes);
            }
            self.upload_segment("ts", 5, bytes, seconds, Vec::new(), upload).await?;
            tokio::fs::remove_file(&path).await.context("cannot remove a segment")?;
        }
        Ok(())
    }

    async fn collect_pictures(&mut self, upload: &mut Upload<'_>) -> Result<(), End> {
        let folder = self.file.parent().unwrap_or(&self.file);
        let mut entries = tokio::fs::read_dir(folder).await.context("cannot list pictures")?;
        while let Some(entry) = entries.next_entry().await.context("cannot list pictures")? {
            let name = entry.file_name().to_string_lossy().into_owned();
            // FFmpeg writes to a temporary name first.
            let number = name.strip_suffix(".jpg");
            let number = number.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
            let Some(number) = number.filter(|number| !self.pictures.contains(*number)) else {
                continue;
            };
            let bytes = tokio::fs::read(entry.path()).await.context("cannot read a picture")?;
            let key = self.destination.key(&format!("{}.{number}.jpg", self.modifier));
            upload.put(&self.destination.bucket, key, Body::Bytes(bytes)).await?;
            self.pictures.insert(number.to_owned());
        }
        Ok(())
    }

    /// Uploads a segment under the next number, with this number of digits.
    async fn upload_segment(
        &mut self,
        extension: &str,
        digits: usize,
        bytes: Vec<u8>,
        seconds: f64,
        keys: Vec<KeyFrame>,
        upload: &mut Upload<'_>,
    ) -> Result<(), End> {
        let number = self.written.len() + 1;
        let rest = format!("{}_{number:0digits$}.{extension}", self.modifier);
        self.written.push(Written {
            name: self.destination.name(&rest),
            bytes: bytes.len() as u64,
            seconds,
            keys,
        });
        let key = self.destination.key(&rest);
        upload.put(&self.destination.bucket, key, Body::Bytes(bytes)).await?;
        Ok(())
    }
}

fn cutting(group: &OutputGroup, planned: &PlannedOutput) -> Cutting {
    let settings = &group.output_group_settings;
    let cmaf = settings.cmaf_group_settings.as_ref();
    let segments = settings.segments();
    let has_picture = planned.video.is_some();
    Cutting {
        segment_seconds: segments.map_or(10.0, |segments| f64::from(segments.length)),
        fragment_seconds: cmaf.and_then(|cmaf| cmaf.fragment_length).map_or(2.0, f64::from),
        exact: segments.is_none_or(Segments::is_exact) || !has_picture,
        at_keys: has_picture,
        min_final_seconds: cmaf.and_then(|cmaf| cmaf.min_final_segment_length).unwrap_or(0.0),
    }
}

/// The bytes of a growing file from an offset; none before the file exists.
async fn read_from(file: &Path, offset: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match tokio::fs::File::open(file).await {
        Ok(mut opened) => {
            opened.seek(SeekFrom::Start(offset)).await?;
            opened.read_to_end(&mut bytes).await?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
    Ok(bytes)
}
