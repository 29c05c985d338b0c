//! `GET /genres`: the genres that titles may have.

use axum::{Json, extract::State};
use domain::genres::CustomGenres;
use runtime::http::{Problem, Sample, Viewer};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_genres))
}

/// The genres that titles may have.
#[derive(Serialize, ToSchema)]
#[schema(as = Genres)]
pub(crate) struct GenresView {
    /// Lower-case words joined by hyphens, in alphabetical order.
    items: Vec<String>,
}

#[utoipa::path(
    get, path = "/genres", operation_id = "list_genres", tag = "catalog",
    summary = "List the genres",
    description = "The genres that titles may have: those of every installation, and those that this installation's admins added by \
                   giving them to titles.",
    responses((status = 200, description = "All genres", body = GenresView)),
    security(("account" = [])),
)]
async fn list_genres(Viewer(_): Viewer, State(cx): State<Context>) -> Result<Json<GenresView>, Problem> {
    let items = cx.genres.custom().await?.all_names();

    Ok(Json(GenresView { items }))
}

impl Sample for GenresView {
    fn samples() -> Vec<Self> {
        vec![Self {
            items: CustomGenres::default().all_names(),
        }]
    }
}
