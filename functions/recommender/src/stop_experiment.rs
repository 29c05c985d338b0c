//! `POST /admin/recommender/experiments/{experiment_id}/stop`: ends an experiment before its rule does.

use axum::{Json, extract::State};
use domain::{
    audit::{Action, AuditEntry, Target},
    experiment::Verdict,
};
use kernel::id::ExperimentId;
use runtime::http::{Admin, Now, Path, Problem, RequestOrigin};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, view::ExperimentView};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(stop_experiment))
}

#[utoipa::path(
    post, path = "/admin/recommender/experiments/{experiment_id}/stop", operation_id = "stop_experiment",
    tag = "recommender",
    summary = "Stop an experiment",
    description = "Ends the experiment without a verdict: all people get the current model again. An experiment that has ended is \
                   not changed. For admins.",
    params(("experiment_id" = ExperimentId, Path)),
    responses(
        (status = 200, description = "The experiment has ended", body = ExperimentView),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "There is no such experiment"),
    ),
    security(("account" = [])),
)]
async fn stop_experiment(
    Admin(admin): Admin,
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Path(id): Path<ExperimentId>,
) -> Result<Json<ExperimentView>, Problem> {
    let entry = AuditEntry::new(admin.id, Action::ExperimentStopped, Target::Experiment(id), origin, now);
    let ended = cx
        .experiment_end
        .end(id, Verdict::Stopped, None, now, Some(&entry))
        .await?;
    let record = ended.ok_or_else(|| Problem::not_found("there is no such experiment"))?;

    Ok(Json(record.into()))
}
