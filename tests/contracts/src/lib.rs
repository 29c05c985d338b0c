//! The contract of the API: one OpenAPI document, assembled from the routes.

use runtime::http::{PREFIX, ProblemBody, ProblemKind, Samples};
use serde_json::{Value, json};
use utoipa::{OpenApi as _, ToSchema as _, openapi::OpenApi};

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
    tags(
        (name = "accounts", description = "Signing up and in"),
        (name = "admin", description = "Accounts, requests and the audit log, for admins"),
        (name = "catalog", description = "Titles and their pipelines"),
        (name = "uploads", description = "Uploads of source files"),
        (name = "playback", description = "Playback sessions"),
        (name = "engagement", description = "Watch progress, likes and feedback"),
        (name = "recommendations", description = "Recommended titles"),
        (name = "recommender", description = "Models, trainings and experiments, for admins"),
    ),
)]
struct Marquee;

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut routes = OpenApi::default();
    for area in [
        accounts::routes().into_openapi(),
        admin::routes().into_openapi(),
        catalog::routes().into_openapi(),
        uploads::routes().into_openapi(),
        playback::routes().into_openapi(),
        engagement::routes().into_openapi(),
        recommendations::routes().into_openapi(),
        recommender::routes().into_openapi(),
    ] {
        routes.merge(area);
    }
    let mut document = serde_json::to_value(Marquee::openapi().nest(PREFIX, routes)).unwrap_or_default();

    document["components"]["securitySchemes"] = json!({ "account": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token that signing in returns.",
    } });
    show_problems(&mut document);
    show_samples(&mut document);

    document
}

/// The areas, each with the names of its functions' modules.
#[must_use]
pub fn functions() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        ("accounts", accounts::FUNCTIONS),
        ("admin", admin::FUNCTIONS),
        ("analytics", analytics::FUNCTIONS),
        ("catalog", catalog::FUNCTIONS),
        ("engagement", engagement::FUNCTIONS),
        ("gateway", gateway::FUNCTIONS),
        ("ingest", ingest::FUNCTIONS),
        ("playback", playback::FUNCTIONS),
        ("recommendations", recommendations::FUNCTIONS),
        ("recommender", recommender::FUNCTIONS),
        ("uploads", uploads::FUNCTIONS),
    ]
}

/// All samples of all areas.
#[must_use]
pub fn samples() -> Vec<Samples> {
    [
        accounts::samples(),
        admin::samples(),
        catalog::samples(),
        uploads::samples(),
        playback::samples(),
        engagement::samples(),
        recommendations::samples(),
        recommender::samples(),
    ]
    .concat()
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

/// Adds each sample to its schema.
fn show_samples(document: &mut Value) {
    for sample in samples() {
        document["components"]["schemas"][sample.schema]["examples"] = Value::Array(sample.values);
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
