//! What the template declares.

use std::fs;

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

use crate::emulator::project;

/// These properties of a resource, as JSON. None of them may have tags of CloudFormation.
pub(crate) fn properties(resource: &str, names: &[&str]) -> Value {
    let template = fs::read_to_string(project().join("template.yaml")).expect("template.yaml");
    let template: Yaml = serde_yaml_ng::from_str(&template).expect("YAML");
    let properties = &template["Resources"][resource]["Properties"];
    let pairs = names.iter().map(|name| {
        let value = properties
            .get(name)
            .unwrap_or_else(|| panic!("{resource} has no property {name}"));
        ((*name).to_owned(), serde_json::to_value(value).expect("JSON"))
    });

    Value::Object(pairs.collect::<Map<_, _>>())
}
