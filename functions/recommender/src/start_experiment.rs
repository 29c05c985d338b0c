//! `POST /admin/recommender/experiments`: declares an experiment, which begins at once.

use adapters::{dynamodb::StoreError, sagemaker::SageMakerError};
use axum::{Json, extract::State, http::StatusCode};
use domain::audit::{Action, AuditEntry, Target};
use domain::experiment::{Design, Experiment, ExperimentRecord, MIN_PEOPLE, Metric, StopRule};
use domain::model::NotComparable;
use kernel::id::ExperimentId;
use runtime::http::{Admin, Body, FieldErrors, Now, Problem, Request, RequestOrigin, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::ExperimentView};

const LONGEST_NAME: usize = 100;
/// What is known of a person while they are counted takes one or two kilobytes of the function's memory.
const MOST_PEOPLE: u32 = 500_000;
/// As long as no retraining may begin.
const MOST_DAYS: u16 = 90;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(start_experiment))
}

/// What is compared, and when it ends.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartExperimentRequest {
    /// What it is about, for people: 1 to 100 characters.
    #[schema(examples("More dimensions"))]
    name: String,
    /// How the models are compared.
    design: Design,
    /// What counts.
    metric: Metric,
    /// How many of a hundred people take part, from 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    share_percent: u8,
    /// When it ends: at the latest after 2 to 90 days, or when 100 to 500,000 people have been measured. The window
    /// is shorter than that.
    stop: StopRule,
}

impl Request for StartExperimentRequest {
    type Valid = Self;

    fn parse(self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            errors.refuse("/name", format!("must be one line of 1 to {LONGEST_NAME} characters"));
        }
        if !(1..=100).contains(&self.share_percent) {
            errors.refuse("/share_percent", "must be from 1 to 100");
        }
        let StopRule {
            people,
            days,
            window_days,
        } = self.stop;
        if !(MIN_PEOPLE..=MOST_PEOPLE).contains(&people) {
            errors.refuse("/stop/people", format!("must be from {MIN_PEOPLE} to {MOST_PEOPLE}"));
        }
        if !(2..=MOST_DAYS).contains(&days) {
            errors.refuse("/stop/days", format!("must be from 2 to {MOST_DAYS}"));
        } else if !(1..days).contains(&window_days) {
            errors.refuse("/stop/window_days", "must be at least 1 and less than `days`");
        }
        if !errors.is_empty() {
            return Err(errors);
        }

        Ok(Self {
            name: name.to_owned(),
            ..self
        })
    }
}

/// Why no experiment was begun.
enum StartError {
    NotComparable(NotComparable),
    ServesSomethingElse(String),
    Store(StoreError),
    Hosting(SageMakerError),
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::NotComparable(NotComparable::ExperimentRuns(id)) => {
                Self::conflict(format!("the experiment {id} goes on: wait for its end, or stop it"))
            }
            StartError::NotComparable(NotComparable::RetrainingRuns(id)) => Self::conflict(format!(
                "the retraining {id} is at work: wait for its end. If its execution is over, retrain with `\"place\": \
                 \"challenger\"`: that takes over"
            )),
            StartError::NotComparable(NotComparable::NoChallenger) => Self::conflict(
                "there is no challenger: retrain with `\"place\": \"challenger\"` and the hyperparameters to compare with",
            ),
            StartError::ServesSomethingElse(config) => Self::conflict(format!(
                "the endpoint serves the configuration {config}, in which the challenger is not: retrain with `\"place\": \
                 \"challenger\"`"
            )),
            StartError::Store(error) => error.into(),
            StartError::Hosting(error) => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/admin/recommender/experiments", operation_id = "start_experiment", tag = "recommender",
    summary = "Compare two models",
    description = "Declares what is measured and when it ends, and begins. Who gets which model follows from the account's id. No \
                   retraining begins until it ends. For admins.",
    request_body = StartExperimentRequest,
    responses(
        (status = 201, description = "The experiment has begun", body = ExperimentView),
        (status = 403, description = "Only admins may do this"),
        (status = 409, description = "The endpoint has no challenger, another experiment goes on, or a retraining is at work"),
        (status = 422, description = "This cannot be declared"),
    ),
    security(("account" = [])),
)]
async fn start_experiment(
    Admin(person): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Body(declared): Body<StartExperimentRequest>,
) -> Result<(StatusCode, Json<ExperimentView>), Problem> {
    let mut models = cx.models.find().await?;
    let (current, challenger) = models.comparable().map_err(StartError::NotComparable)?;
    let experiment = Experiment {
        experiment_id: ExperimentId::mint(now),
        name: declared.name,
        design: declared.design,
        metric: declared.metric,
        share_percent: declared.share_percent,
        stop: declared.stop,
        current: current.model_version.clone(),
        challenger: challenger.model_version.clone(),
        started_at: now,
    };
    let serves = cx
        .hosting
        .find()
        .await
        .map_err(StartError::Hosting)?
        .map(|endpoint| endpoint.config);
    if serves.as_deref() != Some(challenger.name.as_str()) {
        return Err(StartError::ServesSomethingElse(serves.unwrap_or_default()).into());
    }
    let run = cx.retrainings.find_by_id(challenger.run_id).await?;
    let run = run.ok_or(StartError::NotComparable(NotComparable::NoChallenger))?;
    let target = Target::Experiment(experiment.experiment_id);
    let entry = AuditEntry::new(person.id, Action::ExperimentStarted, target, origin, now);
    let trial = ExperimentRecord::new(experiment, person.id, run.hyperparameters);
    cx.experiments
        .start(&trial, &mut models, &entry)
        .await
        .map_err(StartError::Store)?;
    tracing::info!(
        experiment.id = %trial.experiment.experiment_id, "the experiment {} has begun", trial.experiment.experiment_id
    );

    Ok((StatusCode::CREATED, Json(trial.into())))
}

impl Sample for StartExperimentRequest {
    fn samples() -> Vec<Self> {
        let (experiment, _) = crate::view::sample_experiment();

        vec![Self {
            name: experiment.name,
            design: experiment.design,
            metric: experiment.metric,
            share_percent: experiment.share_percent,
            stop: experiment.stop,
        }]
    }
}

#[cfg(test)]
mod tests {
    use runtime::http::testing::Api;
    use serde_json::{Value, json};

    use super::*;

    #[tokio::test]
    async fn the_sample_gets_through_the_door() {
        let event: Value = serde_json::from_str(include_str!("../../../events/api/start-experiment.json")).unwrap();

        let problem = Api::new(Context::offline(), route()).event(&event).await.refused(503);
        assert_eq!(problem.instance, event["rawPath"]);
    }

    #[test]
    fn what_cannot_be_declared_is_refused_by_field() {
        let refused = |pointer: &str, value: Value| {
            let [sample] = &StartExperimentRequest::samples()[..] else {
                panic!("one sample")
            };
            let mut request = serde_json::to_value(sample).unwrap();
            *request.pointer_mut(pointer).unwrap() = value;
            let request: StartExperimentRequest = serde_json::from_value(request).unwrap();
            request.parse().is_err()
        };

        assert!(!refused("/name", json!("Fewer dimensions")));
        assert!(refused("/name", json!(" ")) && refused("/name", json!("a\nb")));
        assert!(refused("/share_percent", json!(0)) && refused("/share_percent", json!(101)));
        assert!(refused("/stop/people", json!(99)));
        assert!(refused("/stop/days", json!(1)) && refused("/stop/days", json!(91)));
        assert!(refused("/stop/window_days", json!(0)) && refused("/stop/window_days", json!(28)));
    }
}
