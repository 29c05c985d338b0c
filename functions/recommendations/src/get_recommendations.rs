//! `GET /me/recommendations`: the row that is only for me.

use axum::{Json, extract::State};
use runtime::http::{Now, Problem, Sample, Viewer, ViewerCountry};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    view::{self, RowView},
    visit::Visit,
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_recommendations))
}

/// What a person may like best.
#[derive(Serialize, ToSchema)]
#[schema(as = Recommendations)]
pub struct RecommendationsView {
    #[serde(flatten)]
    row: RowView,
    /// Who made it: `model:` and the model's version, or `fallback` when the recommender did not answer in time.
    #[schema(examples("model:1f0c4b7e", "fallback"))]
    source: String,
}

#[utoipa::path(
    get, path = "/me/recommendations", operation_id = "get_recommendations", tag = "recommendations",
    summary = "Show what is recommended to me",
    description = "At most 20 titles that I have nothing to do with yet, best first, each with its reason.",
    responses((status = 200, description = "The row", body = RecommendationsView)),
    security(("account" = [])),
)]
async fn get_recommendations(
    Viewer(person): Viewer,
    whereabouts: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
) -> Result<Json<RecommendationsView>, Problem> {
    let mut visit = Visit::begin(&cx, &person, whereabouts, now).await?;
    let (row, source) = visit.personal().await?;

    Ok(Json(RecommendationsView {
        row: RowView::of(row, &visit),
        source: source.to_string(),
    }))
}

impl Sample for RecommendationsView {
    fn samples() -> Vec<Self> {
        let personal = view::sample_rows().into_iter().next_back();

        personal
            .map(|row| Self {
                row,
                source: "fallback".to_owned(),
            })
            .into_iter()
            .collect()
    }
}
