//! The last step of each run: records the result, so that the next run can start, and notifies the operators. Stops a training job
//! that is still running, and deletes models that no rollback needs.

use adapters::{
    dynamodb::Table,
    sagemaker::{Hosting, TrainingJobs},
    sns::Topic,
};
use domain::{
    machine::CaughtError,
    model::ServingModel,
    retraining::{Reason, RetrainError, Retraining, Run, document::Document},
};
use kernel::Timestamp;
use runtime::{
    clock,
    config::{self, ConfigError},
};

use crate::{
    retraining_end::RetrainingEnd,
    step::{self, StepFailure},
};

/// What this function needs.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    jobs: TrainingJobs,
    hosting: Hosting,
    retraining_end: RetrainingEnd,
    name_prefix: String,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let aws = adapters::aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);
        let endpoint = config::text("RECOMMENDATIONS_ENDPOINT")?;
        let topic = Topic::new(&aws, config::text("OPERATORS_TOPIC_ARN")?);

        Ok(Self {
            jobs: TrainingJobs::new(&aws),
            hosting: Hosting::new(&aws, endpoint.clone()),
            retraining_end: RetrainingEnd::new(&table, topic, endpoint),
            name_prefix: config::text("NAME_PREFIX")?,
            table,
        })
    }
}

/// Ends the run.
pub async fn handle(cx: Context, ended: Document) -> Result<(), StepFailure> {
    let (run, now) = (ended.run, clock::now());
    let Some(error) = &ended.error else {
        let (retraining, _) = match step::begin(&cx.table, &run).await {
            // An earlier attempt has released the registry: only the notice may be missing.
            Err(failure) if failure.0.error == RetrainError::Superseded => return finish(&cx, &run, now).await,
            found => found?,
        };
        return promote(&cx, &run, &retraining, now).await;
    };
    tracing::warn!(
        run.id = %run.run_id, error = error.error, cause = error.cause,
        "the retraining {} failed with {}", run.run_id, error.error
    );
    let retraining = cx.table.retrainings().find(&run).await?;
    let name = run.name(&cx.name_prefix);
    if retraining.as_ref().is_some_and(may_be_training)
        && let Err(error) = cx.jobs.stop(&name).await
    {
        tracing::warn!("the training job {name} may run until its time limit: {error}");
    }
    let mut reason = reason_of(error);
    match &ended.rollback_error {
        None => delete(&cx, &name).await,
        Some(error) => reason.sentence = rollback_sentence(&cx, &reason, error, retraining.as_ref()),
    }

    Ok(cx.retraining_end.failed(&run, &reason, now).await?)
}

async fn promote(cx: &Context, run: &Run, retraining: &Retraining, now: Timestamp) -> Result<(), StepFailure> {
    let promoted = ServingModel {
        run_id: run.run_id,
        name: run.name(&cx.name_prefix),
        model_version: retraining.model_version.clone().ok_or(RetrainError::Internal)?,
        artefact: retraining.artefact.clone().ok_or(RetrainError::Internal)?,
        metrics: retraining.metrics.ok_or(RetrainError::Internal)?,
        promoted_at: now,
    };
    for dropped in cx.retraining_end.promoted(retraining, promoted, now).await? {
        delete(cx, &dropped.name).await;
    }

    Ok(())
}

/// Finishes after an attempt that died between releasing the registry and the notice.
async fn finish(cx: &Context, run: &Run, now: Timestamp) -> Result<(), StepFailure> {
    let (retrainings, models) = (cx.table.retrainings(), cx.table.models());
    let models = models.find().await?;
    let mut serving = [models.current, models.challenger].into_iter().flatten();
    let promoted = serving.find(|model| model.run_id == run.run_id);
    let (Some(promoted), Some(retraining)) = (promoted, retrainings.find(run).await?) else {
        return Err(RetrainError::Superseded.into());
    };
    cx.retraining_end.promoted(&retraining, promoted, now).await?;

    Ok(())
}

/// A model that remains costs nothing, so that a failure is only logged.
async fn delete(cx: &Context, name: &str) {
    if let Err(error) = cx.hosting.delete(name).await {
        tracing::warn!("the model {name} could not be deleted: {error}");
    }
}

fn may_be_training(retraining: &Retraining) -> bool {
    retraining.training_token.is_some() && retraining.training_outcome.is_none()
}

fn rollback_sentence(cx: &Context, reason: &Reason, error: &CaughtError, retraining: Option<&Retraining>) -> String {
    let endpoint = cx.hosting.endpoint();
    let before = retraining.and_then(|retraining| retraining.update.as_ref());
    let before = before.map_or("its previous configuration", |update| &update.before);

    format!(
        "{} The endpoint {endpoint} could not be rolled back to the model before ({}). Do it by hand: aws sagemaker \
         update-endpoint --endpoint-name {endpoint} --endpoint-config-name {before}",
        reason.sentence,
        reason_of(error).error
    )
}

/// The reason for the operator. Errors of Step Functions and Lambda are only logged with their own texts.
fn reason_of(caught: &CaughtError) -> Reason {
    match caught.error.parse::<RetrainError>() {
        Ok(error) => match caught.sentence() {
            sentence if sentence.is_empty() => error.into(),
            sentence => Reason::new(error, sentence),
        },
        Err(_) if caught.is_timeout() || caught.is_crash() => Reason::new(
            RetrainError::Interrupted,
            format!(
                "A step was interrupted or did not end in time ({}). Retrain.",
                caught.error
            ),
        ),
        Err(_) => RetrainError::Internal.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(error: &str, cause: &str) -> Reason {
        reason_of(&CaughtError {
            error: error.to_owned(),
            cause: cause.to_owned(),
        })
    }

    #[test]
    fn the_sentence_of_a_step_reaches_the_operator() {
        let by_lambda = r#"{"errorType":"WorseThanPopular","errorMessage":"The new model is worse."}"#;
        assert_eq!(
            reason("WorseThanPopular", by_lambda),
            Reason::new(RetrainError::WorseThanPopular, "The new model is worse.")
        );
        assert_eq!(
            reason("TrainingFailed", "The training failed."),
            Reason::new(RetrainError::TrainingFailed, "The training failed.")
        );
        assert_eq!(reason("TrainingStopped", ""), RetrainError::TrainingStopped.into());
    }

    #[test]
    fn errors_of_step_functions_and_lambda_have_our_names() {
        assert_eq!(reason("States.Timeout", "").error, RetrainError::Interrupted);
        assert_eq!(reason("Lambda.Unknown", "no").error, RetrainError::Interrupted);
        assert_eq!(reason("Panic", "at src/main.rs"), RetrainError::Internal.into());
    }

    #[test]
    fn the_samples_of_the_state_are_read() {
        let ended =
            |sample: &str| -> Document { runtime::event::parse(serde_json::from_str(sample).unwrap()).unwrap() };

        assert!(
            ended(include_str!("../../../events/states/end-retraining.json"))
                .error
                .is_some()
        );
        assert!(
            ended(include_str!("../../../events/states/end-retraining-promoted.json"))
                .error
                .is_none()
        );
    }
}
