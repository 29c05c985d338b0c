//! `GET /me/recommendations`: the personal row of the home page.

use axum::{Json, extract::State};
use runtime::http::{Now, Problem, Sample, Viewer, ViewerCountry};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    home_page::HomePage,
    view::{self, RowView},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_recommendations))
}

/// The recommendations for a viewer.
#[derive(Serialize, ToSchema)]
#[schema(as = Recommendations)]
pub struct RecommendationsView {
    #[serde(flatten)]
    row: RowView,
    /// The source of the row: `model:` and the model's version, or `fallback` when the recommender did not answer in time.
    #[schema(examples("model:1f0c4b7e", "fallback"))]
    source: String,
}

#[utoipa::path(
    get, path = "/me/recommendations", operation_id = "get_recommendations", tag = "recommendations",
    summary = "Show my recommendations",
    description = "At most 20 titles that you have not watched, liked or dismissed, best first, each with its reason.",
    responses((status = 200, description = "The row", body = RecommendationsView)),
    security(("account" = [])),
)]
async fn get_recommendations(
    Viewer(person): Viewer,
    country: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
) -> Result<Json<RecommendationsView>, Problem> {
    let mut page = HomePage::load(&cx, &person, country, now).await?;
    let (row, source) = page.personal_row().await?;

    Ok(Json(RecommendationsView {
        row: RowView::new(row, &page),
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
