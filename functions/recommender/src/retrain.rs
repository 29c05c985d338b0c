//! `POST /admin/recommender/retrainings`: starts a retraining.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use domain::{model::ModelRole, retraining::RetrainingState};
use kernel::id::RetrainingId;
use runtime::http::{Admin, Body, FieldErrors, Now, Problem, Request, RequestOrigin, Sample, sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    retraining_start::{HyperparametersMode, StartError, StartRequest},
};

/// SageMaker's limits.
const MAX_HYPERPARAMETERS: usize = 100;
const MAX_NAME_BYTES: usize = 256;
const MAX_VALUE_CHARACTERS: usize = 2_500;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(retrain))
}

/// How to train.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrainRequest {
    /// The hyperparameters of this training, in addition to the default ones. All values are texts, as SageMaker requires.
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

/// A retraining that has started. The operators' topic gets a notice of its end.
#[derive(Serialize, ToSchema)]
pub struct RetrainingStarted {
    run_id: RetrainingId,
    state: RetrainingState,
}

impl Request for RetrainRequest {
    type Valid = Self;

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.hyperparameters.len() > MAX_HYPERPARAMETERS {
            errors.refuse(
                "/hyperparameters",
                format!("may have at most {MAX_HYPERPARAMETERS} entries"),
            );
        }
        for (name, value) in &self.hyperparameters {
            let pointer = format!("/hyperparameters/{}", name.replace('~', "~0").replace('/', "~1"));
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.chars().all(plain) {
                errors.refuse(pointer, "is not the name of a hyperparameter: use a-z, 0-9 and _");
            } else if value.is_empty() || value.chars().count() > MAX_VALUE_CHARACTERS || value.contains('\n') {
                errors.refuse(
                    pointer,
                    format!("must be one line of 1 to {MAX_VALUE_CHARACTERS} characters"),
                );
            }
        }

        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::AlreadyRunning(id) => {
                Self::conflict(format!("the retraining {id} is running: wait for its end"))
            }
            StartError::ExperimentRunning(id) => Self::conflict(format!(
                "the experiment {id} compares two models, which must not change: wait for its end, or stop it"
            )),
            StartError::NothingToChallenge => {
                Self::conflict("there is no trained model to challenge: retrain without `place` first")
            }
            StartError::NotSetUp => Self::conflict(
                "there is no recommender to train: deploy infra/recommendations.yaml and set the parameter RecommenderImage",
            ),
            StartError::Service(error) => error.into(),
        }
    }
}

#[utoipa::path(
    post, path = "/admin/recommender/retrainings", operation_id = "retrain", tag = "recommender",
    summary = "Retrain the recommender",
    description = "Starts a run that trains a model on the current data. The new model replaces the current one, or is its \
                   challenger for an experiment, unless it is worse. For admins.",
    request_body = RetrainRequest,
    responses(
        (status = 202, description = "The retraining has started", body = RetrainingStarted),
        (status = 403, description = "Only admins may do this"),
        (status = 409, description = "Another retraining or an experiment is running, or there is nothing to train or to challenge"),
        (status = 422, description = "Some hyperparameters are not valid"),
    ),
    security(("account" = [])),
)]
async fn retrain(
    Admin(person): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Body(request): Body<RetrainRequest>,
) -> Result<(StatusCode, Json<RetrainingStarted>), Problem> {
    let request = StartRequest {
        started_by: Some(person.id),
        origin: Some(origin),
        hyperparameters: request.hyperparameters,
        place: request.place,
        hyperparameters_mode: request.hyperparameters_mode,
    };
    let run = cx.retraining_start.start(request, now).await?;
    let started = RetrainingStarted {
        run_id: run.run_id,
        state: RetrainingState::Running,
    };

    Ok((StatusCode::ACCEPTED, Json(started)))
}

impl Sample for RetrainRequest {
    fn samples() -> Vec<Self> {
        let hyperparameters = BTreeMap::from([("half_life_days".to_owned(), "30".to_owned())]);

        vec![
            Self {
                hyperparameters: BTreeMap::new(),
                place: ModelRole::Current,
                hyperparameters_mode: HyperparametersMode::Replace,
            },
            Self {
                hyperparameters,
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
    use super::*;

    #[test]
    fn hyperparameters_have_the_limits_of_sagemaker() {
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
        assert!(parse("half_life_days", &"3".repeat(MAX_VALUE_CHARACTERS + 1)).is_err());
        let many = (0..=MAX_HYPERPARAMETERS)
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
