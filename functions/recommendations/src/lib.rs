//! Recommendations: what to watch next. Each file is a whole route.

pub mod get_similar;

use adapters::{
    aws,
    dynamodb::{Similar, Table, Titles},
};
use runtime::{config, http::Samples};
use utoipa_axum::router::OpenApiRouter;

/// What the routes of this area work with, built once per cold start.
#[derive(Clone, Debug)]
pub struct Context {
    /// The titles in the table.
    pub titles: Titles,
    /// What the recommender said of them.
    pub similar: Similar,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let table = Table::new(&aws::config().await, config::text("TABLE_NAME")?);

        Ok(Self {
            titles: table.titles(),
            similar: table.similar(),
        })
    }
}

/// All routes of this area, for the OpenAPI document.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    get_similar::route()
}

/// Examples of what this area's routes take and give.
#[must_use]
pub fn samples() -> Vec<Samples> {
    vec![Samples::of::<get_similar::SimilarTitles>()]
}

#[cfg(test)]
mod tests {
    use runtime::http::testing::Api;

    use super::*;

    /// All routes of the area, with nobody behind them: what gets past the door is answered with 503.
    fn api() -> Api {
        let table = Table::new(&aws::nowhere(), "marquee");
        let context = Context {
            titles: table.titles(),
            similar: table.similar(),
        };

        Api::new(context, routes())
    }

    #[tokio::test]
    async fn the_sample_gets_through_the_door() {
        let sample = include_str!("../../../events/api/get-similar.json");

        api().event(&serde_json::from_str(sample).unwrap()).await.refused(503);
    }

    #[tokio::test]
    async fn a_stranger_is_asked_to_sign_in() {
        let mut event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/api/get-similar.json")).unwrap();
        event["requestContext"]["authorizer"] = serde_json::Value::Null;

        api().event(&event).await.refused(401);
    }
}
