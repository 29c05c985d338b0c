//! `PUT /titles/{title_id}/progress`: records a player's heartbeat.

use api::access;
use axum::{extract::State, http::StatusCode};
use domain::{
    account::Person,
    engagement::{Heartbeat, PlaybackSession},
};
use kernel::{
    Timestamp,
    id::{PlaybackId, TitleId},
};
use runtime::http::{Body, FieldErrors, Now, Path, Problem, Request, Sample, Viewer, ViewerCountry, sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(record_progress))
}

/// A heartbeat of a playback session.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// The `playback_id` of the session's first playback.
    playback_id: PlaybackId,
    /// The position in the film.
    #[schema(examples(254_000))]
    position_ms: u64,
    /// How much of the film was played since the session began, at most four times the time since then. It never decreases
    /// within a session.
    #[schema(examples(61_000), maximum = 86_400_000)]
    watched_ms: u64,
    /// This heartbeat's number in its session, from 1. It makes a jump without watching count: of two heartbeats with the same
    /// `watched_ms` the one with the higher number has the position. Without a number, a heartbeat with the same or a lower
    /// `watched_ms` changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples(7), minimum = 1)]
    number: Option<u32>,
}

impl Request for ProgressRequest {
    type Valid = Heartbeat;

    fn parse(self) -> Result<Heartbeat, FieldErrors> {
        Ok(Heartbeat {
            playback_id: self.playback_id,
            position_ms: self.position_ms,
            watched_ms: self.watched_ms,
            number: self.number.unwrap_or(0),
        })
    }
}

#[utoipa::path(
    put, path = "/titles/{title_id}/progress", operation_id = "record_progress", tag = "engagement",
    summary = "Record a heartbeat of a playback session",
    description = "Players send a heartbeat every ten seconds or so, at a pause, at the end and when the viewer leaves. Heartbeats \
                   may be sent twice, late and out of order.",
    params(("title_id" = TitleId, Path)),
    request_body = ProgressRequest,
    responses(
        (status = 204, description = "The heartbeat is recorded, or changed nothing"),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "The title is not playable"),
        (status = 422, description = "Some fields are not valid"),
    ),
    security(("account" = [])),
)]
async fn record_progress(
    Viewer(person): Viewer,
    country: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
    Body(heartbeat): Body<ProgressRequest>,
) -> Result<StatusCode, Problem> {
    let (film, session) = futures::try_join!(
        access::watchable(&cx.titles, id, &person),
        session(&cx, id, &person, &heartbeat, now)
    )?;
    let mut errors = FieldErrors::default();
    for (pointer, fault) in heartbeat.implausible(&film.1, &session, now) {
        errors.refuse(pointer, fault);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }

    let duration_ms = film.1.duration_ms;
    cx.record(&person, &film, country, now, |engagement| {
        engagement.record(&heartbeat, session.began_at, duration_ms, now)
    })
    .await?;

    Ok(StatusCode::NO_CONTENT)
}

/// The heartbeat's session, which this person must have begun for this title.
async fn session(
    cx: &Context,
    title: TitleId,
    person: &Person,
    heartbeat: &Heartbeat,
    now: Timestamp,
) -> Result<PlaybackSession, Problem> {
    let session = cx.sessions.find(person.id, heartbeat.playback_id, now).await?;

    session.filter(|session| session.title_id == title).ok_or_else(|| {
        let reason = "is not a playback of this title that you began: begin one by `POST /titles/{title_id}/playback`";
        FieldErrors::one("/playback_id", reason).into()
    })
}

impl Sample for ProgressRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            playback_id: PlaybackId::from_uuid(sample::uuid()),
            position_ms: 254_000,
            watched_ms: 61_000,
            number: Some(7),
        }]
    }
}
