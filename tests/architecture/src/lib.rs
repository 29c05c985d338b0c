//! The house rules of Marquee, as tests. This library reads the project's files for them.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "tests fail by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use serde_yaml_ng::Value;

/// The project's folder.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the project's folder")
}

/// A file of the project.
#[must_use]
pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);

    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder of the project, by their paths from there; an absent folder has none.
#[must_use]
pub fn files(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    let folder = root().join(folder);
    let mut found = Vec::new();
    walk(&folder, &mut found);
    found.sort();

    found
        .into_iter()
        .map(|path| path.strip_prefix(&folder).expect("below the folder").to_owned())
        .collect()
}

/// What Cargo knows of the workspace.
#[must_use]
pub fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        // Not offline: it also asks about crates for other systems, which a build here never fetched.
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// The names of a package's ordinary dependencies: what ends up in its binaries.
pub fn dependencies(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
}

/// The template, with CloudFormation's tags (`!Ref`) as tagged values.
#[must_use]
pub fn template() -> Value {
    serde_yaml_ng::from_str(&read("template.yaml")).expect("template.yaml is YAML")
}

/// The template's resources of a type: logical id and properties.
#[must_use]
pub fn resources(template: &Value, kind: &str) -> Vec<(String, Value)> {
    let all = template["Resources"].as_mapping().expect("Resources");

    all.iter()
        .filter(|(_, resource)| resource["Type"].as_str() == Some(kind))
        .map(|(id, resource)| {
            (
                id.as_str().expect("a logical id").to_owned(),
                resource["Properties"].clone(),
            )
        })
        .collect()
}

/// The area of a function and its name, by the properties that it has in the template: `catalog` and `get-title`.
#[must_use]
pub fn area_and_name(function: &Value) -> (String, String) {
    let text = |property: &str| function[property].as_str().expect(property).to_owned();
    let package = text("CodeUri");
    let area = package
        .strip_prefix("build/functions/")
        .and_then(|name| name.strip_suffix(".zip"))
        .expect("the package of an area");

    (area.to_owned(), text("Handler"))
}

/// Calls `look` with every mapping inside `value`, tagged values included.
pub fn visit(value: &Value, look: &mut impl FnMut(&Value)) {
    look(value);
    match value {
        Value::Mapping(mapping) => mapping.values().for_each(|inner| visit(inner, look)),
        Value::Sequence(items) => items.iter().for_each(|inner| visit(inner, look)),
        Value::Tagged(tagged) => visit(&tagged.value, look),
        _ => {}
    }
}

/// One value or a list of them, as texts.
#[must_use]
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Sequence(items) => items.iter().flat_map(texts).collect(),
        _ => vec![],
    }
}
