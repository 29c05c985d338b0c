//! The steps `update` and `roll back`: update the endpoint to the new model, or back to the model before. The machine waits on the task
//! token until `sagemaker-events` gets the event of the endpoint. If that event is lost, the state times out, and the next attempt of
//! this step inspects the endpoint.

use adapters::{
    dynamodb::Table,
    sagemaker::{Hosting, SageMakerError},
    sfn::TaskTokens,
};
use domain::{
    machine::Waiting,
    retraining::{EndpointUpdate, NextStep, RetrainError, Retraining, UpdateTarget, document::UpdateRun},
};
use runtime::{
    clock,
    config::{self, ConfigError},
};

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

/// Requests the update, unless it is requested or done already.
pub async fn handle(cx: Context, Waiting { input, task_token }: Waiting<UpdateRun>) -> Result<(), StepFailure> {
    let UpdateRun { run, to } = input;
    let (retraining, _) = step::begin(&cx.table, &run).await?;
    let Some(target) = target(&retraining, to, &run.name(&cx.name_prefix)) else {
        // The run made no update that could be rolled back.
        return Ok(cx.tokens.succeed(&task_token).await?);
    };
    let endpoint = cx.hosting.find().await?;
    let requested = retraining.update_of(to);
    let serving = || endpoint.as_ref().map(|endpoint| endpoint.config.clone());
    let mut update = EndpointUpdate {
        task_token,
        config: target,
        before: requested
            .map(|update| update.before.clone())
            .or_else(serving)
            .unwrap_or_default(),
        requested_at: requested.and_then(|update| update.requested_at),
    };
    // Stored before the request, so that the first event finds the token.
    cx.table.retrainings().note_update(&run, to, &update).await?;

    match update.next(endpoint.as_ref()) {
        NextStep::Done => Ok(cx.tokens.succeed(&update.task_token).await?),
        NextStep::Wait => Ok(()),
        NextStep::Busy => Err(RetrainError::Unavailable.into()),
        NextStep::Fail(reason) => Err(reason.into()),
        NextStep::Request => {
            cx.hosting.update(&update.config).await.map_err(update_error)?;
            tracing::info!(run.id = %run.run_id, "requested the update of {} to {}", cx.hosting.endpoint(), update.config);
            update.requested_at = Some(clock::now());
            Ok(cx.table.retrainings().note_update(&run, to, &update).await?)
        }
    }
}

/// The configuration to update to; `None` if there is nothing to do.
fn target(retraining: &Retraining, to: UpdateTarget, candidate: &str) -> Option<String> {
    match to {
        UpdateTarget::Candidate => Some(candidate.to_owned()),
        UpdateTarget::Previous => retraining.update.as_ref().map(|update| update.before.clone()),
    }
}

/// An update by someone else ends by itself: the step is retried.
fn update_error(error: SageMakerError) -> StepFailure {
    match &error {
        SageMakerError::Rejected { message, .. } if message.contains("in-progress") => RetrainError::Unavailable.into(),
        _ => refused_as(RetrainError::EndpointUpdateFailed)(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use adapters::aws;
    use domain::retraining::Run;
    use kernel::{Timestamp, id::RetrainingId};
    use runtime::http::testing::Services;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_repeated_step_keeps_the_configuration_to_roll_back_to() {
        let run = Run {
            run_id: RetrainingId::mint(Timestamp::UNIX_EPOCH),
        };
        let (id, config) = (run.run_id, run.name("marquee"));
        let time = json!({ "S": "2026-11-18T11:06:40Z" });
        let update = json!({
            "task_token": { "S": "earlier" }, "config": { "S": config }, "before": { "S": "old" }, "requested_at": time,
        });
        let retraining = json!({
            "pk": { "S": format!("RETRAINING#{id}") }, "sk": { "S": "RETRAINING" }, "run_id": { "S": id },
            "started_at": time, "state": { "S": "running" }, "update": { "M": update }, "version": { "N": "1" },
            "expires_at_epoch": { "N": "0" }, "lists_pk": { "S": "" }, "lists_sk": { "S": "" },
        });
        let models = json!({
            "pk": { "S": "MODEL" }, "sk": { "S": "MODEL" }, "version": { "N": "1" },
            "active_run": { "M": { "run_id": { "S": id }, "since": time } },
        });
        let items = [retraining, models];
        let services = Services::answering(move |call| match call.name.as_str() {
            // The endpoint serves the new model already.
            "DescribeEndpoint" => {
                let endpoint = json!({ "EndpointStatus": "InService", "EndpointConfigName": config });
                (200, endpoint.to_string())
            }
            _ => call.answer_from(&items),
        })
        .await;
        let aws = aws::at(&services.url);
        let cx = Context {
            table: Table::new(&aws, "marquee"),
            hosting: Hosting::new(&aws, "marquee"),
            tokens: TaskTokens::new(&aws),
            name_prefix: "marquee".to_owned(),
        };
        let waiting = Waiting {
            input: UpdateRun {
                run,
                to: UpdateTarget::Candidate,
            },
            task_token: "token".to_owned(),
        };

        handle(cx, waiting).await.unwrap();

        let calls = services.calls();
        let noted = calls.iter().find(|call| call.name == "UpdateItem").unwrap();
        let written = &noted.body["ExpressionAttributeValues"][":v0"]["M"];
        assert_eq!(written["before"], json!({ "S": "old" }));
        assert_eq!(written["task_token"], json!({ "S": "token" }));
        assert!(calls.iter().any(|call| call.name == "SendTaskSuccess"));
    }

    #[test]
    fn a_rollback_goes_back_to_the_configuration_before() {
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
}
