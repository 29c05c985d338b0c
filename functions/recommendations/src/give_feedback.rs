//! `POST /me/recommendations/feedback`: not this one, or less of its like.
//!
//! What somebody said can be taken back whatever became of the title.

use axum::{extract::State, http::StatusCode};
use domain::engagement::{Engagement, Feedback};
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

/// What somebody says of a title that they were shown.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackRequest {
    title_id: TitleId,
    /// `not_interested`: never show me this one. `less_of_this`: show me less that is like it. `null` takes it back.
    // Without this a field that is left out would be one that is null.
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
    summary = "Say what should not be recommended",
    description = "What is said against a title also takes back that one likes it.",
    request_body = FeedbackRequest,
    responses(
        (status = 204, description = "Noted, or known already"),
        (status = 404, description = "There is no such title, or you may not see it"),
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
    let known = cx.engagements.find(person.id, id).await?;
    let nothing = if let Some(known) = known {
        known
    } else {
        let title = cx.titles.find(id).await?.filter(|title| title.visible_to(&person));
        let title = title.ok_or_else(|| Problem::not_found("there is no such title, or you may not see it"))?;
        let duration_ms = title.publication.map_or(0, |publication| publication.duration_ms);
        Engagement::new(person.id, id, duration_ms, now)
    };
    cx.engagements
        .change(&nothing, |engagement| engagement.give_feedback(feedback, now))
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
