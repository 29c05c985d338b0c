//! The house rules of Marquee, as tests. This library reads the project's files for them.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "tests fail by panicking")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use serde_yaml_ng::{Mapping, Value};

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

/// The template of each stack, by its path, with CloudFormation's tags (`!Ref`) as tagged values: the core's, then the others'.
#[must_use]
pub fn stacks() -> Vec<(PathBuf, Value)> {
    let others = files("stacks").into_iter().map(|file| Path::new("stacks").join(file));

    [PathBuf::from("template.yaml")]
        .into_iter()
        .chain(others.filter(|file| file.extension().is_some_and(|extension| extension == "yaml")))
        .map(|file| {
            let template =
                serde_yaml_ng::from_str(&read(&file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (file, template)
        })
        .collect()
}

/// All stacks as one template: what holds for the application holds however it is cut. An import is what the other stack exports.
#[must_use]
pub fn template() -> Value {
    let stacks = stacks();
    let mut exports = BTreeMap::new();
    for (_, stack) in &stacks {
        for output in stack["Outputs"].as_mapping().into_iter().flat_map(Mapping::values) {
            if let Value::Tagged(name) = &output["Export"]["Name"] {
                let name = name.value.as_str().expect("a name").replace("${AWS::StackName}-", "");
                exports.entry(name).or_insert_with(|| output["Value"].clone());
            }
        }
    }

    let mut stacks = stacks.into_iter();
    let (_, mut whole) = stacks.next().expect("template.yaml");
    for (file, mut stack) in stacks {
        resolve(&mut stack, &exports);
        for section in ["Parameters", "Conditions", "Resources", "Outputs"] {
            let Some(added) = stack[section].as_mapping() else {
                continue;
            };
            let all = whole[section].as_mapping_mut().expect("a section");
            for (name, value) in added {
                let before = all.insert(name.clone(), value.clone());
                assert!(
                    before.is_none_or(|before| section != "Resources" && before == *value),
                    "{}: another stack has {name:?} in its {section} too",
                    file.display()
                );
            }
        }
    }

    whole
}

/// Puts what is exported where it is imported.
fn resolve(value: &mut Value, exports: &BTreeMap<String, Value>) {
    if let Some(Value::Tagged(name)) = value.get("Fn::ImportValue") {
        let name = name.value.as_str().expect("a name").replace("${Core}-", "");
        // That of an area has the area's name in it: `recommender-ApiId`.
        let name = exports.get(&name).or_else(|| exports.get(name.split_once('-')?.1));
        *value = name.expect("what is imported is exported").clone();
        return;
    }
    match value {
        Value::Mapping(mapping) => mapping.values_mut().for_each(|inner| resolve(inner, exports)),
        Value::Sequence(items) => items.iter_mut().for_each(|inner| resolve(inner, exports)),
        Value::Tagged(tagged) => resolve(&mut tagged.value, exports),
        _ => {}
    }
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
        .trim_start_matches("../")
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
