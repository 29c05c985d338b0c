//! `$default`: every address and method without a route. Without it, API Gateway would answer in another shape than the rest of
//! the API. For an address of the API with another method, the answer lists the methods.

use std::collections::BTreeMap;

use axum::{http::Method, routing::any};
use runtime::http::{PREFIX, Problem};
use serde::{Deserialize, de::IgnoredAny};
use utoipa_axum::router::OpenApiRouter;

/// The published description of the whole API.
const DOCUMENT: &str = include_str!("../../../openapi.json");

#[derive(Deserialize)]
#[expect(
    clippy::zero_sized_map_values,
    reason = "the document has maps; their keys are the methods"
)]
struct Document {
    paths: BTreeMap<String, BTreeMap<String, IgnoredAny>>,
}

/// Has no route of its own: it answers addresses of the API with their methods, and leaves everything else to the fallback
/// of every router.
pub fn route() -> Result<OpenApiRouter<()>, runtime::Error> {
    let document: Document = serde_json::from_str(DOCUMENT)?;
    let mut router = OpenApiRouter::new();

    for (path, operations) in document.paths {
        let methods: Vec<String> = operations.into_keys().map(|method| method.to_uppercase()).collect();
        let Some(path) = path.strip_prefix(PREFIX) else {
            continue;
        };
        router = router.route(path, any(async move |method: Method| refusal(&method, &methods)));
    }

    Ok(router)
}

fn refusal(method: &Method, methods: &[String]) -> Problem {
    // The route exists, and API Gateway does not know it yet.
    if methods.iter().any(|known| known == method.as_str()) {
        return Problem::not_found("there is nothing at this address yet: try again in a moment");
    }

    Problem::method_not_allowed(&methods.join(", "))
}

#[cfg(test)]
mod tests {
    use runtime::http::testing::Api;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn every_address_is_answered_with_a_problem() {
        let api = Api::new((), route().unwrap());

        for path in ["/", "/api", "/api/nothing?x=1", "/%2e%2e/", "/api/été", "/api/a b"] {
            let problem = api.stranger().post(path, json!({})).await.refused(404);
            assert_eq!(problem.r#type, "/problems/not-found");
        }
    }

    #[tokio::test]
    async fn an_address_of_the_api_says_which_methods_it_has() {
        let api = Api::new((), route().unwrap());
        let title = "/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";

        for (method, path, allow) in [
            (Method::DELETE, "/api/titles", "GET, POST"),
            (Method::PUT, title, "DELETE, GET, PATCH"),
            (Method::HEAD, title, "DELETE, GET, PATCH"),
            (Method::GET, "/api/auth/sign-in", "POST"),
            (Method::OPTIONS, "/api/me", "GET"),
        ] {
            let reply = api.stranger().send(method.clone(), path, None).await;

            assert_eq!(
                (reply.status, &reply.headers["allow"]),
                (405, &allow.parse().unwrap()),
                "{method} {path}"
            );
        }
        let problem = api.stranger().delete("/api/titles").await.refused(405);
        assert_eq!(problem.detail, "this address answers to GET, POST, not to this method");
    }

    #[tokio::test]
    async fn the_sample_is_refused() {
        let sample = include_str!("../../../events/api/not-found.json");

        Api::new((), route().unwrap())
            .event(&serde_json::from_str(sample).unwrap())
            .await
            .refused(404);
    }
}
