//! The run of FFmpeg: its progress becomes the job's, its output is collected as it grows, its end is judged.

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

/// How often finished output is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// FFmpeg's words when sound changes its rate or its channels, which a graph that is built once cannot follow.
const SOUND_CHANGES: &str = "Changing audio frame properties on the fly is not supported";

/// A job in the works.
pub(super) struct Work<'a> {
    pub(super) service: &'a Service,
    pub(super) job: &'a Job,
    pub(super) settings: &'a JobSettings,
    pub(super) plan: &'a Plan,
    pub(super) token: &'a CancellationToken,
}

/// Runs FFmpeg; returns the outputs with everything that it wrote collected.
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
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told_at = Instant::now();
    let between_updates = Duration::from_secs(job.status_update_seconds.into());
    let outcome = loop {
        tokio::select! {
            outcome = &mut run => break outcome?,
            _ = look.tick() => {
                for collector in &mut collectors {
                    collector.collect(upload).await?;
                }
                let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
                let percent = now.percent(plan.seconds);
                service.store.note_progress(&job.id, |job| {
                    job.phase = Some(Phase::Transcoding);
                    job.percent = Some(percent);
                });
                if told_at.elapsed() >= between_updates {
                    told_at = Instant::now();
                    tell(service, job, now, percent)?;
                }
            }
        }
    };
    judge(outcome)?;
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

/// Generous for real films, and an end for everything else.
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

/// STATUS_UPDATE, in the shape of real ones.
fn tell(service: &Service, job: &Job, progress: Progress, percent: u8) -> anyhow::Result<()> {
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

pub(super) fn judge(outcome: Outcome) -> Result<(), End> {
    match outcome {
        Outcome::Killed { why } if why == "canceled" => Err(End::Canceled),
        Outcome::Killed { why } => {
            let sentence = format!("The transcoding was stopped: {why}");
            Err(JobError::new(1999, sentence).into())
        }
        Outcome::Exited { success, stderr, .. } => {
            // FFmpeg takes a file that ends early for a shorter one; MediaConvert does not.
            if stderr.contains("partial file") || stderr.contains("File ended prematurely") {
                let sentence = "Demuxer: [ReadPacketData File read failed - end of file hit. Is file truncated?]";
                return Err(JobError::new(1076, sentence).into());
            }
            if success {
                return Ok(());
            }
            if stderr.contains(SOUND_CHANGES) {
                return Err(End::SoundChanges);
            }
            debug!("ffmpeg failed: {stderr}");
            Err(failure(&stderr).into())
        }
    }
}

/// FFmpeg's last words as a job's error.
fn failure(stderr: &str) -> JobError {
    let is_said = |line: &&str| !line.trim().is_empty() && !line.contains("Conversion failed");
    let last = stderr.lines().rev().find(is_said).unwrap_or("no reason given");
    let words = last.rsplit_once("] ").map_or(last, |(_, words)| words);
    let code = if stderr.contains("no decoder found") || stderr.contains("Decoder not found") {
        1030
    } else {
        1075
    };
    JobError::new(code, format!("Unable to decode or encode: [{words}]"))
}
