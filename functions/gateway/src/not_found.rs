//! `$default`: every address and method that no route answers to. Without it, API Gateway would answer in another shape
//! than the rest of the API.

use utoipa_axum::router::OpenApiRouter;

/// No routes: everything falls through to the answers that surround every router.
#[must_use]
pub fn route() -> OpenApiRouter<()> {
    OpenApiRouter::new()
}

#[cfg(test)]
mod tests {
    use runtime::http::testing::Api;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn every_address_is_answered_with_a_problem() {
        let api = Api::new((), route());

        for path in [
            "/",
            "/api",
            "/api/nothing?x=1",
            "/api/titles/%00",
            "/%2e%2e/",
            "/api/été",
            "/api/a b",
        ] {
            let problem = api.stranger().post(path, json!({})).await.refused(404);
            assert_eq!(problem.r#type, "/problems/not-found");
        }
    }

    #[tokio::test]
    async fn the_sample_is_answered_too() {
        let sample = include_str!("../../../events/api/not-found.json");

        Api::new((), route())
            .event(&serde_json::from_str(sample).unwrap())
            .await
            .refused(404);
    }
}
