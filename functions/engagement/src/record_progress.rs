//! `PUT /titles/{title_id}/progress`: a player says how far a sitting has come.

use axum::{extract::State, http::StatusCode};
use domain::engagement::Heartbeat;
use kernel::id::{PlaybackId, TitleId};
use runtime::http::{Body, FieldErrors, Now, Path, Problem, Request, Sample, Viewer, Whereabouts, sample};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(record_progress))
}

/// How far a sitting has come.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// The sitting: any UUID of its own, best the `playback_id` of the playback that it began with.
    playback_id: PlaybackId,
    /// Where the film stands.
    #[schema(examples(254_000))]
    position_ms: u64,
    /// How much of the film was played since the sitting began. Within a sitting it only grows: one that says the same
    /// or less changes nothing.
    #[schema(examples(61_000), maximum = 86_400_000)]
    watched_ms: u64,
}

impl Request for ProgressRequest {
    type Valid = Heartbeat;

    fn parse(self) -> Result<Heartbeat, FieldErrors> {
        Ok(Heartbeat {
            playback_id: self.playback_id,
            position_ms: self.position_ms,
            watched_ms: self.watched_ms,
        })
    }
}

#[utoipa::path(
    put, path = "/titles/{title_id}/progress", operation_id = "record_progress", tag = "engagement",
    summary = "Say how far a sitting has come",
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
    whereabouts: Whereabouts,
    Now(now): Now,
    State(cx): State<Context>,
    Path(id): Path<TitleId>,
    Body(beat): Body<ProgressRequest>,
) -> Result<StatusCode, Problem> {
    let film = cx.film(id, &person).await?;
    let mut errors = FieldErrors::default();
    for (pointer, fault) in beat.implausible(&film.1, now) {
        errors.refuse(pointer, fault);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }

    let duration_ms = film.1.duration_ms;
    cx.record(&person, &film, whereabouts, now, |engagement| {
        engagement.hear(&beat, duration_ms, now)
    })
    .await?;

    Ok(StatusCode::NO_CONTENT)
}

impl Sample for ProgressRequest {
    fn samples() -> Vec<Self> {
        vec![Self {
            playback_id: PlaybackId::from_uuid(sample::uuid()),
            position_ms: 254_000,
            watched_ms: 61_000,
        }]
    }
}
