//! The workspace's manifest has no leftovers, and the recommender's image is built with all members.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;

use marquee_architecture_tests::{read, root, workspace};

/// The folders of the members, relative to the project's.
fn members() -> Vec<String> {
    let root = root();

    workspace()
        .workspace_packages()
        .iter()
        .map(|package| {
            let manifest = package.manifest_path.as_std_path();
            let folder = manifest.parent().and_then(|folder| folder.strip_prefix(&root).ok());
            folder.expect("a folder of the project").display().to_string()
        })
        .collect()
}

#[test]
fn a_member_uses_every_dependency_of_the_workspace() {
    let manifest = read("Cargo.toml");
    let (_, dependencies) = manifest.split_once("[workspace.dependencies]\n").expect("the section");
    let dependencies = dependencies.split("\n[").next().unwrap_or_default();
    let manifests: Vec<String> = members()
        .iter()
        .map(|folder| read(format!("{folder}/Cargo.toml")))
        .collect();
    let is_used = |name: &str| {
        let forms = [
            format!("{name}.workspace = true"),
            format!("{name} = {{ workspace = true"),
        ];
        let mut lines = manifests.iter().flat_map(|manifest| manifest.lines());
        lines.any(|line| forms.iter().any(|form| line.starts_with(form)))
    };

    let names = dependencies.lines().filter(|line| !line.starts_with('#'));
    let unused: Vec<&str> = names
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .filter(|name| !is_used(name))
        .collect();

    assert!(
        unused.is_empty(),
        "Cargo.toml: delete {unused:?} from `workspace.dependencies`"
    );
}

#[test]
fn the_image_of_the_recommender_is_built_with_every_member() {
    let ignored = read("recommender/Dockerfile.dockerignore");
    let copied: BTreeSet<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let members = members();
    let folders = members.iter().filter_map(|folder| folder.split('/').next());
    let needed: BTreeSet<&str> = folders.chain(["Cargo.toml", "Cargo.lock"]).collect();

    assert_eq!(
        copied, needed,
        "left: recommender/Dockerfile.dockerignore, right: the workspace"
    );
}
