//! `PUT /titles/{title_id}/progress`: a player says how far its playback session has come.

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

/// How far a playback session has come.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// The `playback_id` of the playback that the session began with.
    playback_id: PlaybackId,
    /// Where the film stands.
    #[schema(examples(254_000))]
    position_ms: u64,
    /// How much of the film was played since the session began, at most four times the time that passed. Within a session it
    /// only grows.
    #[schema(examples(61_000), maximum = 86_400_000)]
    watched_ms: u64,
    /// This heartbeat's number in its session, from 1. With it a jump without watching is kept: of two heartbeats with the
    /// same `watched_ms` the one with the higher number says where the film is. Without it, one that says the same or less
    /// changes nothing.
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
    summary = "Say how far a playback session has come",
    description = "A player's heartbeat: every ten seconds or so, when it pauses, at the end and when it is left. It may be sent \
                   twice, late and out of order.",
    params(("title_id" = TitleId, Path)),
    request_body = ProgressRequest,
    responses(
        (status = 204, description = "Noted, or known already"),
        (status = 404, description = "There is no such title, or you may not see it"),
        (status = 409, description = "Nothing of it is playable"),
        (status = 422, description = "Some fields are not valid"),
    ),
    security(("account" = [])),
)]
async fn record_progress(
    Viewer(person): Viewer,
    whereabouts: ViewerCountry,
    Now(now): Now,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
    Body(beat): Body<ProgressRequest>,
) -> Result<StatusCode, Problem> {
    let (film, session) = futures::try_join!(cx.film(id, &person), session(&cx, id, &person, &beat, now))?;
    let mut errors = FieldErrors::default();
    for (pointer, fault) in beat.implausible(&film.1, &session, now) {
        errors.refuse(pointer, fault);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }

    let duration_ms = film.1.duration_ms;
    cx.record(&person, &film, whereabouts, now, |engagement| {
        engagement.record(&beat, session.began_at, duration_ms, now)
    })
    .await?;

    Ok(StatusCode::NO_CONTENT)
}

/// The session that the heartbeat is of: this person began it, for this title.
async fn session(
    cx: &Context,
    title: TitleId,
    person: &Person,
    beat: &Heartbeat,
    now: Timestamp,
) -> Result<PlaybackSession, Problem> {
    let session = cx.sessions.find(person.id, beat.playback_id, now).await?;

    session.filter(|session| session.title_id == title).ok_or_else(|| {
        let reason =
            "is not a playback of this title that you began: ask for one by `POST /titles/{title_id}/playback`";
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
