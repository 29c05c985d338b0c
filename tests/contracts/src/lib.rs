//! The contract of the API: one OpenAPI document, assembled from the routes.

use runtime::http::{PREFIX, ProblemBody, ProblemKind, Samples};
use serde_json::{Value, json};
use utoipa::{OpenApi as _, ToSchema as _, openapi::OpenApi};

/// Lists the areas, those with routes by the descriptions of their tags. Everything that goes through the areas follows from this list. Its
/// items are paths, because cargo-machete finds dependencies by these.
macro_rules! areas {
    (
        routes: $( $area:ident::routes: $description:literal ),+ ;
        events: $( $other:ident::FUNCTIONS ),+ ;
    ) => {
        fn routes() -> OpenApi {
            let mut routes = OpenApi::default();
            $( routes.merge($area::routes().into_openapi()); )+

            routes
        }

        fn tags() -> Value {
            json!([ $( { "name": stringify!($area), "description": $description }, )+ ])
        }

        /// All samples of all areas.
        #[must_use]
        pub fn samples() -> Vec<Samples> {
            [ $( $area::samples(), )+ ].concat()
        }

        /// The areas, each with the names of its functions' modules.
        #[must_use]
        pub fn functions() -> Vec<(&'static str, &'static [&'static str])> {
            vec![
                $( (stringify!($area), $area::FUNCTIONS), )+
                $( (stringify!($other), $other::FUNCTIONS), )+
            ]
        }
    };
}

areas! {
    routes:
        accounts::routes: "Signing up and in",
        admin::routes: "Accounts, requests and the audit log, for admins",
        catalog::routes: "Titles and their pipelines",
        uploads::routes: "Uploads of source files",
        playback::routes: "Playback sessions",
        engagement::routes: "Watch progress, likes and feedback",
        recommendations::routes: "Recommended titles",
        recommender::routes: "Models, trainings and experiments, for admins";
    events:
        analytics::FUNCTIONS,
        gateway::FUNCTIONS,
        ingest::FUNCTIONS;
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Marquee",
        version = "1",
        description = "Upload a film, follow it through its pipeline, and watch it.\n\nPaths in answers \
                       (`poster_url`, `manifest_url`, `Location`) are relative to this site's address; only signed \
                       part URLs are absolute. Problems are `application/problem+json` (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "The site's own address")),
    components(schemas(ProblemBody)),
)]
struct Marquee;

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut document = serde_json::to_value(Marquee::openapi().nest(PREFIX, routes())).unwrap_or_default();

    document["tags"] = tags();
    document["components"]["securitySchemes"] = json!({ "account": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token that signing in returns.",
    } });
    show_problems(&mut document);
    for sample in samples() {
        sample.add_to(&mut document);
    }

    document
}

/// Problems that every route may answer to any caller.
const ANY_ROUTE: [(ProblemKind, &str); 4] = [
    (ProblemKind::InvalidRequest, "The request cannot be read"),
    (ProblemKind::TooManyRequests, "Too many requests: wait, then try again"),
    (ProblemKind::Internal, "An error in Marquee"),
    (
        ProblemKind::Unavailable,
        "A service that Marquee depends on does not answer: try again",
    ),
];

/// Gives every error response the body of a problem, and adds the problems of every route.
fn show_problems(document: &mut Value) {
    for operation in operations(document) {
        let signed_in = operation.get("security").is_some();
        let Some(responses) = operation["responses"].as_object_mut() else {
            continue;
        };

        let unauthorized = (ProblemKind::Unauthorized, "No valid access token");
        for (kind, description) in ANY_ROUTE.into_iter().chain(signed_in.then_some(unauthorized)) {
            let status = kind.status().as_str().to_owned();
            responses
                .entry(status)
                .or_insert_with(|| json!({ "description": description }));
        }
        for (status, response) in responses.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
            debug_assert!(
                ProblemKind::ALL.iter().any(|kind| kind.status().as_str() == status),
                "{status}"
            );
            let problem = json!({ "$ref": format!("#/components/schemas/{}", ProblemBody::name()) });
            response["content"] = json!({ "application/problem+json": { "schema": problem } });
        }
        responses.sort_keys();
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut());

    paths
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
}
