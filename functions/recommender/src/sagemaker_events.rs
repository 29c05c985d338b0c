//! Handles events of training jobs and of the endpoint: EventBridge calls this function with "SageMaker Training Job State Change" and
//! "SageMaker Endpoint State Change". An event may come twice, late, or in another order.

use adapters::{
    dynamodb::Table,
    sagemaker::{Hosting, JobStatus},
    sfn::TaskTokens,
};
use domain::retraining::{RetrainingState, Run, UpdateTarget};
use runtime::config::{self, ConfigError};
use serde::Deserialize;

use crate::{
    endpoint_end,
    training_end::{TrainingEnd, outcome},
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    hosting: Hosting,
    tokens: TaskTokens,
    end: TrainingEnd,
    name_prefix: String,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let tokens = TaskTokens::new(&aws);

        Ok(Self {
            hosting: Hosting::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?),
            end: TrainingEnd::new(&table, tokens.clone()),
            name_prefix: config::text("NAME_PREFIX")?,
            tokens,
            table,
        })
    }
}

/// The part of an event that is used.
#[derive(Debug, Deserialize)]
pub struct StateChange {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Detail {
    Training(TrainingChange),
    Endpoint(EndpointChange),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrainingChange {
    training_job_name: String,
    training_job_status: String,
    #[serde(default)]
    secondary_status: String,
    #[serde(default)]
    failure_reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EndpointChange {
    endpoint_name: String,
    endpoint_status: String,
}

impl TrainingChange {
    fn status(&self) -> JobStatus {
        JobStatus::new(&self.training_job_status, &self.secondary_status, &self.failure_reason)
    }
}

impl EndpointChange {
    /// Whether the change is over. Events have other words than the API.
    fn is_settled(&self) -> bool {
        matches!(
            self.endpoint_status.as_str(),
            "IN_SERVICE" | "FAILED" | "OUT_OF_SERVICE" | "UPDATE_ROLLBACK_FAILED"
        )
    }
}

/// Resumes the run that waits for the event.
pub async fn handle(cx: Context, event: StateChange) -> Result<(), runtime::Error> {
    match event.detail {
        Detail::Training(change) => training(&cx, &change).await,
        Detail::Endpoint(change) => endpoint(&cx, &change).await,
    }
}

async fn training(cx: &Context, change: &TrainingChange) -> Result<(), runtime::Error> {
    let name = &change.training_job_name;
    let Some(run) = Run::from_name(&cx.name_prefix, name) else {
        tracing::info!(job = name, "the training job {name} does not belong to Marquee");
        return Ok(());
    };
    let Some(outcome) = outcome(&change.status()) else {
        return Ok(());
    };
    tracing::info!(run.id = %run.run_id, ?outcome, "the training job {name} ended");

    Ok(cx.end.ended(&run, &outcome).await?)
}

async fn endpoint(cx: &Context, change: &EndpointChange) -> Result<(), runtime::Error> {
    if change.endpoint_name != cx.hosting.endpoint() || !change.is_settled() {
        return Ok(());
    }
    let Some(active) = cx.table.models().find().await?.active_run else {
        return Ok(());
    };
    let run = Run { run_id: active.run_id };
    let retraining = cx.table.retrainings().find(&run).await?;
    let Some(retraining) = retraining.filter(|retraining| retraining.state == RetrainingState::Running) else {
        return Ok(());
    };
    // A run with a rollback no longer waits for its first update.
    let update = retraining
        .update_of(UpdateTarget::Previous)
        .or_else(|| retraining.update_of(UpdateTarget::Candidate));

    match update {
        Some(update) => Ok(endpoint_end::report(&cx.hosting, &cx.tokens, update).await?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! sample {
        ($name:literal) => {{
            let sample = include_str!(concat!("../../../events/sagemaker/", $name, ".json"));
            let event: StateChange = runtime::event::parse(serde_json::from_str(sample).unwrap()).unwrap();
            event.detail
        }};
    }

    #[test]
    fn every_sample_of_a_training_has_a_run_and_a_status() {
        let statuses = [
            (sample!("training-in-progress"), JobStatus::InProgress),
            (sample!("sagemaker-events"), JobStatus::Completed),
            (
                sample!("training-failed"),
                JobStatus::Failed("AlgorithmError: the channel `titles` has no title, exit code: 1".to_owned()),
            ),
            (
                sample!("training-stopped"),
                JobStatus::Stopped("MaxRuntimeExceeded".to_owned()),
            ),
        ];
        for (detail, status) in statuses {
            let Detail::Training(change) = detail else {
                panic!("{detail:?} is a training");
            };
            assert!(
                Run::from_name("marquee", &change.training_job_name).is_some(),
                "{change:?}"
            );
            assert_eq!(change.status(), status);
        }
    }

    #[test]
    fn an_endpoint_is_read_when_its_change_is_over() {
        for (detail, settled) in [
            (sample!("endpoint-updating"), false),
            (sample!("endpoint-in-service"), true),
        ] {
            let Detail::Endpoint(change) = detail else {
                panic!("{detail:?} is an endpoint");
            };
            assert_eq!(change.endpoint_name, "marquee-recommendations");
            assert_eq!(change.is_settled(), settled);
        }
    }
}
