//! The step `train`: creates the run's training job. The machine waits on the task token until `sagemaker-events` gets the event of the
//! job's end. If that event is lost, the state times out, and the next attempt of this step inspects the job.
//!
//! The name of a job belongs to its run for ever: the first attempt creates the job, later ones attach to it.

use adapters::{
    dynamodb::Table,
    s3::Bucket,
    sagemaker::{Created, NewTraining, TrainingJobs},
    sfn::TaskTokens,
};
use domain::{
    machine::Waiting,
    retraining::{Channel, Metrics, RetrainError, Retraining, Run},
};
use runtime::config::{self, ConfigError};

use crate::{
    snapshot_training_data::manifest_key,
    step::{self, StepFailure, refused_as},
    training_end::{TrainingEnd, outcome},
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    bucket: Bucket,
    jobs: TrainingJobs,
    end: TrainingEnd,
    settings: Settings,
}

#[derive(Clone, Debug)]
struct Settings {
    name_prefix: String,
    image: Option<String>,
    role_arn: String,
    instance_type: String,
    max_seconds: u32,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            bucket: Bucket::new(&aws, config::text("RECOMMENDATIONS_BUCKET")?),
            jobs: TrainingJobs::new(&aws),
            end: TrainingEnd::new(&table, TaskTokens::new(&aws)),
            settings: Settings {
                name_prefix: config::text("NAME_PREFIX")?,
                image: config::optional("RECOMMENDER_IMAGE"),
                role_arn: config::text("TRAINING_ROLE_ARN")?,
                instance_type: config::text("TRAINING_INSTANCE_TYPE")?,
                max_seconds: config::value("TRAINING_MAX_SECONDS")?,
            },
            table,
        })
    }
}

/// Creates the run's job, unless it exists.
pub async fn handle(cx: Context, Waiting { input: run, task_token }: Waiting<Run>) -> Result<(), StepFailure> {
    let (retraining, _) = step::begin(&cx.table, &run).await?;
    if let Some(outcome) = &retraining.training_outcome {
        return Ok(cx.end.report(&task_token, outcome).await?);
    }
    // Stored before the job is created, so that its first event finds the token.
    cx.table.retrainings().wait_for_training(&run, &task_token).await?;

    let name = run.name(&cx.settings.name_prefix);
    if create(&cx, &run, &name, &retraining).await? == Created::New {
        tracing::info!(run.id = %run.run_id, job = name, "created the training job {name}");
        return Ok(());
    }
    let job = cx.jobs.find(&name).await?.ok_or(RetrainError::Unavailable)?;
    tracing::info!(run.id = %run.run_id, job = name, "attached to the training job {name}");

    match outcome(&job.status) {
        Some(outcome) => Ok(cx.end.ended(&run, &outcome).await?),
        None => Ok(()),
    }
}

async fn create(cx: &Context, run: &Run, name: &str, retraining: &Retraining) -> Result<Created, StepFailure> {
    let settings = &cx.settings;
    let current = retraining.challenges.as_ref().map(|_| Channel::Current);
    let channels = Channel::DATA.into_iter().chain(current);
    let channels: Vec<_> = channels
        .map(|channel| (channel.as_str(), cx.bucket.uri(&manifest_key(run, channel))))
        .collect();
    let job = NewTraining {
        name,
        image: settings.image.as_deref().ok_or(RetrainError::NotSetUp)?,
        role_arn: &settings.role_arn,
        channels: &channels,
        output: &cx.bucket.uri("models"),
        instance_type: &settings.instance_type,
        max_seconds: settings.max_seconds,
        hyperparameters: &retraining.hyperparameters,
        metrics: &Metrics::NAMES,
    };

    cx.jobs
        .create(&job)
        .await
        .map_err(refused_as(RetrainError::TrainingRejected))
}
