//! `POST /titles/{title_id}/playback`: lets a viewer watch for a while.
//!
//! The token is a part of the path, so that playlists' relative addresses contain it. A client that declares itself renewable
//! asks again at `renew_after` and puts the new token into its later requests; its tokens are valid for ten minutes. For
//! others (native HLS fetches a playlist once and keeps its paths) a token is valid for the film's length and two hours for pauses.

use api::Watchable;
use axum::{Json, extract::State, http::StatusCode};
use domain::{
    engagement::PlaybackSession,
    playback::{Claims, Renewal, issue_time, token, token_seconds},
};
use kernel::{
    Timestamp,
    id::{PlaybackId, TitleId},
};
use runtime::http::{Body, FieldErrors, Member, Now, Problem, Request, Sample, sample};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Mounts this route: in its Lambda function, in the OpenAPI document, in tests.
pub fn route() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(create_playback))
}

/// How the client plays.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaybackRequest {
    /// Whether the client replaces the token in its requests while it plays.
    #[serde(default)]
    renewable: bool,
}

impl Request for PlaybackRequest {
    type Valid = Renewal;

    fn parse(self) -> Result<Renewal, FieldErrors> {
        Ok(if self.renewable {
            Renewal::Renewable
        } else {
            Renewal::Fixed
        })
    }
}

/// A playback session with a signed address.
#[derive(Serialize, ToSchema)]
#[schema(as = Playback)]
pub struct PlaybackView {
    playback_id: PlaybackId,
    /// The path of the HLS master playlist on this site.
    manifest_url: String,
    /// When the token expires.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When a renewable client should ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    renew_after: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    poster_url: Option<String>,
}

#[utoipa::path(
    post, path = "/titles/{title_id}/playback", operation_id = "create_playback", tag = "playback",
    summary = "Watch a title",
    description = "Gives the address of a title's playlist, with a token in the path that is valid for a while.",
    params(("title_id" = TitleId, Path)),
    request_body = PlaybackRequest,
    responses(
        (status = 201, description = "The address", body = PlaybackView),
        (status = 404, description = "There is no such title, or you have no access to it"),
        (status = 409, description = "The title is not playable"),
    ),
    security(("account" = [])),
)]
async fn create_playback(
    Now(now): Now,
    State(cx): State<Context>,
    Watchable((title, publication), Member(person), Body(renewal)): Watchable<Member, Body<PlaybackRequest>>,
) -> Result<(StatusCode, Json<PlaybackView>), Problem> {
    let seconds = token_seconds(renewal, publication.duration_ms);
    let after = |seconds: i64| now + Duration::from_secs(seconds.unsigned_abs());
    let claims = Claims {
        asset_id: publication.asset_id,
        attempt: publication.attempt,
        expires_at: after(seconds),
        account_id: person.id,
        playback_id: PlaybackId::mint(issue_time(&title, now)),
    };
    let ring = cx.keys.ring(now).await?;
    // Heartbeats are accepted for stored sessions only.
    let session = PlaybackSession {
        playback_id: claims.playback_id,
        account_id: person.id,
        title_id: title.id,
        began_at: now,
    };
    cx.sessions.begin(&session).await?;

    let view = PlaybackView {
        playback_id: claims.playback_id,
        manifest_url: token::path(&claims, &ring, &publication.manifest),
        expires_at: claims.expires_at,
        renew_after: (renewal == Renewal::Renewable).then(|| after(seconds / 2)),
        poster_url: publication.poster.as_ref().map(|key| format!("/{key}")),
    };
    tracing::info!(title.id = %title.id, playback.id = %view.playback_id, "playback {} begins", view.playback_id);

    Ok((StatusCode::CREATED, Json(view)))
}

impl Sample for PlaybackRequest {
    fn samples() -> Vec<Self> {
        vec![Self { renewable: true }]
    }
}

impl Sample for PlaybackView {
    fn samples() -> Vec<Self> {
        let token = "k0.1795000600.9f86d081884c7d65.0192f7a46f0e7cc2b3a15a1f0f6f9d11.yynTNNndqoZ3wyipBYoxJbMo5CpgUUYSJHAqDDiaoSs";
        let id = sample::uuid();

        vec![Self {
            playback_id: PlaybackId::from_uuid(id),
            manifest_url: format!("/media/{token}/{id}/1/hls/master.m3u8"),
            expires_at: sample::time() + Duration::from_mins(10),
            renew_after: Some(sample::time() + Duration::from_mins(5)),
            poster_url: Some(format!("/images/{id}/4f1c2a7be0d94a518c3de6a7b9f00d12.jpg")),
        }]
    }
}
