//! `openapi.json` is the document of the code. `UPDATE=1 cargo test --workspace --test openapi` writes it.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use marquee_architecture_tests::{resources, template};
use marquee_contract_tests::{document, samples};
use runtime::http::ProblemKind;
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of this test, not a setting of a program"
)]
fn the_document_is_current() {
    let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var("UPDATE").is_ok() {
        fs::write(root().join("openapi.json"), &text).unwrap();
    }

    assert!(
        read("openapi.json") == text,
        "openapi.json is not the document of the code: run with UPDATE=1 and read the diff"
    );
}

/// Every operation of the document, such as `GET /api/me`.
fn operations() -> BTreeSet<String> {
    let document = document();
    let paths = document["paths"].as_object().unwrap().iter();

    paths
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect()
}

/// The routes of the templates: the function, the method and path, and the event's properties.
fn routes() -> Vec<(String, String, Yaml)> {
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
    let deployed: BTreeSet<String> = routes()
        .into_iter()
        .filter(|(function, ..)| function != "not-found")
        .map(|(_, route, _)| route)
        .collect();

    assert_eq!(operations(), deployed, "left: the code, right: the templates");
}

#[test]
fn only_routes_below_auth_need_no_token() {
    let document = document();

    for (function, route, event) in routes() {
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
fn every_route_has_a_sample_event_of_its_own() {
    for (function, route, _) in routes() {
        let event: Value = serde_json::from_str(&read(&format!("events/api/{function}.json"))).unwrap();
        let key = if function == "not-found" { "$default" } else { &route };

        assert_eq!(event["routeKey"], key, "{function}");
    }
}

#[test]
fn every_route_is_in_the_permission_matrix_and_in_its_readme() {
    let matrix: BTreeSet<String> = read("tests/contracts/permissions.tsv")
        .lines()
        .skip(1)
        .map(|row| row.split('\t').take(2).collect::<Vec<_>>().join(" "))
        .map(|route| route.split('?').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        operations(),
        matrix,
        "left: the code, right: tests/contracts/permissions.tsv"
    );

    for (function, route, _) in routes() {
        let found = fs::read_dir(root().join("functions")).unwrap().any(|area| {
            let readme = fs::read_to_string(area.unwrap().path().join("README.md")).unwrap_or_default();
            readme
                .lines()
                .any(|line| line.contains(&format!("`{function}`")) && line.contains(&route))
        });
        assert!(
            found || function == "not-found",
            "{route} has no row with `{function}` in its area's README.md"
        );
    }
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
        let page = read(&format!("docs/problems/{}.md", kind.slug()));
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
    let ids: Vec<&Value> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| &operation["operationId"])
        .collect();
    let distinct: BTreeSet<&str> = ids.iter().filter_map(|id| id.as_str()).collect();
    assert_eq!(distinct.len(), ids.len());

    for reference in document.to_string().split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} does not resolve");
    }
}
