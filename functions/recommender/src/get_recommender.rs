//! `GET /admin/recommender/status`: the models, the last retrainings with their metrics, and the last experiments.

use std::collections::BTreeMap;

use adapters::dynamodb::PageRequest;
use axum::{Json, extract::State};
use futures::try_join;
use kernel::id::RetrainingId;
use runtime::http::{Admin, Problem, Sample};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    view::{ExperimentView, ModelView, RetrainingView},
};

/// How many retrainings are shown: one month of nights.
const MAX_RETRAININGS: u8 = 30;
const MAX_EXPERIMENTS: u8 = 10;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_recommender))
}

/// The recommender.
#[derive(Serialize, ToSchema)]
#[schema(as = Recommender)]
pub struct RecommenderView {
    /// The trained model that serves; none before the first training. Until then titles are recommended by their descriptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<ModelView>,
    /// The second model of the endpoint, for experiments.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenger: Option<ModelView>,
    /// The default hyperparameters of every training: those of the last challenger that won.
    hyperparameters: BTreeMap<String, String>,
    /// The retraining that is running.
    #[serde(skip_serializing_if = "Option::is_none")]
    active_run: Option<RetrainingId>,
    /// The last retrainings, newest first.
    retrainings: Vec<RetrainingView>,
    /// The last experiments, newest first; the first may be running.
    experiments: Vec<ExperimentView>,
}

#[utoipa::path(
    get, path = "/admin/recommender/status", operation_id = "get_recommender", tag = "recommender",
    summary = "Show the recommender",
    description = "The models, the last retrainings with their metrics, and the last experiments. For admins.",
    responses(
        (status = 200, description = "The recommender", body = RecommenderView),
        (status = 403, description = "Only admins may do this"),
    ),
    security(("account" = [])),
)]
async fn get_recommender(_admin: Admin, State(cx): State<Context>) -> Result<Json<RecommenderView>, Problem> {
    let (retrainings, experiments) = (PageRequest::first(MAX_RETRAININGS), PageRequest::first(MAX_EXPERIMENTS));
    let (models, retrainings, experiments) = try_join!(
        cx.models.find(),
        cx.retrainings.newest(&retrainings),
        cx.experiments.newest(&experiments),
    )?;

    Ok(Json(RecommenderView {
        current: models.current.map(ModelView::from),
        challenger: models.challenger.map(ModelView::from),
        hyperparameters: models.hyperparameters,
        active_run: models.active_run.map(|active| active.run_id),
        retrainings: retrainings.items.into_iter().map(RetrainingView::from).collect(),
        experiments: experiments.items.into_iter().map(ExperimentView::from).collect(),
    }))
}

impl Sample for RecommenderView {
    fn samples() -> Vec<Self> {
        vec![Self {
            current: Some(ModelView::sample("1f0c4b7e")),
            challenger: Some(ModelView::sample("2a3b4c5d")),
            hyperparameters: BTreeMap::new(),
            active_run: None,
            retrainings: RetrainingView::samples(),
            experiments: ExperimentView::samples(),
        }]
    }
}
