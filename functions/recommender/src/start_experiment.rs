//! `POST /admin/recommender/experiments`: declares an experiment, which starts at once.

use adapters::{dynamodb::StoreError, sagemaker::SageMakerError};
use axum::{Json, extract::State, http::StatusCode};
use domain::{
    audit::{Action, AuditEntry, Target},
    experiment::{Design, Experiment, ExperimentRecord, MIN_PEOPLE, Metric, StopRule},
    model::NotComparable,
};
use kernel::id::ExperimentId;
use runtime::http::{Admin, Body, FieldErrors, Now, Problem, Request, RequestOrigin, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::ExperimentView};

const MAX_NAME_CHARACTERS: usize = 100;
/// Counting takes one or two kilobytes of the function's memory for each person.
const MAX_PEOPLE: u32 = 500_000;
/// No retraining may start for this time.
const MAX_DAYS: u16 = 90;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(start_experiment))
}

/// The declaration of an experiment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartExperimentRequest {
    /// The name, for people: 1 to 100 characters.
    #[schema(examples("More dimensions"))]
    name: String,
    /// How the models are compared.
    design: Design,
    /// What is counted.
    metric: Metric,
    /// The share of people who take part, in percent, from 1 to 100.
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
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARACTERS || name.chars().any(char::is_control) {
            errors.refuse(
                "/name",
                format!("must be one line of 1 to {MAX_NAME_CHARACTERS} characters"),
            );
        }
        if !(1..=100).contains(&self.share_percent) {
            errors.refuse("/share_percent", "must be from 1 to 100");
        }
        let StopRule {
            people,
            days,
            window_days,
        } = self.stop;
        if !(MIN_PEOPLE..=MAX_PEOPLE).contains(&people) {
            errors.refuse("/stop/people", format!("must be from {MIN_PEOPLE} to {MAX_PEOPLE}"));
        }
        if !(2..=MAX_DAYS).contains(&days) {
            errors.refuse("/stop/days", format!("must be from 2 to {MAX_DAYS}"));
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

/// Why no experiment was started.
enum StartExperimentError {
    NotComparable(NotComparable),
    ChallengerNotServed(String),
    Store(StoreError),
    Hosting(SageMakerError),
}

impl From<StartExperimentError> for Problem {
    fn from(error: StartExperimentError) -> Self {
        match error {
            StartExperimentError::NotComparable(NotComparable::ExperimentRuns(id)) => {
                Self::conflict(format!("the experiment {id} is running: wait for its end, or stop it"))
            }
            StartExperimentError::NotComparable(NotComparable::RetrainingRuns(id)) => Self::conflict(format!(
                "the retraining {id} is running: wait for its end. If its execution is over, retrain with `\"place\": \
                 \"challenger\"`: that takes over"
            )),
            StartExperimentError::NotComparable(NotComparable::NoChallenger) => Self::conflict(
                "there is no challenger: retrain with `\"place\": \"challenger\"` and the hyperparameters to compare with",
            ),
            StartExperimentError::ChallengerNotServed(config) => Self::conflict(format!(
                "the endpoint serves the configuration {config}, which has no challenger: retrain with `\"place\": \
                 \"challenger\"`"
            )),
            StartExperimentError::Store(error) => error.into(),
            StartExperimentError::Hosting(error) => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/admin/recommender/experiments", operation_id = "start_experiment", tag = "recommender",
    summary = "Compare two models",
    description = "Declares what is measured and when the experiment ends, and starts it. The model that a person gets follows from \
                   the account's id. No retraining starts until it ends. For admins.",
    request_body = StartExperimentRequest,
    responses(
        (status = 201, description = "The experiment has started", body = ExperimentView),
        (status = 403, description = "Only admins may do this"),
        (status = 409, description = "The endpoint has no challenger, or another experiment or a retraining is running"),
        (status = 422, description = "Some fields are not valid"),
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
    let (current, challenger) = models.comparable().map_err(StartExperimentError::NotComparable)?;
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
    let served = cx
        .hosting
        .find()
        .await
        .map_err(StartExperimentError::Hosting)?
        .map(|endpoint| endpoint.config);
    if served.as_deref() != Some(challenger.name.as_str()) {
        return Err(StartExperimentError::ChallengerNotServed(served.unwrap_or_default()).into());
    }
    let run = cx.retrainings.find_by_id(challenger.run_id).await?;
    let run = run.ok_or(StartExperimentError::NotComparable(NotComparable::NoChallenger))?;
    let target = Target::Experiment(experiment.experiment_id);
    let entry = AuditEntry::new(person.id, Action::ExperimentStarted, target, origin, now);
    let record = ExperimentRecord::new(experiment, person.id, run.hyperparameters);
    cx.experiments
        .start(&record, &mut models, &entry)
        .await
        .map_err(StartExperimentError::Store)?;
    tracing::info!(
        experiment.id = %record.experiment.experiment_id, "the experiment {} started", record.experiment.experiment_id
    );

    Ok((StatusCode::CREATED, Json(record.into())))
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
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn invalid_fields_are_refused() {
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
