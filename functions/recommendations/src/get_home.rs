//! `GET /me/home`: the rows of a person's home page, all in one request.

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
    OpenApiRouter::new().routes(routes!(get_home))
}

/// A person's home page.
#[derive(Serialize, ToSchema)]
#[schema(as = Home)]
pub struct HomeView {
    /// None of them is empty, and but for what is to be continued a title stands in one of them only.
    rows: Vec<RowView>,
    /// Who made them: `model:` and the model's version, or `fallback` when the recommender did not answer in time.
    #[schema(examples("model:1f0c4b7e", "fallback"))]
    source: String,
}

#[utoipa::path(
    get, path = "/me/home", operation_id = "get_home", tag = "recommendations",
    summary = "Show my home page",
    description = "What to continue, what to watch next and why: all rows at once.",
    responses((status = 200, description = "The rows", body = HomeView)),
    security(("account" = [])),
)]
async fn get_home(
    Viewer(person): Viewer,
    whereabouts: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
) -> Result<Json<HomeView>, Problem> {
    let mut visit = Visit::begin(&cx, &person, whereabouts, now).await?;
    let (rows, source) = visit.home().await?;

    Ok(Json(HomeView {
        rows: rows.into_iter().map(|row| RowView::of(row, &visit)).collect(),
        source: source.to_string(),
    }))
}

impl Sample for HomeView {
    fn samples() -> Vec<Self> {
        vec![Self {
            rows: view::sample_rows(),
            source: "model:1f0c4b7e".to_owned(),
        }]
    }
}
