//! What is generated from the code: `openapi.json`, `docs/routes.md` and `events/api`. `make generate` writes them.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod caller;
mod events;
mod routes;

use std::{collections::BTreeSet, fs};

use domain::{
    account::{DisplayName, Email},
    engagement::MAX_WATCH_SESSION_MS,
    password::Password,
    title::{Description, Genre, TitleName},
};
use marquee_architecture_tests::{files, read, resources, root, template};
use marquee_contract_tests::{document, samples};
use runtime::http::{ProblemKind, testing::Operation};
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

/// Expects that a generated file has this text. With `UPDATE=1`, writes it.
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of these tests, not a setting of a program"
)]
fn check(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var("UPDATE").is_ok() {
        fs::write(&file, text).unwrap();
    }

    assert!(
        fs::read_to_string(&file).is_ok_and(|current| current == text),
        "{path} does not follow from the code: run `make generate` and read the diff"
    );
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn the_document_is_current() {
    check("openapi.json", &pretty(&document()));
}

#[test]
fn the_page_of_routes_is_current() {
    check("docs/routes.md", &routes::page());
}

#[test]
fn every_route_has_a_current_sample_event_and_no_other_has_one() {
    let events = events::all();
    for (name, event) in &events {
        check(&format!("events/api/{name}"), &pretty(event));
    }

    let generated: BTreeSet<&str> = events.keys().map(String::as_str).collect();
    let found = files("events/api");
    let found: BTreeSet<&str> = found.iter().filter_map(|file| file.to_str()).collect();
    assert_eq!(generated, found, "right: delete the files of former routes");
}

/// Every route of the document with its function, such as `GET /api/me` and `get-me`.
fn operations() -> BTreeSet<(String, String)> {
    let operations = Operation::all(&document()).into_iter();

    operations
        .map(|operation| (route_key(&operation), operation.id.replace('_', "-")))
        .collect()
}

/// The route as API Gateway names it.
fn route_key(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.route)
}

/// The routes of the templates: the function, the method and path, and the event's properties.
fn deployed_routes() -> Vec<(String, String, Yaml)> {
    resources(&template(), "AWS::Serverless::Function")
        .into_iter()
        .flat_map(|(_, properties)| {
            let function = properties["Handler"].as_str().unwrap().to_owned();
            let events = properties["Events"]
                .as_mapping()
                .into_iter()
                .flat_map(|events| events.values());

            events
                .filter(|event| event["Type"] == "HttpApi")
                .map(|event| event["Properties"].clone())
                .map(|event| {
                    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
                    (
                        function.clone(),
                        format!("{} {}", text("Method").to_uppercase(), text("Path")),
                        event.clone(),
                    )
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_document_has_the_routes_of_the_templates() {
    let deployed: BTreeSet<(String, String)> = deployed_routes()
        .into_iter()
        .filter(|(function, ..)| function != "not-found")
        .map(|(function, route, _)| (route, function))
        .collect();

    assert_eq!(operations(), deployed, "left: the code, right: the templates");
}

#[test]
fn only_routes_below_auth_need_no_token() {
    let document = document();

    for (function, route, event) in deployed_routes() {
        let open = event["Auth"]["Authorizer"] == "NONE";
        let may_be_open = route.starts_with("POST /api/auth/") || function == "not-found";
        assert_eq!(open, may_be_open, "{route}");

        if let Some((method, path)) = route.split_once(' ').filter(|_| function != "not-found") {
            let operation = &document["paths"][path][method.to_lowercase()];
            assert_eq!(
                operation.get("security").is_none(),
                open,
                "{route}: the document and the template differ"
            );
        }
    }
}

#[test]
fn every_route_is_in_the_permission_matrix() {
    let matrix: BTreeSet<String> = caller::MATRIX
        .lines()
        .skip(1)
        .map(|row| row.split('\t').take(2).collect::<Vec<_>>().join(" "))
        .map(|route| route.split('?').next().unwrap().to_owned())
        .collect();

    assert_eq!(
        operations()
            .into_iter()
            .map(|(route, _)| route)
            .collect::<BTreeSet<_>>(),
        matrix,
        "left: the code, right: tests/contracts/permissions.tsv"
    );
}

#[test]
fn every_problem_kind_has_a_page_and_every_page_a_kind() {
    let kinds: BTreeSet<String> = ProblemKind::ALL.iter().map(|kind| kind.slug().to_owned()).collect();
    let pages: BTreeSet<String> = fs::read_dir(root().join("docs/problems"))
        .unwrap()
        .map(|page| page.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(kinds, pages);

    for kind in ProblemKind::ALL {
        let page = read(format!("docs/problems/{}.md", kind.slug()));
        assert!(
            page.starts_with(&format!("# {} ({})\n", kind.slug(), kind.status().as_u16())),
            "{}",
            kind.slug()
        );
    }
}

#[test]
fn every_sample_has_a_schema_in_the_document() {
    let document = document();

    for sample in samples() {
        assert!(!sample.values.is_empty(), "{} has no samples", sample.schema);
        let schema = &document["components"]["schemas"][&sample.schema];
        assert!(
            schema.get("type").or(schema.get("allOf")).is_some(),
            "{} is not a schema of the document",
            sample.schema
        );
    }
}

#[test]
fn every_operation_has_its_own_id_and_every_reference_resolves() {
    let document = document();
    let ids: Vec<String> = Operation::all(&document)
        .into_iter()
        .map(|operation| operation.id)
        .collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());

    for reference in document.to_string().split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} does not resolve");
    }
}

#[test]
fn limits_in_the_document_are_those_of_the_domain() {
    let limits = [
        ("name", "maxLength", json!(TitleName::MAX)),
        ("description", "maxLength", json!(Description::MAX)),
        ("genres", "maxItems", json!(Genre::MAX_PER_TITLE)),
        ("email", "maxLength", json!(Email::MAX)),
        ("display_name", "maxLength", json!(DisplayName::MAX)),
        ("password", "minLength", json!(Password::MIN)),
        ("password", "maxLength", json!(Password::MAX)),
        ("new_password", "minLength", json!(Password::MIN)),
        ("new_password", "maxLength", json!(Password::MAX)),
        ("current_password", "maxLength", json!(Password::MAX)),
        ("watched_ms", "maximum", json!(MAX_WATCH_SESSION_MS)),
    ];
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();

    for (property, keyword, limit) in limits {
        let declared: Vec<(&String, &Value)> = schemas
            .iter()
            .filter_map(|(name, schema)| Some((name, schema["properties"][property].get(keyword)?)))
            .collect();
        assert!(!declared.is_empty(), "no {property} declares {keyword}");
        for (name, value) in declared {
            assert_eq!(value, &limit, "{keyword} of {property} in {name}");
        }
    }
}
