//! `GET /titles/{title_id}/engagement`: the caller's engagement with a title.

use api::Readable;
use axum::{Json, extract::State};
use domain::{
    engagement::{Engagement, Feedback},
    title::Title,
};
use kernel::{Timestamp, id::TitleId};
use runtime::http::{Problem, Sample, Viewer, sample};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get_engagement))
}

/// The caller's engagement with a title.
#[derive(Serialize, ToSchema)]
#[schema(as = Engagement)]
pub struct EngagementView {
    title_id: TitleId,
    liked: bool,
    /// The caller's dismissal.
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<Feedback>,
    /// Where the caller stopped.
    #[schema(examples(254_000))]
    position_ms: u64,
    /// Where to resume: where the caller stopped, or at the beginning shortly after the start and near the end.
    #[schema(examples(254_000))]
    resume_ms: u64,
    /// How much the caller watched, in all watch sessions.
    #[schema(examples(261_000))]
    watched_ms: u64,
    /// How much the caller watched as a share of the title, at most 1.
    #[schema(examples(0.43), minimum = 0, maximum = 1)]
    watched_share: f64,
    /// When the engagement last changed; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl EngagementView {
    fn none(title_id: TitleId) -> Self {
        Self {
            title_id,
            liked: false,
            feedback: None,
            position_ms: 0,
            resume_ms: 0,
            watched_ms: 0,
            watched_share: 0.0,
            updated_at: None,
        }
    }
}

impl From<Engagement> for EngagementView {
    fn from(engagement: Engagement) -> Self {
        Self {
            title_id: engagement.title_id,
            liked: engagement.liked_at.is_some(),
            feedback: engagement.feedback,
            position_ms: engagement.watching.position_ms(),
            resume_ms: engagement.resume_ms().unwrap_or(0),
            watched_ms: engagement.watching.watched_ms(),
            watched_share: engagement.watched_share(engagement.duration_ms),
            updated_at: Some(engagement.updated_at),
        }
    }
}

#[utoipa::path(
    get, path = "/titles/{title_id}/engagement", operation_id = "get_engagement", tag = "engagement",
    summary = "Get the caller's engagement with a title",
    description = "Whether the caller likes or has dismissed the title, how much they watched and where to resume.",
    params(("title_id" = TitleId, Path)),
    responses(
        (status = 200, description = "The engagement", body = EngagementView),
        (status = 404, description = "There is no such title, or you have no access to it"),
    ),
    security(("account" = [])),
)]
async fn get_engagement(
    State(cx): State<Context>,
    Readable(title, Viewer(person), ()): Readable<Title, Viewer>,
) -> Result<Json<EngagementView>, Problem> {
    let engagement = cx.engagements.find(person.id, title.id).await?;

    Ok(Json(
        engagement.map_or_else(|| EngagementView::none(title.id), Into::into),
    ))
}

impl Sample for EngagementView {
    fn samples() -> Vec<Self> {
        let id = TitleId::from_uuid(sample::uuid());
        let watched = Self {
            liked: true,
            position_ms: 254_000,
            resume_ms: 254_000,
            watched_ms: 261_000,
            watched_share: 0.4375,
            updated_at: Some(sample::time()),
            ..Self::none(id)
        };
        let dismissed = Self {
            feedback: Some(Feedback::NotInterested),
            updated_at: Some(sample::time()),
            ..Self::none(id)
        };

        vec![watched, dismissed, Self::none(id)]
    }
}
