//! `POST /admin/recommender/retrainings`: begins a retraining by hand.

use std::collections::BTreeMap;

use adapters::ServiceError;
use axum::{Json, extract::State, http::StatusCode};
use domain::{model::ModelRole, retraining::RetrainingState};
use kernel::id::{ExperimentId, RetrainingId};
use runtime::http::{Admin, Body, FieldErrors, Now, Problem, Request, RequestOrigin, Sample, sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    retraining_start::{HyperparametersMode, StartOutcome, StartRequest},
};

/// SageMaker's limits.
const MOST_HYPERPARAMETERS: usize = 100;
const LONGEST_NAME: usize = 256;
const LONGEST_VALUE: usize = 2_500;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(retrain))
}

/// How to train.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrainRequest {
    /// What the trainer is told besides its defaults, as SageMaker takes it: all values are texts.
    #[serde(default)]
    hyperparameters: BTreeMap<String, String>,
    /// What the new model is for: `current` replaces the current model, `challenger` is served next to it for an experiment.
    #[serde(default)]
    place: ModelRole,
    /// What happens to the default hyperparameters, which are those of the last challenger that won: with `keep` this run's
    /// hyperparameters override them for this run, with `replace` they become the new defaults.
    #[serde(default)]
    hyperparameters_mode: HyperparametersMode,
}

/// A retraining that has begun. How it ends is told to the operators' topic.
#[derive(Serialize, ToSchema)]
pub struct RetrainingStarted {
    run_id: RetrainingId,
    state: RetrainingState,
}

impl Request for RetrainRequest {
    type Valid = Self;

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.hyperparameters.len() > MOST_HYPERPARAMETERS {
            errors.refuse(
                "/hyperparameters",
                format!("may have at most {MOST_HYPERPARAMETERS} entries"),
            );
        }
        for (name, value) in &self.hyperparameters {
            let pointer = format!("/hyperparameters/{}", name.replace('~', "~0").replace('/', "~1"));
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
                errors.refuse(pointer, "is not the name of a hyperparameter: use a-z, 0-9 and _");
            } else if value.is_empty() || value.chars().count() > LONGEST_VALUE || value.contains('\n') {
                errors.refuse(pointer, format!("must be one line of 1 to {LONGEST_VALUE} characters"));
            }
        }

        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}

/// Why no retraining was begun.
enum RetrainError {
    AtWork(RetrainingId),
    Experiment(ExperimentId),
    NothingToChallenge,
    NotSetUp,
    Start(ServiceError),
}

impl From<RetrainError> for Problem {
    fn from(error: RetrainError) -> Self {
        match error {
            RetrainError::AtWork(id) => Self::conflict(format!("the retraining {id} is at work: wait for its end")),
            RetrainError::Experiment(id) => Self::conflict(format!(
                "the experiment {id} compares two models, which have to stay what they are: wait for its end, or stop it"
            )),
            RetrainError::NothingToChallenge => Self::conflict(
                "there is no trained model that another one could stand beside: retrain without `place` first",
            ),
            RetrainError::NotSetUp => Self::conflict(
                "there is no recommender to train: deploy infra/recommendations.yaml and set the parameter RecommenderImage",
            ),
            RetrainError::Start(error) => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/admin/recommender/retrainings", operation_id = "retrain", tag = "recommender",
    summary = "Retrain the recommender",
    description = "Begins a run that trains on the data of this moment, judges the new model, and lets it serve if it is not \
                   worse than the one before; or lets it stand beside that one, for an experiment. For admins.",
    request_body = RetrainRequest,
    responses(
        (status = 202, description = "The run has begun", body = RetrainingStarted),
        (status = 403, description = "Only admins may do this"),
        (status = 409, description = "Another run is at work, an experiment goes on, or there is nothing to train or to challenge"),
        (status = 422, description = "These are no hyperparameters"),
    ),
    security(("account" = [])),
)]
async fn retrain(
    Admin(person): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Body(asked): Body<RetrainRequest>,
) -> Result<(StatusCode, Json<RetrainingStarted>), Problem> {
    let request = StartRequest {
        started_by: Some(person.id),
        origin: Some(origin),
        hyperparameters: asked.hyperparameters,
        place: asked.place,
        hyperparameters_mode: asked.hyperparameters_mode,
    };
    let started = cx.retraining_start.start(request, now).await;
    match started.map_err(RetrainError::Start)? {
        StartOutcome::Started(run) => Ok((
            StatusCode::ACCEPTED,
            Json(RetrainingStarted {
                run_id: run.run_id,
                state: RetrainingState::Running,
            }),
        )),
        StartOutcome::AlreadyRunning(run) => Err(RetrainError::AtWork(run.run_id).into()),
        StartOutcome::ExperimentRunning(id) => Err(RetrainError::Experiment(id).into()),
        StartOutcome::NothingToChallenge => Err(RetrainError::NothingToChallenge.into()),
        StartOutcome::NotSetUp => Err(RetrainError::NotSetUp.into()),
    }
}

impl Sample for RetrainRequest {
    fn samples() -> Vec<Self> {
        let told = BTreeMap::from([("half_life_days".to_owned(), "30".to_owned())]);

        vec![
            Self {
                hyperparameters: BTreeMap::new(),
                place: ModelRole::Current,
                hyperparameters_mode: HyperparametersMode::Replace,
            },
            Self {
                hyperparameters: told,
                place: ModelRole::Challenger,
                hyperparameters_mode: HyperparametersMode::Keep,
            },
        ]
    }
}

impl Sample for RetrainingStarted {
    fn samples() -> Vec<Self> {
        vec![Self {
            run_id: RetrainingId::from_uuid(sample::uuid()),
            state: RetrainingState::Running,
        }]
    }
}

#[cfg(test)]
mod tests {
    use runtime::http::testing::Api;
    use serde_json::Value;

    use super::*;

    fn api() -> Api {
        Api::new(Context::offline(), route())
    }

    #[tokio::test]
    async fn the_sample_gets_through_the_door() {
        let event: Value = serde_json::from_str(include_str!("../../../events/api/retrain.json")).unwrap();

        let problem = api().event(&event).await.refused(503);
        assert_eq!(problem.instance, event["rawPath"]);
    }

    #[tokio::test]
    async fn only_admins_retrain() {
        let (api, body) = (api(), || serde_json::json!({}));
        let path = "/api/admin/recommender/retrainings";

        api.stranger().post(path, body()).await.refused(401);
        api.viewer().post(path, body()).await.refused(403);
        api.creator().post(path, body()).await.refused(403);
    }

    #[test]
    fn hyperparameters_are_held_to_what_sagemaker_takes() {
        let parse = |name: &str, value: &str| {
            let hyperparameters = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            let (place, hyperparameters_mode) = (ModelRole::Current, HyperparametersMode::Keep);
            RetrainRequest {
                hyperparameters,
                place,
                hyperparameters_mode,
            }
            .parse()
        };

        assert!(parse("half_life_days", "30").is_ok());
        assert!(parse("", "30").is_err());
        assert!(parse("Half life", "30").is_err());
        assert!(parse("half_life_days", "").is_err());
        assert!(parse("half_life_days", "3\n0").is_err());
        assert!(parse("half_life_days", &"3".repeat(LONGEST_VALUE + 1)).is_err());
        let many = (0..=MOST_HYPERPARAMETERS)
            .map(|n| (format!("p{n}"), "1".to_owned()))
            .collect();
        let many = RetrainRequest {
            hyperparameters: many,
            place: ModelRole::Current,
            hyperparameters_mode: HyperparametersMode::Keep,
        };
        assert!(many.parse().is_err());
    }
}
