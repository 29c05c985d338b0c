//! `POST /titles/{title_id}/redrive`: runs a failed title again, from the step that failed.

use api::Managed;
use axum::{Json, extract::State, http::StatusCode};
use domain::{
    asset::{Asset, CannotRun},
    audit::{Action, AuditEntry, Target},
    ingest::Step,
    title::{NotAllowed, Title, TitleState},
};
use kernel::id::TitleId;
use runtime::http::{Admin, Body, FieldErrors, Now, Problem, Request, RequestOrigin, Sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    timeline::{TimelineView, can_redrive},
};

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(redrive_title))
}

/// The step to start at.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedriveRequest {
    /// An earlier step than the one that failed. All steps from it on are repeated and paid again.
    #[serde(default)]
    resume_from: Option<Step>,
}

impl Request for RedriveRequest {
    type Valid = Option<Step>;

    fn parse(self) -> Result<Option<Step>, FieldErrors> {
        match self.resume_from {
            Some(step) if !step.is_resumable() => Err(FieldErrors::one("/resume_from", CannotRun::NotResumable(step))),
            step => Ok(step),
        }
    }
}

/// Why a title was not run again.
enum RedriveError {
    NotFailed(TitleState),
    RefusedFile,
    NoUpload,
    NotAllowed(NotAllowed),
    CannotRun(CannotRun),
}

impl From<RedriveError> for Problem {
    fn from(error: RedriveError) -> Self {
        match error {
            RedriveError::NotFailed(state) => {
                Self::conflict(format!("this title is {state}: only a failed one can be run again"))
            }
            RedriveError::RefusedFile => Self::conflict("a new run cannot publish this file: upload another one"),
            RedriveError::NoUpload => Self::conflict("there is nothing to run: this title has no upload"),
            RedriveError::NotAllowed(error) => Self::conflict(error.to_string()),
            RedriveError::CannotRun(error) => FieldErrors::one("/resume_from", error).into(),
        }
    }
}

fn may_run_again(title: &Title, asset: &Asset) -> Result<(), RedriveError> {
    if can_redrive(title, Some(asset)) {
        Ok(())
    } else {
        Err(RedriveError::RefusedFile)
    }
}

#[utoipa::path(
    post, path = "/titles/{title_id}/redrive", operation_id = "redrive_title", tag = "catalog",
    summary = "Run a failed title again",
    description = "Starts a new run at the step that failed. Steps that are done are not repeated or paid again, except the transcode \
                   if its output check failed. For admins.",
    params(("title_id" = TitleId, Path)),
    request_body = RedriveRequest,
    responses(
        (status = 202, description = "The new run has started", body = TimelineView),
        (status = 403, description = "Only admins may do this"),
        (status = 404, description = "There is no such title"),
        (status = 409, description = "The title has not failed, or its file is the reason"),
        (status = 422, description = "No run can start at this step"),
    ),
    security(("account" = [])),
)]
async fn redrive_title(
    Now(now): Now,
    RequestOrigin(origin): RequestOrigin,
    State(cx): State<Context>,
    Managed(mut title, Admin(admin), Body(from)): Managed<Title, Admin, Body<RedriveRequest>>,
) -> Result<(StatusCode, Json<TimelineView>), Problem> {
    let id = title.id;
    if title.state != TitleState::Failed {
        return Err(RedriveError::NotFailed(title.state).into());
    }
    let mut asset = cx.assets.newest(&title).await?.ok_or(RedriveError::NoUpload)?;
    may_run_again(&title, &asset)?;

    title.start_processing(now).map_err(RedriveError::NotAllowed)?;
    let from = from.unwrap_or_else(|| asset.rerun_from());
    let input = asset.begin_run(from, now).map_err(RedriveError::CannotRun)?;

    // If this process ends between the write and the start, the sweeper finds a run without an execution.
    let entry = AuditEntry::new(admin.id, Action::TitleRedriven, Target::Title(id), origin, now);
    let entry = entry.with_detail(from.as_str());
    cx.titles.redrive(&mut title, &mut asset, &entry).await?;
    cx.machine.start(&input).await?;
    tracing::info!(title.id = %id, attempt = input.run.attempt.0, step = from.as_str(), "redrove {id} from {from}");

    Ok((
        StatusCode::ACCEPTED,
        Json(TimelineView::new(&title, Some(&asset), cx.budget)),
    ))
}

impl Sample for RedriveRequest {
    fn samples() -> Vec<Self> {
        vec![
            Self { resume_from: None },
            Self {
                resume_from: Some(Step::Transcode),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_starts_at_a_resumable_step() {
        let parse = |resume_from| RedriveRequest { resume_from }.parse();

        assert_eq!(parse(None), Ok(None));
        assert_eq!(parse(Some(Step::Verify)), Ok(Some(Step::Verify)));
        assert!(parse(Some(Step::Upload)).is_err());
        assert!(parse(Some(Step::Notify)).is_err());
    }
}
