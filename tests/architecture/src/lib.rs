//! Marquee's rules of architecture, as tests. This library reads the project's files for them.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "tests fail by panicking")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use serde_yaml_ng::{Mapping, Value};

/// The template of the core stack.
const CORE: &str = "template.yaml";

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

/// The files below a folder of the project, by their paths relative to it. A missing folder has none.
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

/// Cargo's metadata of the workspace.
#[must_use]
pub fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        // Not offline: the metadata includes crates for other systems, which a build here never fetched.
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// The names of a package's ordinary dependencies, which are linked into its binaries.
pub fn dependencies(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
}

/// The template of each stack with its path, the core's first. CloudFormation's tags (`!Ref`) are tagged values.
#[must_use]
pub fn stacks() -> Vec<(PathBuf, Value)> {
    let others = files("stacks").into_iter().map(|file| Path::new("stacks").join(file));

    [PathBuf::from(CORE)]
        .into_iter()
        .chain(others.filter(|file| file.extension().is_some_and(|extension| extension == "yaml")))
        .map(|file| {
            let template =
                serde_yaml_ng::from_str(&read(&file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (file, template)
        })
        .collect()
}

/// All stacks merged into one template, with imports replaced by the exported values.
#[must_use]
pub fn template() -> Value {
    let stacks = stacks();
    let exported: BTreeMap<String, Value> = stacks.iter().flat_map(|(file, stack)| exports(file, stack)).collect();

    let mut stacks = stacks.into_iter();
    let (_, mut merged) = stacks.next().expect(CORE);
    for (file, mut stack) in stacks {
        resolve_imports(&mut stack, &exported);
        for section in ["Parameters", "Conditions", "Resources", "Outputs"] {
            let Some(added) = stack[section].as_mapping() else {
                continue;
            };
            let entries = merged[section].as_mapping_mut().expect("a section");
            for (name, value) in added {
                let replaced = entries.insert(name.clone(), value.clone());
                assert!(
                    replaced.is_none_or(|replaced| section != "Resources" && replaced == *value),
                    "{}: another stack has {name:?} in its {section} too",
                    file.display()
                );
            }
        }
    }

    merged
}

/// A stack's exports. Their names have `${Core}` in place of the core's stack name, as imports have: `${Core}-TableName`,
/// `${Core}-recommender-ApiId`.
fn exports(file: &Path, stack: &Value) -> Vec<(String, Value)> {
    // The core's name, or that of an area, which is `<core>-<area>`.
    let stack_name = if file == Path::new(CORE) {
        "${Core}".to_owned()
    } else {
        format!("${{Core}}-{}", file.file_stem().expect("a name").display())
    };

    let outputs = stack["Outputs"].as_mapping().into_iter().flat_map(Mapping::values);
    outputs
        .filter_map(|output| {
            let Value::Tagged(name) = &output["Export"]["Name"] else {
                return None;
            };
            let name = name
                .value
                .as_str()
                .expect("a name")
                .replace("${AWS::StackName}", &stack_name);
            Some((name, output["Value"].clone()))
        })
        .collect()
}

/// Replaces each import by the exported value.
fn resolve_imports(value: &mut Value, exported: &BTreeMap<String, Value>) {
    if let Some(Value::Tagged(name)) = value.get("Fn::ImportValue") {
        let name = name.value.as_str().expect("a name");
        let resolved = exported.get(name).unwrap_or_else(|| panic!("no stack exports {name}"));
        *value = resolved.clone();
        return;
    }
    match value {
        Value::Mapping(mapping) => mapping.values_mut().for_each(|inner| resolve_imports(inner, exported)),
        Value::Sequence(items) => items.iter_mut().for_each(|inner| resolve_imports(inner, exported)),
        Value::Tagged(tagged) => resolve_imports(&mut tagged.value, exported),
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

/// The area and the name of a function, such as `catalog` and `get-title`, from its properties in the template.
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

/// Calls `inspect` with `value` and every value inside it, tagged values included.
pub fn visit(value: &Value, inspect: &mut impl FnMut(&Value)) {
    inspect(value);
    match value {
        Value::Mapping(mapping) => mapping.values().for_each(|inner| visit(inner, inspect)),
        Value::Sequence(items) => items.iter().for_each(|inner| visit(inner, inspect)),
        Value::Tagged(tagged) => visit(&tagged.value, inspect),
        _ => {}
    }
}

/// The texts of one value or of a list.
#[must_use]
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Sequence(items) => items.iter().flat_map(texts).collect(),
        _ => vec![],
    }
}
