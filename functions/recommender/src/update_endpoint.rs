//! The steps `update` and `roll back`: the endpoint is to serve the new model, or the one before again. The machine waits for
//! the task token until `sagemaker-events` hears of the endpoint and looks; should that event be lost, the state times out, this
//! step is tried again, and looks for itself.

use adapters::{
    dynamodb::Table,
    sagemaker::{Hosting, SageMakerError},
    sfn::TaskTokens,
};
use domain::retraining::{EndpointUpdate, NextStep, RetrainError, Retraining, Run, UpdateTarget};
use runtime::{
    clock,
    config::{self, ConfigError},
};
use serde::Deserialize;

use crate::step::{self, StepFailure, refused_as};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    hosting: Hosting,
    tokens: TaskTokens,
    name_prefix: String,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;

        Ok(Self {
            table: Table::new(&aws, config::text("TABLE_NAME")?),
            hosting: Hosting::new(&aws, config::text("RECOMMENDATIONS_ENDPOINT")?),
            tokens: TaskTokens::new(&aws),
            name_prefix: config::text("NAME_PREFIX")?,
        })
    }
}

/// A step that the machine waits for.
#[derive(Debug, Deserialize)]
pub struct Waiting {
    #[serde(flatten)]
    run: Run,
    to: UpdateTarget,
    task_token: String,
}

/// Sees to it that the endpoint is on its way.
pub async fn handle(cx: Context, Waiting { run, to, task_token }: Waiting) -> Result<(), StepFailure> {
    let (retraining, _) = step::begin(&cx.table, &run).await?;
    let Some(target) = target(&retraining, to, &run.name(&cx.name_prefix)) else {
        // Nothing was changed that could be taken back.
        return Ok(cx.tokens.succeed(&task_token).await?);
    };
    let endpoint = cx.hosting.find().await?;
    let known = retraining.update_of(to);
    let serving = || endpoint.as_ref().map(|endpoint| endpoint.config.clone());
    let mut update = EndpointUpdate {
        task_token,
        config: target,
        before: known
            .map(|known| known.before.clone())
            .or_else(serving)
            .unwrap_or_default(),
        requested_at: known.and_then(|known| known.requested_at),
    };
    // Before anything is asked for, so that the first event finds whom to tell.
    cx.table.retrainings().note_update(&run, to, &update).await?;

    match update.next(endpoint.as_ref()) {
        NextStep::Done => Ok(cx.tokens.succeed(&update.task_token).await?),
        NextStep::Wait => Ok(()),
        NextStep::Busy => Err(RetrainError::Unavailable.into()),
        NextStep::Fail(reason) => Err(reason.into()),
        NextStep::Request => {
            cx.hosting.update(&update.config).await.map_err(refusal)?;
            tracing::info!(run.id = %run.run_id, "{} is to serve {}", cx.hosting.endpoint(), update.config);
            update.requested_at = Some(clock::now());
            Ok(cx.table.retrainings().note_update(&run, to, &update).await?)
        }
    }
}

/// The configuration that is to serve, if there is anything to do.
fn target(retraining: &Retraining, to: UpdateTarget, candidate: &str) -> Option<String> {
    match to {
        UpdateTarget::Candidate => Some(candidate.to_owned()),
        UpdateTarget::Previous => retraining.update.as_ref().map(|update| update.before.clone()),
    }
}

/// Whoever else updates the endpoint will be done sometime.
fn refusal(error: SageMakerError) -> StepFailure {
    match &error {
        SageMakerError::Rejected { message, .. } if message.contains("in-progress") => RetrainError::Unavailable.into(),
        _ => refused_as(RetrainError::EndpointUpdateFailed)(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::{Timestamp, id::RetrainingId};

    use super::*;

    #[test]
    fn the_way_back_is_the_way_that_was_come() {
        let run = Run {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
        };
        let mut retraining = Retraining::new(run, None, BTreeMap::new(), Timestamp::UNIX_EPOCH);
        assert_eq!(
            target(&retraining, UpdateTarget::Candidate, "new").as_deref(),
            Some("new")
        );
        assert_eq!(target(&retraining, UpdateTarget::Previous, "new"), None);

        retraining.update = Some(EndpointUpdate {
            task_token: "token".to_owned(),
            config: "new".to_owned(),
            before: "old".to_owned(),
            requested_at: None,
        });
        assert_eq!(
            target(&retraining, UpdateTarget::Previous, "new").as_deref(),
            Some("old")
        );
    }

    #[test]
    fn the_sample_of_the_state_is_read() {
        let sample = include_str!("../../../events/states/update-endpoint.json");

        let waiting: Waiting = runtime::event::parse(serde_json::from_str(sample).unwrap()).unwrap();
        assert_eq!(waiting.to, UpdateTarget::Candidate);
    }
}
