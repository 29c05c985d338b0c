//! MediaConvert's REST API.

mod caller;
mod endpoints;
mod error;
mod job_settings;
mod jobs;
mod listing;
mod named;
mod probe;
mod queues;
mod request;
mod tags;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::Uri,
    routing::{get, post},
};

use self::error::ApiError;
use super::{service::Service, store::Kind};

/// All routes.
pub(super) fn router(service: Arc<Service>) -> Router {
    let api = Router::new()
        .route("/jobs", post(jobs::create).get(jobs::list))
        .route("/jobs/{id}", get(jobs::get).delete(jobs::cancel))
        .route("/search", get(jobs::search))
        .route("/probe", post(probe::probe))
        .route("/endpoints", post(endpoints::describe))
        .route("/queues", post(queues::create).get(queues::list))
        .route(
            "/queues/{name}",
            get(queues::get).put(queues::update).delete(queues::delete),
        )
        .merge(named::routes(Kind::JobTemplates))
        .merge(named::routes(Kind::Presets))
        .route("/tags", post(tags::add))
        .route("/tags/{arn}", get(tags::list).put(tags::remove));
    Router::new()
        .nest("/2017-08-29", api)
        .route("/health", get(async || "ok"))
        .route("/_marquee/clock", post(endpoints::advance_clock))
        .fallback(unknown)
        // Far more than the settings of a job need.
        .layer(DefaultBodyLimit::max(4 << 20))
        .with_state(service)
}

async fn unknown(uri: Uri) -> ApiError {
    ApiError::NotFound(format!("{} is not supported by the local MediaConvert", uri.path()))
}
