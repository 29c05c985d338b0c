//! Playback: signed addresses of films, the rotation of their keys, and take-downs at the edge.

mod keys;

use adapters::{
    aws,
    cognito::UserPool,
    dynamodb::{PlaybackSessions, Table, Titles},
    playback_keys::SigningKeys,
};
use axum::extract::FromRef;
use domain::account::AccountStatus;
use kernel::id::AccountId;
use runtime::{
    config,
    http::{self, Problem, Samples},
};
use services::AccountStatuses;

use self::keys::CachedKeys;

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug, FromRef)]
pub struct Context {
    /// What callers may do.
    pub statuses: AccountStatuses,
    /// The titles in the table.
    pub titles: Titles,
    /// The playback sessions, which begin here.
    pub sessions: PlaybackSessions,
    keys: CachedKeys,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `USER_POOL_ID`, `PLAYBACK_KEYS_PARAMETER`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;
        let table = Table::new(&aws, config::text("TABLE_NAME")?);

        Ok(Self {
            statuses: AccountStatuses::new(UserPool::new(&aws, config::text("USER_POOL_ID")?)),
            titles: table.titles(),
            sessions: table.playback_sessions(),
            keys: CachedKeys::new(SigningKeys::new(&aws, config::text("PLAYBACK_KEYS_PARAMETER")?)),
        })
    }
}

impl http::Accounts for Context {
    async fn status(&self, id: AccountId) -> Result<AccountStatus, Problem> {
        Ok(self.statuses.get(id).await?)
    }
}

runtime::functions! {
    routes(Context):
        create_playback;
    events:
        rotate_playback_keys;
    batches:
        take_down;
}

/// Examples of the requests and answers of this area's routes.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![
        Samples::new::<create_playback::PlaybackRequest>(),
        Samples::new::<create_playback::PlaybackView>(),
    ]
}

#[cfg(test)]
mod tests {
    use runtime::http::testing::Api;

    use super::*;

    /// All routes of the area, without services: a request that is accepted is answered with 503.
    fn api() -> Api {
        let aws = aws::offline();
        let table = Table::new(&aws, "marquee");
        let context = Context {
            statuses: AccountStatuses::new(UserPool::new(&aws, "us-east-1_EXAMPLE01")),
            titles: table.titles(),
            sessions: table.playback_sessions(),
            keys: CachedKeys::new(SigningKeys::new(&aws, "/marquee/playback-keys")),
        };

        Api::new(context, routes())
    }

    #[tokio::test]
    async fn the_samples_are_accepted() {
        api().accepts(samples()).await;
    }

    #[tokio::test]
    async fn every_route_refuses_strangers() {
        api().refuses_strangers_except_at(&[]).await;
    }

    #[tokio::test]
    async fn unknown_and_invalid_fields_are_refused() {
        let play = async |body: serde_json::Value| {
            api()
                .viewer()
                .post("/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11/playback", body)
                .await
        };

        play(serde_json::json!({})).await.refused(503);
        assert_eq!(
            play(serde_json::json!({ "renewable": "yes" }))
                .await
                .refused(422)
                .errors[0]
                .pointer,
            "/renewable"
        );
        assert_eq!(
            play(serde_json::json!({ "hours": 99 })).await.refused(422).errors[0].pointer,
            "/hours"
        );
    }
}
