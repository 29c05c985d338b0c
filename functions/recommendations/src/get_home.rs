//! `GET /me/home`: all rows of the viewer's home page in one request.

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
    OpenApiRouter::new().routes(routes!(get_home))
}

/// A viewer's home page.
#[derive(Serialize, ToSchema)]
#[schema(as = Home)]
pub struct HomeView {
    /// No row is empty. Each title is in one row only.
    rows: Vec<RowView>,
    /// The source of the rows: `model:` and the model's version, or `fallback` when the recommender did not answer in time.
    #[schema(examples("model:1f0c4b7e", "fallback"))]
    source: String,
}

#[utoipa::path(
    get, path = "/me/home", operation_id = "get_home", tag = "recommendations",
    summary = "Show my home page",
    description = "All rows: titles to continue, and titles to watch next, each with its reason.",
    responses((status = 200, description = "The rows", body = HomeView)),
    security(("account" = [])),
)]
async fn get_home(
    Viewer(person): Viewer,
    country: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
) -> Result<Json<HomeView>, Problem> {
    let mut page = HomePage::load(&cx, &person, country, now).await?;
    let (rows, source) = page.rows().await?;

    Ok(Json(HomeView {
        rows: rows.into_iter().map(|row| RowView::new(row, &page)).collect(),
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
