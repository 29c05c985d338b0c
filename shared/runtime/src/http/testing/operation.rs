//! The operations of an OpenAPI document, as requests with the document's examples.

use std::collections::BTreeMap;

use lambda_http::http::Method;
use serde_json::Value;

use crate::http::sample;

/// An operation with the values of a request that it accepts.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The id, which is the name of the handler: `get_title`.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path with the names of its parameters: `/api/titles/{title_id}`.
    pub route: String,
    /// The values of these parameters.
    pub parameters: BTreeMap<String, String>,
    /// The query parameters that have an example or a default.
    pub query: Vec<(String, String)>,
    /// Whether a request has a body.
    pub takes_body: bool,
    /// The samples of the body.
    pub bodies: Vec<Value>,
    /// Whether a request needs an access token.
    pub signed_in: bool,
}

impl Operation {
    /// The operations of a document, in the order of their paths.
    pub fn all(document: &Value) -> Vec<Self> {
        let paths = document["paths"].as_object().into_iter().flatten();

        paths
            .flat_map(|(route, methods)| {
                let methods = methods.as_object().into_iter().flatten();
                methods.map(move |(method, operation)| Self::read(document, route, method, operation))
            })
            .collect()
    }

    fn read(document: &Value, route: &str, method: &str, operation: &Value) -> Self {
        let parameters = |place: &str| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters = parameters.filter(|parameter| parameter["in"] == place);
            let values = parameters.filter_map(|parameter| {
                let name = parameter["name"].as_str()?;
                Some((name.to_owned(), example(document, &parameter["schema"])?))
            });
            values.collect::<Vec<_>>()
        };
        let body = operation.pointer("/requestBody/content/application~1json/schema");
        let samples = body.and_then(|schema| resolve(document, schema)?["examples"].as_array());

        Self {
            id: operation["operationId"].as_str().expect("an id").to_owned(),
            method: method.to_uppercase().parse().expect("a method"),
            route: route.to_owned(),
            parameters: parameters("path").into_iter().collect(),
            query: parameters("query"),
            takes_body: body.is_some(),
            bodies: samples.cloned().unwrap_or_default(),
            signed_in: operation.get("security").is_some(),
        }
    }

    /// The path with the values of its parameters.
    pub fn path(&self) -> String {
        let path = self.parameters.iter().fold(self.route.clone(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
        assert!(
            !path.contains('{'),
            "{path}: give the type of this parameter an example"
        );

        path
    }

    /// The query of the address: `limit=20`.
    pub fn query_string(&self) -> String {
        let pairs: Vec<_> = self
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();

        pairs.join("&")
    }

    /// The first sample of the body, if a request has one.
    pub fn body(&self) -> Option<&Value> {
        assert!(
            !self.takes_body || !self.bodies.is_empty(),
            "{} has no sample of its body: list the type in the area's `samples()`",
            self.id
        );

        self.bodies.first()
    }
}

/// The example of a parameter's type, or its default. The document of one area lacks the types of ids that only paths have.
fn example(document: &Value, schema: &Value) -> Option<String> {
    let Some(schema) = resolve(document, schema) else {
        return Some(sample::uuid().to_string());
    };

    match schema.pointer("/examples/0").or_else(|| schema.get("default"))? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The schema, or the one that it refers to.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')),
        None => Some(schema),
    }
}
