//! Training jobs: the stand-in fetches the data, runs the program with `train`, and uploads its model to S3, with the rights of the
//! job's role. A job that was interrupted by the end of the stand-in starts over with it.

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

/// The folder of the trainings' logs.
const LOGS: &str = "logs";

/// The outcome of a job.
enum Outcome {
    Completed(Results),
    Stopped(SecondaryStatus, Results),
    Failed(String, Vec<MetricData>),
}

/// The results of a job.
#[derive(Default)]
struct Results {
    metrics: Vec<MetricData>,
    artifact_url: Option<String>,
}

impl SageMaker {
    /// Runs a job in the background.
    pub(super) fn train(self: &Arc<Self>, name: &str) {
        let stop = CancellationToken::new();
        self.trainings().insert(name.to_owned(), stop.clone());
        let (sagemaker, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            // One at a time: a laptop has no fleet.
            let end = tokio::select! {
                slot = sagemaker.training_slot.acquire() => match slot {
                    Ok(_slot) => sagemaker.run_job(&name, &stop).await,
                    Err(closed) => Err(closed.into()),
                },
                () = stop.cancelled() => Ok(Outcome::Stopped(SecondaryStatus::Stopped, Results::default())),
            };
            let end = end.unwrap_or_else(|error| {
                error!("the training job {name} failed with an internal error: {error:#}");
                let reason = format!("InternalServerError: the local SageMaker failed: {error:#}");
                Outcome::Failed(reason, Vec::new())
            });
            sagemaker.trainings().remove(&name);
            sagemaker.record_job(&name, end);
        });
    }

    /// Restarts the jobs that the end of the stand-in interrupted.
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
                self.record_job(&name, Outcome::Stopped(SecondaryStatus::Stopped, Results::default()));
            } else {
                info!("the training job {name} was interrupted: restarting");
                self.begin_stage(&name, SecondaryStatus::Starting);
                self.train(&name);
            }
        }
    }

    async fn run_job(&self, name: &str, stop: &CancellationToken) -> anyhow::Result<Outcome> {
        let Some(job) = self.state().jobs.get(name).cloned() else {
            return Ok(Outcome::Failed("it was deleted".to_owned(), Vec::new()));
        };
        let image = job.created.algorithm_specification.training_image.as_deref();
        let image = image.unwrap_or_default();
        if repository(image) != Some(KNOWN_IMAGE) {
            let reason =
                format!("ClientError: the image {image} is unknown here: the local SageMaker runs {KNOWN_IMAGE} only");
            return Ok(Outcome::Failed(reason, Vec::new()));
        }
        let run = self.next_run();
        let folders = Folders::create(
            self.settings.folder.join(RUNS).join(format!("{name}-{run}")),
            &job.created,
        )?;
        let end = self.run_in(&folders, &job, stop).await;
        if let Err(error) = tokio::fs::remove_dir_all(folders.root()).await {
            error!("{} cannot be removed: {error}", folders.root().display());
        }
        end
    }

    async fn run_in(&self, folders: &Folders, job: &TrainingJob, stop: &CancellationToken) -> anyhow::Result<Outcome> {
        let (created, name) = (&job.created, &job.created.training_job_name);
        let s3 = match self.as_role_with_retries(&created.role_arn).await {
            Ok(s3) => s3,
            Err(reason) => return Ok(Outcome::Failed(reason, Vec::new())),
        };
        self.begin_stage(name, SecondaryStatus::Downloading);
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
            () = stop.cancelled() => return Ok(Outcome::Stopped(SecondaryStatus::Stopped, Results::default())),
        };
        if let Err(error) = fetched {
            return Ok(Outcome::Failed(
                format!("ClientError: Data download failed: {error:#}"),
                Vec::new(),
            ));
        }

        self.begin_stage(name, SecondaryStatus::Training);
        let logs = self.settings.folder.join(LOGS);
        tokio::fs::create_dir_all(&logs).await?;
        let log = logs.join(format!("{name}.log"));
        let mut metrics = Metrics::new(&created.algorithm_specification.metric_definitions);
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
                return Ok(Outcome::Failed(reason, metrics));
            }
            Exit::Stopped => Some(SecondaryStatus::Stopped),
            Exit::OutOfTime => Some(SecondaryStatus::MaxRuntimeExceeded),
        };

        if stopped.is_none() {
            self.begin_stage(name, SecondaryStatus::Uploading);
        }
        let url = job.artifact_url();
        match output::upload(&s3, &folders.model(), &folders.root().join("model.tar.gz"), &url).await {
            Err(error) => Ok(Outcome::Failed(
                format!("ClientError: Artifact upload failed: {error:#}"),
                metrics,
            )),
            Ok(uploaded) => {
                let artifact_url = uploaded.then_some(url);
                let results = Results { metrics, artifact_url };
                Ok(match stopped {
                    None => Outcome::Completed(results),
                    Some(status) => Outcome::Stopped(status, results),
                })
            }
        }
    }

    /// Saves the job's stage, unless it is being stopped.
    fn begin_stage(&self, name: &str, status: SecondaryStatus) {
        let saved = self.change(|state| {
            let job = state.jobs.get_mut(name);
            let job = job.filter(|job| job.secondary_status != SecondaryStatus::Stopping);
            if let Some(job) = job {
                job.enter(status, Epoch::from(clock::now()));
                state.notify_job(name);
            }
            Ok(Value::Null)
        });
        if saved.is_err() {
            error!("the stage of the training job {name} cannot be saved");
        }
    }

    fn record_job(&self, name: &str, end: Outcome) {
        let saved = self.change(|state| {
            let now = Epoch::from(clock::now());
            let Some(job) = state.jobs.get_mut(name) else {
                return Ok(Value::Null);
            };
            // A job that fails while it is being stopped counts as stopped.
            let end = match end {
                Outcome::Failed(_, metrics) if job.secondary_status == SecondaryStatus::Stopping => {
                    let results = Results {
                        metrics,
                        artifact_url: None,
                    };
                    Outcome::Stopped(SecondaryStatus::Stopped, results)
                }
                Outcome::Completed(results) if job.secondary_status == SecondaryStatus::Stopping => {
                    Outcome::Stopped(SecondaryStatus::Stopped, results)
                }
                end => end,
            };
            let mut keep = |results: Results| {
                job.final_metric_data_list = results.metrics;
                job.model_artifacts = results
                    .artifact_url
                    .map(|s3_model_artifacts| ModelArtifacts { s3_model_artifacts });
            };
            match end {
                Outcome::Completed(results) => {
                    keep(results);
                    job.enter(SecondaryStatus::Completed, now);
                }
                Outcome::Stopped(status, results) => {
                    keep(results);
                    job.enter(status, now);
                }
                Outcome::Failed(reason, metrics) => {
                    info!("the training job {name} failed: {reason}");
                    job.final_metric_data_list = metrics;
                    job.fail(&reason, now);
                }
            }
            info!("the training job {name} is {:?}", job.secondary_status);
            state.notify_job(name);
            Ok(Value::Null)
        });
        if saved.is_err() {
            error!("the end of the training job {name} cannot be saved");
        }
    }
}
