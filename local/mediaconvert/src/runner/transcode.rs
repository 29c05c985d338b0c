//! The run of FFmpeg: its progress becomes the job's, its output is collected while it grows, and its outcome is checked.

use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{
    super::{
        events,
        ffmpeg::{
            plan::Plan,
            process::{self, Limits, Outcome},
            progress::Progress,
        },
        job::{Job, JobError, Phase},
        probe::Facts,
        service::Service,
        settings::{Input, JobSettings},
    },
    End,
    collect::Collector,
    upload::Upload,
};

/// The interval of collecting output.
const COLLECT_INTERVAL: Duration = Duration::from_millis(500);

/// FFmpeg's error when the audio changes its rate or channels, which a graph that is not rebuilt does not support.
const AUDIO_FORMAT_CHANGES: &str = "Changing audio frame properties on the fly is not supported";

/// A running job.
pub(super) struct Work<'a> {
    pub(super) service: &'a Service,
    pub(super) job: &'a Job,
    pub(super) settings: &'a JobSettings,
    pub(super) plan: &'a Plan,
    pub(super) token: &'a CancellationToken,
}

/// Runs FFmpeg, and returns the collectors of its outputs.
pub(super) async fn transcode(work: &Work<'_>, facts: &Facts, upload: &mut Upload<'_>) -> Result<Vec<Collector>, End> {
    let Work { service, job, plan, .. } = work;
    let folder = service.work_folder(&job.id);
    let mut collectors = work.collectors()?;
    let progress = Mutex::new(Progress::default());
    let read_line = |line: &str| progress.lock().unwrap_or_else(PoisonError::into_inner).read(line);
    debug!(job.id = %job.id, "ffmpeg {}", plan.arguments.join(" "));
    let program = &service.settings.transcoding.ffmpeg;
    let mut run = pin!(process::run(
        program,
        &plan.arguments,
        &folder,
        limits(facts),
        work.token,
        read_line
    ));
    let mut ticks = interval(COLLECT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut updated_at = Instant::now();
    let between_updates = Duration::from_secs(job.status_update_seconds.into());
    let outcome = loop {
        tokio::select! {
            outcome = &mut run => break outcome?,
            _ = ticks.tick() => {
                for collector in &mut collectors {
                    collector.collect(upload).await?;
                }
                let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
                let percent = now.percent(plan.seconds);
                service.store.note_progress(&job.id, |job| {
                    job.phase = Some(Phase::Transcoding);
                    job.percent = Some(percent);
                });
                if updated_at.elapsed() >= between_updates {
                    updated_at = Instant::now();
                    push_status_update(service, job, now, percent)?;
                }
            }
        }
    };
    check(outcome)?;
    for collector in &mut collectors {
        collector.collect_rest(upload).await?;
    }
    Ok(collectors)
}

impl Work<'_> {
    fn collectors(&self) -> Result<Vec<Collector>, JobError> {
        let folder = self.service.work_folder(&self.job.id);
        let input = self.settings.inputs.first().map(Input::source_url);
        let planned = self.plan.outputs.iter();
        planned
            .map(|planned| {
                let group = &self.settings.output_groups[planned.group];
                let output = &group.outputs[planned.index];
                Collector::new(&folder, group, output, planned, input.unwrap_or_default())
            })
            .collect()
    }
}

/// Limits that are generous for real films.
pub(super) fn limits(facts: &Facts) -> Limits {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a day"
    )]
    let seconds = facts.duration().unwrap_or_default().clamp(0.0, 86_400.0) as u64;
    let wall_seconds = 300 + seconds * 60;
    Limits {
        wall_seconds,
        cpu_seconds: wall_seconds * 8,
        ..Limits::default()
    }
}

/// Adds the event STATUS_UPDATE.
fn push_status_update(service: &Service, job: &Job, progress: Progress, percent: u8) -> anyhow::Result<()> {
    let now = service.clock.now();
    let more = json!({
        "framesDecoded": progress.frames,
        "jobProgress": {
            "phaseProgress": {
                "PROBING": { "status": "COMPLETE", "percentComplete": 100 },
                "TRANSCODING": { "status": "PROGRESSING", "percentComplete": percent },
                "UPLOADING": { "status": "PROGRESSING", "percentComplete": percent },
            },
            "jobPercentComplete": percent,
            "currentPhase": "TRANSCODING",
            "retryCount": 0,
        },
    });
    service.store.update_job(&job.id, |job| {
        job.outbox.push(events::event(job, now, "STATUS_UPDATE", more));
    })?;
    service.event_added.notify_one();
    Ok(())
}

/// Whether FFmpeg succeeded; otherwise the job's error.
pub(super) fn check(outcome: Outcome) -> Result<(), End> {
    match outcome {
        Outcome::Killed { why } if why == "canceled" => Err(End::Canceled),
        Outcome::Killed { why } => {
            let message = format!("The transcoding was stopped: {why}");
            Err(JobError::new(1999, message).into())
        }
        Outcome::Exited { success, stderr, .. } => {
            // FFmpeg accepts a truncated file; MediaConvert does not.
            if stderr.contains("partial file") || stderr.contains("File ended prematurely") {
                let message = "Demuxer: [ReadPacketData File read failed - end of file hit. Is file truncated?]";
                return Err(JobError::new(1076, message).into());
            }
            if success {
                return Ok(());
            }
            if stderr.contains(AUDIO_FORMAT_CHANGES) {
                return Err(End::AudioFormatChanges);
            }
            debug!("ffmpeg failed: {stderr}");
            Err(failure(&stderr).into())
        }
    }
}

/// The job's error for FFmpeg's last message.
fn failure(stderr: &str) -> JobError {
    let is_message = |line: &&str| !line.trim().is_empty() && !line.contains("Conversion failed");
    let last = stderr.lines().rev().find(is_message).unwrap_or("no reason given");
    let reason = last.rsplit_once("] ").map_or(last, |(_, reason)| reason);
    let code = if stderr.contains("no decoder found") || stderr.contains("Decoder not found") {
        1030
    } else {
        1075
    };
    JobError::new(code, format!("Unable to decode or encode: [{reason}]"))
}
