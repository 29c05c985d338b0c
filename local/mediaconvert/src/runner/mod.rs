//! Runs jobs: takes them from the queues, runs their phases, and records their outcome.

mod collect;
mod finish;
mod transcode;
mod upload;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{
    events,
    ffmpeg::{
        plan, process,
        repair::{self, Audio},
    },
    input::FetchError,
    job::{Job, JobError, Phase, Status},
    package::names,
    probe::{self, Facts, ProbeError},
    queue,
    role::Role,
    service::Service,
    settings::JobSettings,
};

/// Why a job does not complete.
#[derive(Debug)]
enum End {
    Failed(JobError),
    Canceled,
    /// The audio changes its rate or channels on the way: it has to be repaired first.
    AudioFormatChanges,
}

impl From<JobError> for End {
    fn from(error: JobError) -> Self {
        Self::Failed(error)
    }
}

impl From<anyhow::Error> for End {
    /// A defect of the stand-in is AWS's "unknown error"; the log has the details.
    fn from(error: anyhow::Error) -> Self {
        error!("a job failed with an internal error: {error:#}");
        Self::Failed(JobError::new(
            1999,
            "Unknown error: the local MediaConvert failed, see its log",
        ))
    }
}

/// Starts the jobs of the queues, as long as the stand-in runs.
pub(super) async fn schedule(service: Arc<Service>) {
    loop {
        while let Some(job) = next(&service) {
            match start(&service, &job) {
                Ok(token) => {
                    tokio::spawn(run(service.clone(), job.id, token));
                }
                Err(error) => {
                    error!(job.id = %job.id, "a job cannot be started: {error:#}");
                    break;
                }
            }
        }
        service.job_added.notified().await;
    }
}

fn next(service: &Service) -> Option<Job> {
    let jobs = service.store.jobs(|job| !job.status.is_final());
    let limit = service.settings.transcoding.concurrent_jobs.into();
    queue::next(&jobs, &service.store.queues(), limit).cloned()
}

fn start(service: &Service, job: &Job) -> anyhow::Result<CancellationToken> {
    let now = service.clock.now();
    let token = service.begin(&job.id);
    service.store.update_job(&job.id, |job| {
        job.status = Status::Progressing;
        job.started_at = Some(now);
        job.phase = Some(Phase::Probing);
        job.percent = Some(0);
        job.outbox.push(events::event(job, now, "PROGRESSING", json!({})));
    })?;
    service.event_added.notify_one();
    info!(job.id = %job.id, "job {} starts", job.id);
    Ok(token)
}

async fn run(service: Arc<Service>, id: String, token: CancellationToken) {
    let end = match service.store.job(&id) {
        Some(job) => work(&service, &job, &token).await,
        None => Err(End::Canceled),
    };
    let folder = service.work_folder(&id);
    if let Err(error) = tokio::fs::remove_dir_all(&folder).await {
        warn!(job.id = %id, "cannot remove {}: {error}", folder.display());
    }
    if let Err(error) = record(&service, &id, end) {
        error!(job.id = %id, "the end of a job cannot be recorded: {error:#}");
    }
    service.end(&id);
    service.event_added.notify_one();
    service.job_added.notify_one();
}

fn record(service: &Service, id: &str, end: Result<Vec<Value>, End>) -> anyhow::Result<()> {
    let now = service.clock.now();
    // The audio still changes after the repair.
    let end = end.map_err(|end| match end {
        End::AudioFormatChanges => JobError::new(1075, "Unable to decode or encode: [The audio format changes]").into(),
        end => end,
    });
    service.store.update_job(id, |job| {
        // A cancellation has been recorded.
        if job.status.is_final() {
            return;
        }
        job.finished_at = Some(now);
        job.phase = None;
        match end {
            Ok(details) => {
                info!(job.id = %job.id, "job {} is complete", job.id);
                job.status = Status::Complete;
                job.percent = Some(100);
                job.output_group_details.clone_from(&details);
                let more = json!({
                    "outputGroupDetails": details,
                    "paddingInserted": 0,
                    "blackVideoDetected": 0,
                    "warnings": job.warnings,
                });
                job.outbox.push(events::event(job, now, "COMPLETE", more));
            }
            Err(End::Failed(error)) => {
                info!(job.id = %job.id, "job {} failed: {error}", job.id);
                job.status = Status::Error;
                job.percent = None;
                let more = json!({ "errorCode": error.code, "errorMessage": error.message });
                job.error = Some(error);
                job.outbox.push(events::event(job, now, "ERROR", more));
            }
            Err(End::Canceled | End::AudioFormatChanges) => {
                info!(job.id = %job.id, "job {} was canceled", job.id);
                job.status = Status::Canceled;
                job.percent = None;
                job.outbox.push(events::event(job, now, "CANCELED", json!({})));
            }
        }
    })?;
    Ok(())
}

async fn work(service: &Service, job: &Job, token: &CancellationToken) -> Result<Vec<Value>, End> {
    let settings: JobSettings = serde_json::from_value(job.settings.clone()).map_err(anyhow::Error::from)?;
    let input = settings.inputs.first();
    let url = input.map(|input| input.source_url().to_owned()).unwrap_or_default();
    let generator = input.and_then(|input| input.video_generator.as_ref());
    let folder = service.work_folder(&job.id);
    make_folder(&folder).await?;

    let role = tokio::select! {
        role = Role::assume(service, &job.role, &job.id, &url) => role?,
        () = token.cancelled() => return Err(End::Canceled),
    };
    let probing = async {
        let file = fetch(service, &role, &url, folder.join(INPUT)).await?;
        if let Some(generator) = generator {
            fetch(service, &role, &generator.image_input, folder.join(IMAGE)).await?;
        }
        let facts = probe::read((&service.settings.transcoding).into(), &file, &folder).await;
        facts.map_err(|error| unreadable(&url, error))
    };
    let facts = tokio::select! {
        facts = probing => facts?,
        () = token.cancelled() => return Err(End::Canceled),
    };
    push_input_information(service, job, &url, &facts)?;

    let attempt = Attempt {
        service,
        job,
        settings: &settings,
        role: &role,
        folder: &folder,
        token,
    };
    if let Some(generator) = generator {
        let arguments = repair::generated(&facts, generator, IMAGE, INPUT, REPAIRED);
        let facts = attempt.write(&facts, &arguments).await?;
        return attempt.make(&facts, REPAIRED).await;
    }
    if !repair::continuous_timestamps(&facts).is_empty() {
        let facts = attempt.repair(&facts, Audio::Copied).await?;
        return attempt.make(&facts, REPAIRED).await;
    }
    match attempt.make(&facts, INPUT).await {
        Err(End::AudioFormatChanges) => {
            info!(job.id = %job.id, "the audio format of job {} changes on the way; decoding it first", job.id);
            let facts = attempt.repair(&facts, Audio::Decoded).await?;
            attempt.make(&facts, REPAIRED).await
        }
        ended => ended,
    }
}

/// The source, in the job's folder.
const INPUT: &str = "input";
/// The image of a generated picture.
const IMAGE: &str = "image";
/// The repaired or generated source.
const REPAIRED: &str = "repaired";

/// A job with its parts.
struct Attempt<'a> {
    service: &'a Service,
    job: &'a Job,
    settings: &'a JobSettings,
    role: &'a Role<'a>,
    folder: &'a Path,
    token: &'a CancellationToken,
}

impl Attempt<'_> {
    /// Transcodes a source. The output of a failed attempt stays, as on AWS.
    async fn make(&self, facts: &Facts, source: &str) -> Result<Vec<Value>, End> {
        let plan = plan::plan(self.settings, facts, source)?;
        remove_folder(&self.folder.join("out")).await?;
        for output in &plan.outputs {
            if let Some(parent) = self.folder.join(&output.file).parent() {
                make_folder(parent).await?;
            }
        }
        let mut upload = upload::Upload::new(self.role);
        let work = transcode::Work {
            service: self.service,
            job: self.job,
            settings: self.settings,
            plan: &plan,
            token: self.token,
        };
        let finished = match transcode::transcode(&work, facts, &mut upload).await {
            Ok(collectors) => finish::finish(&work, &collectors, &mut upload).await,
            Err(end) => Err(end),
        };
        if finished.is_err() {
            // Pending uploads must not overwrite those of another attempt.
            upload.end().await;
        }
        finished
    }

    /// Repairs the source, and probes the result.
    async fn repair(&self, facts: &Facts, audio: Audio) -> Result<Facts, End> {
        self.write(facts, &repair::arguments(facts, INPUT, audio, REPAIRED))
            .await
    }

    /// Runs FFmpeg to write the source that replaces the input, and probes it.
    async fn write(&self, facts: &Facts, arguments: &[String]) -> Result<Facts, End> {
        let programs = &self.service.settings.transcoding;
        let outcome = process::run(
            &programs.ffmpeg,
            arguments,
            self.folder,
            transcode::limits(facts),
            self.token,
            |_| true,
        )
        .await?;
        transcode::check(outcome)?;
        let read = probe::read(programs.into(), &self.folder.join(REPAIRED), self.folder).await;
        Ok(read.map_err(anyhow::Error::from)?)
    }
}

async fn remove_folder(folder: &Path) -> Result<(), End> {
    match tokio::fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(anyhow::Error::from(error).into()),
        _ => Ok(()),
    }
}

async fn make_folder(folder: &Path) -> Result<(), End> {
    Ok(tokio::fs::create_dir_all(folder).await.map_err(anyhow::Error::from)?)
}

/// Fetches an object into the job's folder, with the role's rights.
async fn fetch(service: &Service, role: &Role<'_>, url: &str, file: PathBuf) -> Result<PathBuf, End> {
    let failed = |code: u32, reason: &str| {
        let reason = format!("[Failed probe/open: [Failed to read data: {reason}]]");
        End::Failed(JobError::new(
            code,
            format!("Unable to open input file [{url}]: {reason}"),
        ))
    };
    let Some((bucket, key)) = names::parse_s3(url) else {
        return Err(failed(
            1404,
            "only s3:// inputs are supported by the local MediaConvert",
        ));
    };
    match service.inputs.fetch(&role.s3().await, bucket, key, &file).await {
        Ok(_) => Ok(file),
        Err(FetchError::NotFound) => Err(failed(1404, "HeadObject failed")),
        Err(FetchError::Denied) => Err(failed(1401, "HeadObject failed: Access Denied")),
        Err(FetchError::Other(error)) => Err(End::from(error)),
    }
}

fn unreadable(url: &str, error: ProbeError) -> End {
    match error {
        ProbeError::Broken(error) => End::from(error),
        error => {
            let message = format!("Unable to open input file [{url}]: [Failed probe/open: [{error}]]");
            End::Failed(JobError::new(1010, message))
        }
    }
}

/// Adds the event INPUT_INFORMATION.
fn push_input_information(service: &Service, job: &Job, url: &str, facts: &Facts) -> anyhow::Result<()> {
    let now = service.clock.now();
    let details = probe::input_details(url, facts);
    service.store.update_job(&job.id, |job| {
        let more = json!({ "inputDetails": [details] });
        job.outbox.push(events::event(job, now, "INPUT_INFORMATION", more));
    })?;
    service.event_added.notify_one();
    Ok(())
}
