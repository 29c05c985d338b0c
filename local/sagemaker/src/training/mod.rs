//! Training jobs: their data are fetched, the program is run with `train`, and what it leaves is put into S3, all with the
//! rights of the job's role. A job that was at work when the stand-in ended begins anew when that starts again.

pub(crate) mod inputs;
mod job;
mod metrics;
mod output;
mod process;

use std::sync::Arc;

use marquee_standin::clock;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

pub(super) use self::job::TrainingJob;
use self::{
    job::{MetricData, ModelArtifacts},
    metrics::Metrics,
    process::{Exit, Folders},
};
use super::{
    KNOWN_IMAGE, SageMaker,
    api::{Epoch, repository, training::SecondaryStatus},
    host::RUNS,
};

/// Where the logs of trainings stay.
const LOGS: &str = "logs";

/// How a job ends.
enum End {
    Completed(Left),
    Stopped(SecondaryStatus, Left),
    Failed(String, Vec<MetricData>),
}

/// What a job leaves.
#[derive(Default)]
struct Left {
    metrics: Vec<MetricData>,
    artefact: Option<String>,
}

impl SageMaker {
    /// Begins a job's work in the background.
    pub(super) fn train(self: &Arc<Self>, name: &str) {
        let stop = CancellationToken::new();
        self.trainings().insert(name.to_owned(), stop.clone());
        let (sagemaker, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            // One after the other: a laptop has no fleet.
            let end = tokio::select! {
                slot = sagemaker.training_slot.acquire() => match slot {
                    Ok(_slot) => sagemaker.work(&name, &stop).await,
                    Err(closed) => Err(closed.into()),
                },
                () = stop.cancelled() => Ok(End::Stopped(SecondaryStatus::Stopped, Left::default())),
            };
            let end = end.unwrap_or_else(|error| {
                error!("the training job {name} failed by our own fault: {error:#}");
                let reason = format!("InternalServerError: the local SageMaker failed: {error:#}");
                End::Failed(reason, Vec::new())
            });
            sagemaker.trainings().remove(&name);
            sagemaker.conclude(&name, end);
        });
    }

    /// What was at work when an earlier run of the stand-in ended.
    pub(super) fn resume_trainings(self: &Arc<Self>) {
        let unfinished: Vec<(String, SecondaryStatus)> = self
            .state()
            .jobs
            .iter()
            .filter(|(_, job)| !job.has_ended())
            .map(|(name, job)| (name.clone(), job.secondary_status))
            .collect();
        for (name, status) in unfinished {
            if status == SecondaryStatus::Stopping {
                self.conclude(&name, End::Stopped(SecondaryStatus::Stopped, Left::default()));
            } else {
                info!("the training job {name} was interrupted: it begins anew");
                self.stage(&name, SecondaryStatus::Starting);
                self.train(&name);
            }
        }
    }

    async fn work(&self, name: &str, stop: &CancellationToken) -> anyhow::Result<End> {
        let Some(job) = self.state().jobs.get(name).cloned() else {
            return Ok(End::Failed("it is gone".to_owned(), Vec::new()));
        };
        let image = job.created.algorithm_specification.training_image.as_deref();
        let image = image.unwrap_or_default();
        if repository(image) != Some(KNOWN_IMAGE) {
            let reason =
                format!("ClientError: the image {image} is unknown here: the local SageMaker runs {KNOWN_IMAGE} only");
            return Ok(End::Failed(reason, Vec::new()));
        }
        let run = self.next_run();
        let folders = Folders::make(
            self.settings.folder.join(RUNS).join(format!("{name}-{run}")),
            &job.created,
        )?;
        let end = self.work_in(&folders, &job, stop).await;
        if let Err(error) = tokio::fs::remove_dir_all(folders.root()).await {
            error!("{} cannot be removed: {error}", folders.root().display());
        }
        end
    }

    async fn work_in(&self, folders: &Folders, job: &TrainingJob, stop: &CancellationToken) -> anyhow::Result<End> {
        let (created, name) = (&job.created, &job.created.training_job_name);
        let s3 = match self.as_role_with_retries(&created.role_arn).await {
            Ok(s3) => s3,
            Err(reason) => return Ok(End::Failed(reason, Vec::new())),
        };
        self.stage(name, SecondaryStatus::Downloading);
        let fetching = async {
            for channel in &created.input_data_config {
                let folder = folders.channel(&channel.channel_name);
                tokio::fs::create_dir_all(&folder).await?;
                inputs::fetch(&s3, channel, &folder).await?;
            }
            anyhow::Ok(())
        };
        let fetched = tokio::select! {
            fetched = fetching => fetched,
            () = stop.cancelled() => return Ok(End::Stopped(SecondaryStatus::Stopped, Left::default())),
        };
        if let Err(error) = fetched {
            return Ok(End::Failed(
                format!("ClientError: Data download failed: {error:#}"),
                Vec::new(),
            ));
        }

        self.stage(name, SecondaryStatus::Training);
        let logs = self.settings.folder.join(LOGS);
        tokio::fs::create_dir_all(&logs).await?;
        let log = logs.join(format!("{name}.log"));
        let mut metrics = Metrics::of(&created.algorithm_specification.metric_definitions);
        let program = &self.settings.recommender;
        let exit = process::run(program, created, &job.arn, folders, &log, stop, &mut metrics).await?;
        let metrics = metrics.into_list();
        let stopped = match exit {
            Exit::Ended(status) if status.success() => None,
            Exit::Ended(status) => {
                let code = status
                    .code()
                    .map_or_else(|| status.to_string(), |code| code.to_string());
                let reason = format!("AlgorithmError: {}, exit code: {code}", folders.failure());
                return Ok(End::Failed(reason, metrics));
            }
            Exit::Stopped => Some(SecondaryStatus::Stopped),
            Exit::OutOfTime => Some(SecondaryStatus::MaxRuntimeExceeded),
        };

        if stopped.is_none() {
            self.stage(name, SecondaryStatus::Uploading);
        }
        let url = job.artefact();
        match output::upload(&s3, &folders.model(), &folders.root().join("model.tar.gz"), &url).await {
            Err(error) => Ok(End::Failed(
                format!("ClientError: Artifact upload failed: {error:#}"),
                metrics,
            )),
            Ok(there) => {
                let artefact = there.then_some(url);
                let left = Left { metrics, artefact };
                Ok(match stopped {
                    None => End::Completed(left),
                    Some(status) => End::Stopped(status, left),
                })
            }
        }
    }

    /// The job is at this stage, unless somebody stopped it.
    fn stage(&self, name: &str, status: SecondaryStatus) {
        let noted = self.change(|state| {
            let job = state.jobs.get_mut(name);
            let job = job.filter(|job| job.secondary_status != SecondaryStatus::Stopping);
            if let Some(job) = job {
                job.enter(status, Epoch::of(clock::now()));
                state.tell_of_job(name);
            }
            Ok(Value::Null)
        });
        if noted.is_err() {
            error!("the stage of the training job {name} could not be kept");
        }
    }

    fn conclude(&self, name: &str, end: End) {
        let noted = self.change(|state| {
            let now = Epoch::of(clock::now());
            let Some(job) = state.jobs.get_mut(name) else {
                return Ok(Value::Null);
            };
            // Whoever stops a job that fails anyway has stopped it.
            let end = match end {
                End::Failed(_, metrics) if job.secondary_status == SecondaryStatus::Stopping => {
                    let left = Left {
                        metrics,
                        artefact: None,
                    };
                    End::Stopped(SecondaryStatus::Stopped, left)
                }
                End::Completed(left) if job.secondary_status == SecondaryStatus::Stopping => {
                    End::Stopped(SecondaryStatus::Stopped, left)
                }
                end => end,
            };
            let mut keep = |left: Left| {
                job.final_metric_data_list = left.metrics;
                job.model_artifacts = left
                    .artefact
                    .map(|s3_model_artifacts| ModelArtifacts { s3_model_artifacts });
            };
            match end {
                End::Completed(left) => {
                    keep(left);
                    job.enter(SecondaryStatus::Completed, now);
                }
                End::Stopped(status, left) => {
                    keep(left);
                    job.enter(status, now);
                }
                End::Failed(reason, metrics) => {
                    info!("the training job {name} failed: {reason}");
                    job.final_metric_data_list = metrics;
                    job.fail(&reason, now);
                }
            }
            info!("the training job {name} is {:?}", job.secondary_status);
            state.tell_of_job(name);
            Ok(Value::Null)
        });
        if noted.is_err() {
            error!("the end of the training job {name} could not be kept");
        }
    }
}
