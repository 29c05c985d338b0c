//! The step `register`: creates the model in SageMaker, with an endpoint configuration that serves it.

use adapters::{
    dynamodb::Table,
    sagemaker::{Hosting, NewModel},
};
use domain::retraining::{RetrainError, Run};
use runtime::config::{self, ConfigError};

use crate::step::{self, StepFailure, refused_as};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    hosting: Hosting,
    name_prefix: String,
    image: Option<String>,
    role_arn: String,
    memory_mb: u32,
    max_concurrency: u32,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            table: Table::new(&aws, config::text("TABLE_NAME")?),
            hosting: Hosting::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?),
            name_prefix: config::text("NAME_PREFIX")?,
            image: config::optional("RECOMMENDER_IMAGE"),
            role_arn: config::text("MODEL_ROLE_ARN")?,
            memory_mb: config::value("ENDPOINT_MEMORY_MB")?,
            max_concurrency: config::value("ENDPOINT_MAX_CONCURRENCY")?,
        })
    }
}

/// Registers the run's model.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let (retraining, _) = step::begin(&cx.table, &run).await?;
    let name = run.name(&cx.name_prefix);
    let model = NewModel {
        name: &name,
        image: cx.image.as_deref().ok_or(RetrainError::NotSetUp)?,
        artefact: retraining.artefact.as_deref().ok_or(RetrainError::Internal)?,
        role_arn: &cx.role_arn,
        memory_mb: cx.memory_mb,
        max_concurrency: cx.max_concurrency,
    };

    cx.hosting
        .register(&model)
        .await
        .map_err(refused_as(RetrainError::ModelRejected))?;
    tracing::info!(run.id = %run.run_id, model = name, "registered the model {name}");
    Ok(())
}
