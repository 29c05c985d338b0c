//! A job as MediaConvert reports it.

use aws_sdk_mediaconvert::types;
use media::job::{GroupReport, OutputReport};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// MediaConvert's id.
    pub id: String,
    /// Its state.
    pub state: JobState,
    /// 0 to 100, while it runs.
    pub percent: Option<u8>,
    /// `PROBING`, `TRANSCODING`, `UPLOADING`, while it runs.
    pub phase: Option<String>,
    /// Its output groups, in the order of the settings; empty until it is complete.
    pub outputs: Vec<GroupReport>,
}

/// The state of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It waits in the queue, and sends no events.
    Submitted,
    /// It is running.
    Progressing,
    /// All outputs are written.
    Complete,
    /// It was canceled.
    Canceled,
    /// It failed.
    Error {
        /// MediaConvert's error code; see `media::job_errors`.
        code: i32,
        /// Its message.
        message: String,
    },
    /// A status that Marquee does not know, and ignores.
    Other(String),
}

impl From<types::Job> for Job {
    fn from(job: types::Job) -> Self {
        let state = match job.status() {
            Some(types::JobStatus::Submitted) | None => JobState::Submitted,
            Some(types::JobStatus::Progressing) => JobState::Progressing,
            Some(types::JobStatus::Complete) => JobState::Complete,
            Some(types::JobStatus::Canceled) => JobState::Canceled,
            Some(types::JobStatus::Error) => JobState::Error {
                code: job.error_code().unwrap_or_default(),
                message: job.error_message().unwrap_or_default().to_owned(),
            },
            Some(other) => JobState::Other(other.as_str().to_owned()),
        };
        // GetJob does not report the kind of a group, as events do.
        let outputs = job.output_group_details().iter().map(|group| GroupReport {
            kind: None,
            outputs: group.output_details().iter().map(report).collect(),
        });

        Self {
            id: job.id().unwrap_or_default().to_owned(),
            percent: job
                .job_percent_complete()
                .and_then(|percent| u8::try_from(percent).ok()),
            phase: job.current_phase().map(|phase| phase.as_str().to_owned()),
            outputs: outputs.collect(),
            state,
        }
    }
}

fn report(output: &types::OutputDetail) -> OutputReport {
    let size = output.video_details().and_then(|video| {
        let width = u32::try_from(video.width_in_px()?).ok()?;
        let height = u32::try_from(video.height_in_px()?).ok()?;
        Some((width, height))
    });

    OutputReport {
        duration_ms: output
            .duration_in_ms()
            .and_then(|duration| u64::try_from(duration).ok())
            .unwrap_or_default(),
        size,
    }
}
