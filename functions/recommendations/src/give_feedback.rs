//! `POST /me/recommendations/feedback`: dismisses a title, or asks for less of its kind.
//!
//! Feedback can be taken back even if the title was archived or deleted meanwhile.

use api::access;
use axum::{extract::State, http::StatusCode};
use domain::{
    engagement::{Engagement, Feedback},
    title::Title,
};
use kernel::id::TitleId;
use runtime::http::{Body, FieldErrors, Member, Now, Problem, Request, Sample, sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(give_feedback))
}

/// Feedback on a title that the viewer was shown.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackRequest {
    title_id: TitleId,
    /// `not_interested`: never show me this title. `less_of_this`: show me fewer titles like it. `null` takes feedback back.
    // Without this serde would accept a missing field as `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    feedback: Option<Feedback>,
}

impl Request for FeedbackRequest {
    type Valid = (TitleId, Option<Feedback>);

    fn parse(self) -> Result<Self::Valid, FieldErrors> {
        Ok((self.title_id, self.feedback))
    }
}

#[utoipa::path(
    post, path = "/me/recommendations/feedback", operation_id = "give_feedback", tag = "recommendations",
    summary = "Give feedback on a recommendation",
    description = "Feedback against a title also takes back a like.",
    request_body = FeedbackRequest,
    responses(
        (status = 204, description = "The feedback is stored"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 422, description = "Some fields are not valid"),
    ),
    security(("account" = [])),
)]
async fn give_feedback(
    Member(person): Member,
    Now(now): Now,
    State(cx): State<Context>,
    Body((id, feedback)): Body<FeedbackRequest>,
) -> Result<StatusCode, Problem> {
    let stored = cx.engagements.find(person.id, id).await?;
    let engagement = if let Some(stored) = stored {
        stored
    } else {
        let title: Title = access::readable(&cx.titles, id, &person).await?;
        let duration_ms = title.publication.map_or(0, |publication| publication.duration_ms);
        Engagement::new(person.id, id, duration_ms, now)
    };
    cx.engagements
        .change(&engagement, |engagement| engagement.give_feedback(feedback, now))
        .await?;

    Ok(StatusCode::NO_CONTENT)
}

impl Sample for FeedbackRequest {
    fn samples() -> Vec<Self> {
        let title_id = TitleId::from_uuid(sample::uuid());

        [Some(Feedback::NotInterested), Some(Feedback::LessOfThis), None]
            .map(|feedback| Self { title_id, feedback })
            .into()
    }
}
