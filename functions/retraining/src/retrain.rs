//! `POST /admin/recommender/retrainings`: begins a retraining by hand.

use std::collections::BTreeMap;

use adapters::{
    ServiceError,
    aws,
    cognito::UserPool,
    dynamodb::{AuditLog, Table},
    account_statuses::AccountStatuses,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::{account::AccountStatus, audit::AuditEntry, retraining::RetrainingState};
use kernel::id::{AccountId, ExperimentId, RetrainingId};
use runtime::{
    config,
    http::{self, Admin, Body, FieldErrors, Now, Problem, Request, RequestOrigin, Sample, sample},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    start::{Order, Place, Recipe, Start, Starter},
    start_retraining::starter,
};

/// SageMaker's limits.
const MOST_HYPERPARAMETERS: usize = 100;
const LONGEST_NAME: usize = 256;
const LONGEST_VALUE: usize = 2_500;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(retrain))
}

/// What the route works with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    powers: AccountStatuses,
    audit: AuditLog,
    starter: Starter,
}

impl Context {
    /// Reads the environment.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            powers: AccountStatuses::new(UserPool::new(&aws, config::text("USER_POOL_ID")?)),
            audit: table.audit_log(),
            starter: starter(&aws, &table)?,
        })
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.powers.get(id).await?)
    }
}

impl http::Audited for Context {
    async fn record_refusal(&self, entry: AuditEntry) -> Result<(), Problem> {
        Ok(self.audit.write_once(&entry).await?)
    }
}

/// How to train.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrainRequest {
    /// What the trainer is told besides its defaults, as SageMaker takes it: all values are texts.
    #[serde(default)]
    hyperparameters: BTreeMap<String, String>,
    /// What becomes of the new model: `current` takes the place of the one that serves, `challenger` stands beside it for an
    /// experiment.
    #[serde(default)]
    place: Place,
    /// What becomes of the hyperparameters that every run tells the trainer, which are those of the last challenger that
    /// won: `keep` tells this run's on top of them, `replace` puts this run's in their place, from now on.
    #[serde(default)]
    recipe: Recipe,
}

/// A retraining that has begun. How it ends is told to the operators' topic.
#[derive(Serialize, ToSchema)]
pub struct RetrainingBegun {
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
        (status = 202, description = "The run has begun", body = RetrainingBegun),
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
) -> Result<(StatusCode, Json<RetrainingBegun>), Problem> {
    let order = Order {
        started_by: Some(person.id),
        origin: Some(origin),
        hyperparameters: asked.hyperparameters,
        place: asked.place,
        recipe: asked.recipe,
    };
    let started = cx.starter.start(order, now).await;
    match started.map_err(RetrainError::Start)? {
        Start::Begun(run) => Ok((
            StatusCode::ACCEPTED,
            Json(RetrainingBegun {
                run_id: run.run_id,
                state: RetrainingState::Running,
            }),
        )),
        Start::AtWork(run) => Err(RetrainError::AtWork(run.run_id).into()),
        Start::Experiment(id) => Err(RetrainError::Experiment(id).into()),
        Start::NothingToChallenge => Err(RetrainError::NothingToChallenge.into()),
        Start::NotSetUp => Err(RetrainError::NotSetUp.into()),
    }
}

impl Sample for RetrainRequest {
    fn samples() -> Vec<Self> {
        let told = BTreeMap::from([("half_life_days".to_owned(), "30".to_owned())]);

        vec![
            Self {
                hyperparameters: BTreeMap::new(),
                place: Place::Current,
                recipe: Recipe::Replace,
            },
            Self {
                hyperparameters: told,
                place: Place::Challenger,
                recipe: Recipe::Keep,
            },
        ]
    }
}

impl Sample for RetrainingBegun {
    fn samples() -> Vec<Self> {
        vec![Self {
            run_id: RetrainingId::from_uuid(sample::uuid()),
            state: RetrainingState::Running,
        }]
    }
}

#[cfg(test)]
mod tests {
    use adapters::{sfn::RetrainMachine, sns::Topic};
    use runtime::http::testing::Api;
    use serde_json::Value;

    use super::*;
    use crate::ending::Ending;

    /// The route with nobody behind it: what gets past the door is answered with 503.
    fn api() -> Api {
        let aws = aws::offline();
        let table = Table::new(&aws, "marquee");
        let topic = Topic::new(&aws, "arn:aws:sns:us-east-1:123456789012:marquee-operators");
        let machine = RetrainMachine::new(
            &aws,
            "arn:aws:states:us-east-1:123456789012:stateMachine:marquee-recommender-retrain",
        );
        let ending = Ending::new(&table, topic, "marquee-recommendations".to_owned());
        let context = Context {
            powers: AccountStatuses::new(UserPool::new(&aws, "us-east-1_EXAMPLE01")),
            audit: table.audit_log(),
            starter: Starter::new(&table, machine, ending, Some("marquee-recommender:latest".to_owned())),
        };

        Api::new(context, route())
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
            let (place, recipe) = (Place::Current, Recipe::Keep);
            RetrainRequest {
                hyperparameters,
                place,
                recipe,
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
            place: Place::Current,
            recipe: Recipe::Keep,
        };
        assert!(many.parse().is_err());
    }
}
