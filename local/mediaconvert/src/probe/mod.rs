//! Probing of files with FFprobe, and the response of the Probe operation.

mod answer;
mod ends;
mod facts;
mod measure;
mod terms;

use std::path::Path;

use tokio::io::AsyncReadExt as _;

use super::ffmpeg::process::{self, Limits, Outcome};
use crate::Transcoding;

pub(super) use answer::{input_details, probe_result};
pub(super) use facts::{Facts, Ratio, Stream};

/// The supported containers, by FFmpeg's names of demuxers. There are no playlists or lists of files among them: those refer to
/// other files, and an untrusted file must not choose what is read.
pub(super) const FORMATS: &str = "mov,matroska,mpegts,mpeg,mpegvideo,avi,flv,asf,gif,mp3,flac,ogg,aac,ac3,eac3,wav,mxf,dv,h264,hevc,m4v,amr,aiff,gxf";

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProbeError {
    /// The container is unsupported.
    #[error("No parser found for container")]
    NotMedia,
    /// The container is malformed.
    #[error("{0}")]
    Malformed(String),
    /// The program cannot be run.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

/// The programs that read files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Programs<'a> {
    pub(super) ffmpeg: &'a Path,
    pub(super) ffprobe: &'a Path,
}

impl<'a> From<&'a Transcoding> for Programs<'a> {
    fn from(config: &'a Transcoding) -> Self {
        Self {
            ffmpeg: &config.ffmpeg,
            ffprobe: &config.ffprobe,
        }
    }
}

/// Reads the headers of a local file, and its packets where headers lack something.
pub(super) async fn read(programs: Programs<'_>, file: &Path, folder: &Path) -> Result<Facts, ProbeError> {
    let mut facts = read_headers(programs.ffprobe, file, folder).await?;
    if measure::is_needed(&facts) {
        measure::measure(programs, file, folder, &mut facts).await?;
    }
    Ok(facts)
}

async fn read_headers(ffprobe: &Path, file: &Path, folder: &Path) -> Result<Facts, ProbeError> {
    let arguments = [
        "-v",
        "error",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-max_alloc",
        "1000000000",
        "-print_format",
        "json",
        "-show_format",
        "-show_streams",
    ];
    let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    arguments.push(file.to_string_lossy().into_owned());
    let limits = Limits {
        wall_seconds: 30,
        ..Limits::default()
    };
    match process::output(ffprobe, &arguments, folder, limits).await? {
        Outcome::Exited {
            success: true, stdout, ..
        } => {
            let facts: Facts = serde_json::from_slice(&stdout).map_err(anyhow::Error::from)?;
            let is_media = |stream: &Stream| matches!(stream.codec_type.as_str(), "video" | "audio");
            if facts.streams.iter().any(is_media) {
                Ok(facts)
            } else {
                Err(ProbeError::NotMedia)
            }
        }
        Outcome::Exited { stderr, .. } => Err(explain(&stderr)),
        Outcome::Killed { why } => Err(ProbeError::Malformed(format!("Reading the file was stopped: {why}"))),
    }
}

/// MediaConvert's error for FFprobe's.
fn explain(stderr: &str) -> ProbeError {
    if stderr.contains("moov atom not found") {
        ProbeError::Malformed("no moov box found in file".to_owned())
    } else if stderr.contains("not on the whitelist") || stderr.contains("not in the whitelist") {
        ProbeError::NotMedia
    } else if stderr.contains("Invalid data found") || stderr.contains("End of file") {
        ProbeError::Malformed("Invalid data found in container".to_owned())
    } else {
        ProbeError::NotMedia
    }
}

/// Whether a Matroska file is WebM, which FFprobe does not distinguish, by its first bytes.
pub(super) async fn is_webm(file: &Path) -> anyhow::Result<bool> {
    let mut head = Vec::new();
    tokio::fs::File::open(file)
        .await?
        .take(256)
        .read_to_end(&mut head)
        .await?;
    Ok(head.windows(4).any(|bytes| bytes == b"webm"))
}
