//! The step `evaluate`: reads the metrics of the new model, which must pass the quality gate.

use adapters::{dynamodb::Table, s3::Bucket, sagemaker::TrainingJobs};
use domain::retraining::{Metrics, QualityGate, Reason, RetrainError, Run};
use runtime::config::{self, ConfigError};

use crate::{
    archive,
    step::{self, StepFailure},
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    bucket: Bucket,
    jobs: TrainingJobs,
    name_prefix: String,
    gate: QualityGate,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let margin = config::value("GATE_MARGIN")?;

        Ok(Self {
            table: Table::new(&aws, config::text("TABLE_NAME")?),
            bucket: Bucket::new(&aws, config::text("RECOMMENDATIONS_BUCKET")?),
            jobs: TrainingJobs::new(&aws),
            name_prefix: config::text("NAME_PREFIX")?,
            gate: QualityGate::with_margin(margin).ok_or_else(|| ConfigError::Invalid {
                name: "GATE_MARGIN",
                reason: format!("{margin} is not from 0 to below 1"),
            })?,
        })
    }
}

/// Evaluates the run's model.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let (retraining, models) = step::begin(&cx.table, &run).await?;
    let name = run.name(&cx.name_prefix);
    let job = cx.jobs.find(&name).await?.ok_or(RetrainError::NoEvaluation)?;
    let metrics = Metrics::read(|metric| job.metrics.get(metric).copied())
        .map_err(|error| StepFailure::from(Reason::with_cause(RetrainError::NoEvaluation, &error.to_string())))?;
    let manifest = if retraining.challenges.is_some() {
        archive::CHALLENGER_MANIFEST
    } else {
        archive::CURRENT_MANIFEST
    };
    let manifest = archive::manifest(&cx.bucket, &artefact_key(&name), manifest).await?;

    let retrainings = cx.table.retrainings();
    retrainings
        .note_model(&run, &metrics, &manifest.version, &job.artefact)
        .await?;
    let before = models.current.as_ref().map(|current| &current.metrics);
    let passed = cx.gate.decide(&metrics, before)?;
    tracing::info!(run.id = %run.run_id, ?metrics, ?passed, "the model {} passed the quality gate", manifest.version);

    Ok(retrainings.note_passed(&run, passed).await?)
}

/// The key of the archive that a training writes.
pub(crate) fn artefact_key(name: &str) -> String {
    format!("models/{name}/output/model.tar.gz")
}
